"""``presslens labels``: labels beyond the subjects, and a researcher's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.notices import warn_of_queue
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.labels.labels import LabelState, list_labels, remove_label
from presslens.pipelines.scans.sandbox import Sandbox

cli = typer.Typer(no_args_is_help=True)

LabelArgument = Annotated[str, typer.Argument(help="Lowercase letters, digits and underscores.")]


@command(cli, "add")
def add(
    name: LabelArgument,
    examples: Annotated[
        Path,
        typer.Option(
            exists=True,
            file_okay=False,
            help="A folder with photos that show it in yes/, others in no/; 5 of each at least.",
        ),
    ],
) -> Printed:
    """Learn a label from examples; all photos are interpreted again by the worker."""
    # It brings the models along: imported only where it is needed.
    from presslens.app.services.labels.training import add_label, photo_reader, prepare

    settings = Settings()
    with open_installation(settings) as home, Sandbox(settings.limits) as sandbox:
        photos = prepare(home, name, examples)
        with progress("observing examples", remains="the label is not added") as work:
            label = add_label(
                home,
                name,
                photos,
                photo_reader(home, sandbox),
                now=clock.now(),
                progress=work.update,
            )
        yield label
        yield f"{name}: {_metrics(label)}; the photos are interpreted again by the worker"
        warn_of_queue(home)


@command(cli, "list")
def list_all(home: Installation) -> Printed:
    """List the labels of photos, and how accurate each is."""
    labels = list_labels(home)
    yield labels
    heads = ("label", "built in", "used", "cross-validated")
    yield ReadableTable.of(*heads, whole=("label",), rows=map(_row, labels.labels))


def _row(label: LabelState) -> tuple[str, ...]:
    used = "yes" if label.used else f"no: {label.reason}"
    return label.name, "yes" if label.built_in else "no", used, _metrics(label)


@command(cli, "remove")
def remove(home: Installation, name: LabelArgument) -> Printed:
    """Remove a label that was added; its example photos stay in the store."""
    remove_label(home, name)
    yield {"removed": name}
    yield f"{name} is removed; the photos are interpreted again by the worker"
    warn_of_queue(home)


def _metrics(label: LabelState) -> str:
    photos = f"n = {label.examples}, {label.positive} show it"
    if label.figures is None:
        return photos if label.unmeasured is None else f"{photos}: {label.unmeasured}"
    return f"AP {label.figures.ap:.2f}, F1 {label.figures.f1:.2f} ({photos})"
