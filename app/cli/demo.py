"""``presslens demo``: two sample editions through the real service, and a report to open."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from presslens.app.cli.composition_table import composition_table
from presslens.app.cli.console import say, tell
from presslens.app.cli.month import answers, month, truth
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import print_table
from presslens.app.demo import EDITIONS, demo_service, prepare_samples
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.platform.weights import acquire
from presslens.app.web.report import report_font, stored_edition, write_report

NOTICE = (
    "These editions are composed samples, not a real newspaper: pages laid out by a program from "
    "openly available photographs. Their numbers say nothing about any country's press."
)


cli = typer.Typer(invoke_without_command=True, pretty_exceptions_enable=False)


@cli.callback()
def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Where the demonstration keeps its files.")] = Path(
        "var/demo"
    ),
) -> None:
    """Analyse two sample editions, print their composition, and leave their pages to open."""
    if context.invoked_subcommand is not None:
        return
    settings, data = Settings(), folder / "data"
    for old in (data, folder / "report"):
        shutil.rmtree(old, ignore_errors=True)
    acquire(settings.load_registry(), progress=lambda package: tell(f"fetching {package}"))
    tell("composing two sample editions")
    with progress("composing"):
        prepare_samples(folder, settings)
    tell("starting the service")
    with demo_service(data, settings) as service:
        service.enrol("Sample leader", folder / "leader")
        editions = [service.upload(folder / kind) for kind in EDITIONS]
        pages, before = sum(edition.pages for edition in editions), 0
        with progress("analysing", kept=f"what was analysed lies in {data}") as work:
            for edition in reversed(editions):  # a worker looks at the latest day first
                for done, _ in service.watch(edition):
                    work.update(before + done, pages, edition.title)
                before += edition.pages
    own = Settings(data_dir=data, database_url="", store_url="")
    with open_installation(own) as home:
        shown = [stored_edition(home, edition.id) for edition in editions]
        titled = list(zip([edition.title for edition in editions], shown, strict=True))
        print_table(composition_table([(title, one.view.composition) for title, one in titled]))
        for title, one in titled:
            lead = one.view.composition["front_lead_focus"]
            say(f"front page of the {title}, lead photo: focus {lead or 'not known'}")
        with progress("writing the report"):
            index = write_report(
                shown,
                folder / "report",
                title="Two sample editions",
                today=clock.now().date(),
                notice=NOTICE,
                font=report_font(settings),
            )
    say(f"\n{NOTICE}\n")
    say(f"Open {index} in a browser. Or look at all pages:")
    say(f"  PRESSLENS_DATA_DIR={data} presslens serve")
    say("and open http://127.0.0.1:8000/")
    say("A month of composed editions, to try everything with: presslens demo month")


cli.command("month")(month)
cli.command("answers")(answers)
cli.command("truth")(truth)
