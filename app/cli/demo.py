"""``presslens demo``: two sample editions through the real service, and a report to open."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from app.cli.composition_table import composition_table
from app.cli.console import err, out, progress
from app.demo import EDITIONS, demo_service, prepare_samples
from app.settings import Settings
from app.web.report import lead_photo, write_report
from app.weights import acquire

NOTICE = (
    "These editions are composed samples, not a real newspaper: pages laid out by a program from "
    "openly available photographs. Their numbers say nothing about any country's press."
)


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demonstration keeps its files.")] = Path(
        "var/demo"
    ),
) -> None:
    """Analyse two sample editions, print their composition, and leave a report to open."""
    settings, data = Settings(), folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    acquire(settings.load_registry(), progress=lambda package: err.print(f"fetching {package}"))
    err.print("composing two sample editions")
    prepare_samples(folder, settings.cache_dir / "samples")
    err.print("starting the service")
    with demo_service(data, settings) as service:
        service.enrol("Sample leader", folder / "leader")
        editions = [service.upload(folder / kind) for kind in EDITIONS]
        with progress("analysing") as bar:
            tasks = [bar.add_task(edition.title, total=edition.pages) for edition in editions]
            for task, edition in zip(tasks, editions, strict=True):
                for done, of in service.watch(edition):
                    bar.update(task, completed=done, total=of)
                    if not err.is_terminal:
                        err.print(f"{edition.title}: {done} of {of} pages")
        shown = [service.read(edition) for edition in editions]
        recipe = service.recipe()
    out.print(composition_table([(e.title, e.composition) for e in shown]))
    for report in shown:
        lead = lead_photo(report)
        if lead is not None:
            out.print(f"front page of the {report.title}, lead photo: focus {_focus(lead)}")
    index = write_report(
        shown, folder / "report", title="Two sample editions", notice=NOTICE, recipe=recipe
    )
    out.print(f"\n{NOTICE}\n\nThe report, to open in a browser: {index}")


def _focus(photo: dict[str, object]) -> str:
    focus = photo["focus"]
    if not isinstance(focus, dict):
        raise TypeError("a photo without a focus")
    return f"{focus['verdict']} (leader {focus['leader']:.2f}, facility {focus['facility']:.2f})"
