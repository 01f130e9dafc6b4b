"""``presslens reviews model``: what models say that photos show, apart from what people say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Aside
from presslens.app.cli.estimate import estimate_tables
from presslens.app.cli.options import Helps
from presslens.app.cli.progress import progress
from presslens.app.cli.stats import parsed_metric
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.reviews.model_answers import (
    ModelAgreement,
    list_models,
    model_agreement,
    remove_model,
    take_answers,
)
from presslens.app.services.reviews.model_estimates import estimate_with_model
from presslens.app.services.reviews.model_prompts import write_prompts
from presslens.app.services.statistics.queries import ShareQuery
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.measure import Weight
from presslens.pipelines.statistics.peer_agreement import METHOD, WeighedShare
from presslens.pipelines.written_numbers import percent

cli = typer.Typer(no_args_is_help=True)

ModelOption = Annotated[str, typer.Option("--model", help="NAME@VERSION of the model.")]


@command(cli, "prompts")
def prompts(
    home: Installation,
    folder: Annotated[Path, typer.Argument(help="A new folder for prompts, items and pictures.")],
    measure: Annotated[list[str], typer.Option(help="children, focus, label:NAME, …; several.")],
    sample: Annotated[str | None, typer.Option(help="Only the photos of this sample.")] = None,
    *,
    query: Annotated[EditionQuery, Helps(publication="Only of this newspaper.")],
) -> Printed:
    """Write what to ask a model: one prompt a question, and the pictures of all photos."""
    with progress("writing pictures", remains="the folder is not complete") as work:
        written = write_prompts(
            home, folder, measure, query.scope, sample=sample, progress=work.update
        )
    yield written
    yield (
        f"{counted(written.items, 'item')} about {counted(written.photos, 'photo')} in {folder};"
        " `presslens reviews model import` takes the answers"
    )


@command(cli, "import", doing="importing", remains="no answer is taken in")
def import_answers(
    home: Installation,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="CSV or JSON lines: photo, question, answer, …"
        ),
    ],
    model: ModelOption,
) -> Printed:
    """Take in a model's answers, all of them or, if a line is wrong, none; they settle nothing."""
    as_json = file.suffix.lower() in (".jsonl", ".ndjson", ".json")
    with file.open(encoding="utf-8-sig", newline=None if as_json else "") as lines:
        done = take_answers(home, model, lines, as_json=as_json, now=clock.now())
    yield done
    yield (
        f"{counted(done.answers, 'answer')} of {done.coder} about {counted(done.photos, 'photo')};"
        f" {done.repeated} were there already"
    )


@command(cli, "list")
def list_all(home: Installation) -> Printed:
    """List the models that have answered, and for how many photos."""
    models = list_models(home)
    yield {"models": [one.to_json() for one in models]}
    rows = ((one.coder, name, count) for one in models for name, count in one.photos.items())
    yield ReadableTable.of("model", "measure", "photos", whole=("model", "measure"), rows=rows)


@command(cli, "agreement")
def agreement(
    home: Installation,
    measure: Annotated[str | None, typer.Option(help="Only this measure.")] = None,
) -> Printed:
    """Show how far models agree with what people have settled."""
    found = model_agreement(home, measure)
    yield {"agreement": [one.to_json() for one in found]}
    heads = ("model", "measure", "photos", "n", "can't tell", "kappa", "finds", "passes")
    yield ReadableTable.of(
        *heads,
        whole=heads[:3],
        rows=(row for one in found for row in _agreed(one)),
        notes=f"drawn: about all photos of the samples' editions, {METHOD}; picked: about these"
        " photos alone; finds, passes: of photos that show it, and of those that don't",
    )


@command(cli, "estimate", doing="estimating")
def estimate(
    home: Installation,
    metric: Annotated[str, typer.Argument(help="children, leader@front, label:indoor, …")],
    model: ModelOption,
    by: Annotated[
        str | None, typer.Option(help="publication, month, year, or another column of the table.")
    ] = None,
    *,
    query: Annotated[ShareQuery, Helps(page="", estimand="", recipe="")],
) -> Printed:
    """Estimate a share by a model's answers, corrected by drawn photos that people answered."""
    check_scope(home, query.criteria)
    share = parsed_metric(metric, home)
    result = estimate_with_model(home, share, query.criteria, model, by=by)
    yield result
    yield from estimate_tables(result, Weight.COUNT)


@command(cli, "remove")
def remove(
    home: Installation, model: Annotated[str, typer.Argument(help="NAME@VERSION of the model.")]
) -> Printed:
    """Delete all answers of a model."""
    count = remove_model(home, model)
    yield {"removed": model, "answers": count}
    yield Aside(f"{counted(count, 'answer')} of {model} deleted")


def _agreed(one: ModelAgreement) -> Iterator[tuple[object, ...]]:
    """Yield the row of drawn photos, and that of picked ones if there are any."""
    for photos, of in (("drawn", one.drawn), ("picked", one.picked)):
        if of is one.drawn or of.n + of.cant_tell:
            agreed = "–" if of.kappa is None else f"{of.kappa:.2f}"
            if of.kappa_interval is not None:
                agreed += " [{:.2f} to {:.2f}]".format(*of.kappa_interval)
            sides = map(_side, (of.sensitivity, of.specificity))
            yield (one.coder, one.measure, photos, of.n, of.cant_tell, agreed, *sides)


def _side(side: WeighedShare) -> str:
    if side.share is None:
        return "–"
    interval = "" if side.interval is None else " [{} to {}]".format(*map(percent, side.interval))
    return f"{percent(side.share)}{interval} of {side.n}"
