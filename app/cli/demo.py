"""``presslens demo``: two sample editions through the real service, and a report to open."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.composition_table import composition_table
from presslens.app.cli.console import say, tell
from presslens.app.cli.progress import WorkDone, progress
from presslens.app.cli.tables import print_table
from presslens.app.demo import EDITIONS, demo_service, prepare_samples
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.platform.weights import acquire
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.web.report import report_font, stored_edition, write_report
from presslens.pipelines.counted import counted
from presslens.pipelines.written_numbers import in_tenths

if TYPE_CHECKING:
    from presslens.app.month.make import OnMonth

FolderOption = Annotated[Path, typer.Option(help="The folder of the month.")]

FoundFolder = Annotated[
    Path | None,
    typer.Option(
        "--folder", help="The folder of the month; without: where it is, by PRESSLENS_DATA_DIR."
    ),
]

MONTH = Path("var/month")

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
        with progress("analysing", remains=f"what was analysed lies in {data}") as work:
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
            lead, note = (one.view.composition[f"front_lead_{key}"] for key in ("focus", "note"))
            beside = f" ({note})" if note else ""
            say(f"front page of the {title}, lead photo: focus {lead or 'not known'}{beside}")
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


@cli.command("month")
def month(
    folder: FolderOption = MONTH,
    look: Annotated[
        bool, typer.Option("--look", help="Let the networks look at every page again.")
    ] = False,
) -> None:
    """Make a month of two composed newspapers, analysed, in a folder of its own.

    What the networks saw comes with the program; with --look they look again, for some minutes.
    """
    from presslens.app.month.make import make_month, shipped_recording
    from presslens.app.platform.logs import configure_logs
    from presslens.app.platform.settings import Settings

    configure_logs(least=logging.ERROR)
    recording = None if look else shipped_recording()
    with progress(
        "composing", remains="nothing: the month is complete, or it is not there"
    ) as work:
        made = make_month(Settings(), folder, recording=recording, progress=_teller(work))
    tell(_seen_in_words(made.replayed, len(made.names)))
    say(
        f"A month of {made.editions} composed editions, no real newspaper, is in {made.data}\n"
        f"Look at it:   PRESSLENS_DATA_DIR={made.data} presslens serve\n"
        "              and open http://127.0.0.1:8000/\n"
        "Learn by it:  docs/tutorial/month.md"
    )


@cli.command("answers")
def answers(
    sheet: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A coding sheet.")],
    save_to: Annotated[Path, typer.Option("--out", help="The file for the answered sheet.")],
    folder: FoundFolder = None,
) -> None:
    """Fill in a coding sheet of the month with what its photos truly show."""
    from presslens.app.installation import open_installation
    from presslens.app.month.make import TRUTH, month_settings
    from presslens.app.month.truth import answer_sheet
    from presslens.app.platform.settings import Settings

    month = _month_in(folder)
    with open_installation(month_settings(Settings(), month)) as home:
        answered, photos = answer_sheet(home, month / TRUTH, sheet, save_to)
    say(f"{counted(answered, 'answer')} to {counted(photos, 'photo')} written to {save_to}")


@command(cli, "truth")
def truth(
    measure: Annotated[str, typer.Argument(help="A subject, leader, focus_leader, …")],
    query: EditionQuery,
    folder: FoundFolder = None,
) -> Printed:
    """Say what share of the composed photos truly show a measure."""
    from presslens.app.month.make import TRUTH
    from presslens.app.month.truth import true_share

    true = true_share(_month_in(folder) / TRUTH, measure, query.scope)
    yield true
    share = "not known" if true.share is None else in_tenths(true.share)
    unsure = f"; of {true.unsure} more it is not certain" if true.unsure else ""
    yield f"{measure}: truly {share}, {true.shown} of {true.photos} photos{unsure}"


def _month_in(folder: Path | None) -> Path:
    """Return the folder of the month: the one that is named, or that of the data folder.

    Raises:
        InvalidRequest: There is no month; the message names where one was looked for.
    """
    from presslens.app.month.make import TRUTH
    from presslens.app.platform.errors import InvalidRequest

    data = Settings().data_dir.absolute()
    places = [folder, folder.parent] if folder else [data.parent, data, MONTH]
    for place in places:
        if (place / TRUTH).is_dir():
            return place
    raise InvalidRequest(
        f"no month of composed editions is in {' or '.join(map(str, places))}: `presslens demo"
        " month` makes one, and --folder or PRESSLENS_DATA_DIR says where another is"
    )


def _seen_in_words(recorded: int, scans: int) -> str:
    """Return how many scans the networks looked at now, and of how many their look was recorded.

    >>> _seen_in_words(270, 277)
    'the networks looked at 7 scans now; what they saw on 270 comes with the program'
    """
    looked = f"the networks looked at {scans - recorded or 'no'} scans now"
    return f"{looked}; what they saw on {recorded} comes with the program" if recorded else looked


def _teller(work: WorkDone) -> OnMonth:
    def tell_of(step: str, done: int, of: int) -> None:
        work.take_step(step, done, of or None)

    return tell_of
