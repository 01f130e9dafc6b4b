"""The command of the night: take in what is new, do what waits, and report it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Aside, fail, tell, warn
from presslens.app.cli.options import EngineOption, ModeOption, settings_on
from presslens.app.cli.progress import WorkDone, progress
from presslens.app.cli.usage import DAY, read_day
from presslens.app.db.columns import JobKind
from presslens.app.installation import Installation, open_installation
from presslens.app.nightly.options import NightOptions
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.workload import workload
from presslens.pipelines.counted import counted

if TYPE_CHECKING:
    from presslens.app.worker import Worker

MOST_RUNS = 30
"""Nights that the history shows, unless another number is asked for."""


@command()
def nightly(
    inbox: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="The folder of new editions.")
    ] = None,
    mode: ModeOption = None,
    since: Annotated[
        date | None,
        typer.Option(parser=read_day, metavar=DAY, help="Leave editions of earlier days alone."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Look at so many pages, and leave the others.")
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Look again at pages that failed before.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Write the morning report into this folder."),
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="Show earlier nights alone.")] = False,
    engine: EngineOption = None,
) -> Printed:
    """Import new edition folders, analyse all pages without an outcome, and print a summary.

    A folder whose day has an edition of other files is left where it is, unless --mode says what
    it is, or the end of its name: "Rodong Sinmun_2019-12-16 (add)".
    """
    if history:
        yield from _history()
        return
    if inbox is None:
        raise typer.BadParameter("give the folder of new editions", param_hint="--inbox")
    options = NightOptions(mode, since, limit, retry_failed, report)
    if dry_run:
        from presslens.app.nightly.preview import preview_night

        preview = preview_night(Settings(), inbox, options)
        yield preview
        yield preview.text()
        return
    from presslens.app.nightly.run import run_nightly

    summary = run_nightly(settings_on(engine), inbox, options, watch=partial(_watch, limit))
    yield summary
    yield summary.text()
    for note in (*summary.notes, *summary.undelivered):
        warn(note)
    for page in summary.refused:
        fail(page.sentence())
    if summary.refused:
        tell(
            "give readable scans of these pages, and import the whole edition again; or accept the"
            " gap: `presslens editions settle EDITION`"
        )
    if summary.failed:
        fail("some input failed; see above")
        raise typer.Exit(1)


def _history() -> Printed:
    """Yield the latest nights, the latest first, with what each imported."""
    from presslens.app.services.ingest.nights import list_runs

    with open_installation(Settings()) as home:
        runs = list_runs(home, limit=MOST_RUNS)
    yield {"schema": 1, "runs": [run.to_json() for run in runs]}
    for run in runs:
        yield run.text()
    if not runs:
        yield Aside("no night is on record yet: `presslens nightly --inbox FOLDER`")


def _watch(
    limit: int | None, home: Installation, worker: Worker
) -> AbstractContextManager[WorkDone]:
    """Show how many of the pages of this run are analysed, and about how long the others take."""

    def count() -> tuple[int, int]:
        done = sum(worker.outcomes.values())
        total = done + workload(home).waiting[JobKind.OBSERVE]
        return done, total if limit is None else min(total, limit)

    def remains(work: WorkDone) -> str:
        return (
            f"{counted(work.done, 'page')} analysed, which stay done; the next run goes on with"
            f" the other {counted((work.total or 0) - work.done, 'page')}"
        )

    return progress("analysing", remains=remains, poll=count)
