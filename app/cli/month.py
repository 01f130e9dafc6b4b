"""``presslens demo month``: a month of composed editions to try everything with, and its truth."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import say, tell
from presslens.app.cli.progress import WorkDone, progress
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.pipelines.counted import counted

if TYPE_CHECKING:
    from presslens.app.month.make import OnMonth

FolderOption = Annotated[Path, typer.Option(help="The folder of the month.")]
MONTH = Path("var/month")


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
    with progress("composing", kept="nothing: the month is complete, or it is not there") as work:
        made = make_month(Settings(), folder, recording=recording, progress=_teller(work))
    pages = len(made.names)
    tell(f"{pages - made.replayed} of {pages} scans were looked at by the networks now")
    say(
        f"A month of {made.editions} composed editions, no real newspaper, is in {made.data}\n"
        f"Look at it:   PRESSLENS_DATA_DIR={made.data} presslens serve\n"
        "              and open http://127.0.0.1:8000/\n"
        "Learn by it:  docs/tutorial/month.md"
    )


def answers(
    sheet: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A coding sheet.")],
    save_to: Annotated[Path, typer.Option("--out", help="The file for the answered sheet.")],
    folder: FolderOption = MONTH,
) -> None:
    """Fill in a coding sheet of the month with what its photos truly show."""
    from presslens.app.installation import open_installation
    from presslens.app.month.make import TRUTH, month_settings
    from presslens.app.month.truth import answer_sheet
    from presslens.app.platform.settings import Settings

    with open_installation(month_settings(Settings(), folder)) as home:
        count = answer_sheet(home, folder / TRUTH, sheet, save_to)
    say(f"{counted(count, 'answer')} written to {save_to}")


@command()
def truth(
    measure: Annotated[str, typer.Argument(help="A subject, leader, focus_leader, …")],
    query: EditionQuery,
    folder: FolderOption = MONTH,
) -> Printed:
    """Say what share of the composed photos truly show a measure."""
    from presslens.app.month.make import TRUTH
    from presslens.app.month.truth import true_share

    true = true_share(folder / TRUTH, measure, query.scope)
    yield true
    share = "not known" if true.share is None else f"{true.share:.1%}"
    unsure = f"; of {true.unsure} more it is not certain" if true.unsure else ""
    yield f"{measure}: truly {share}, {true.shown} of {true.photos} photos{unsure}"


def _teller(work: WorkDone) -> OnMonth:
    def tell_of(step: str, done: int, of: int) -> None:
        work.label = step
        work.update(done, of or None)

    return tell_of
