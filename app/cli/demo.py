"""``presslens demo``: two sample editions through the real service, and a report to open."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from app import clock
from app.cli.composition_table import composition_table
from app.cli.console import err, out, progress
from app.demo import EDITIONS, demo_service, prepare_samples
from app.installation import open_installation
from app.settings import Settings
from app.web.report import report_font, stored_edition, write_report
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
    """Analyse two sample editions, print their composition, and leave their pages to open."""
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
    own = Settings(data_dir=data, database_url="")
    with open_installation(own) as home:
        shown = [stored_edition(home, edition.id) for edition in editions]
        titled = list(zip([edition.title for edition in editions], shown, strict=True))
        out.print(composition_table([(title, one.view.composition) for title, one in titled]))
        for title, one in titled:
            lead = one.view.composition["front_lead_focus"]
            out.print(f"front page of the {title}, lead photo: focus {lead or 'not known'}")
        index = write_report(
            shown,
            folder / "report",
            title="Two sample editions",
            today=clock.now().date(),
            notice=NOTICE,
            font=report_font(settings),
        )
    out.print(f"\n{NOTICE}\n")
    out.print(f"Open {index} in a browser. Or look at all pages:", soft_wrap=True)
    out.print(f"  PRESSLENS_DATA_DIR={data} presslens serve", soft_wrap=True, highlight=False)
    out.print("and open http://127.0.0.1:8000/", highlight=False)
