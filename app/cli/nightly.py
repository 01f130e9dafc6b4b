"""The command of the night: take in what is new, do what waits, and report it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import emit_json, fail, say, tell, warn
from app.cli.options import EngineOption, JsonOption, ModeOption, settings_on
from app.cli.progress import WorkDone, progress
from app.db.columns import JobKind
from app.installation import Installation, open_installation
from app.services.analysis.workload import workload
from app.settings import Settings
from pipelines.counted import counted

if TYPE_CHECKING:
    from app.worker import Worker

MOST_RUNS = 30
"""Nights that the history shows, unless another number is asked for."""


def nightly(
    inbox: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="The folder of new editions.")
    ] = None,
    mode: ModeOption = None,
    history: Annotated[bool, typer.Option("--history", help="Show earlier nights alone.")] = False,
    engine: EngineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import new edition folders, analyse all pages without an outcome, and print a summary.

    A folder whose day has an edition of other files is left where it is, unless --mode says what
    it is, or the end of its name: "Rodong Sinmun_2019-12-16 (add)".
    """
    if history:
        _show_history(as_json)
        return
    if inbox is None:
        raise typer.BadParameter("give the folder of new editions", param_hint="--inbox")
    from app.nightly.run import run_nightly

    summary = run_nightly(settings_on(engine), inbox, mode=mode, watch=_watch)
    if as_json:
        emit_json(summary.to_json())
    else:
        say(summary.text())
    for note in summary.notes:
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


def _show_history(as_json: bool) -> None:
    """Write the latest nights, the latest first, with what each imported."""
    from app.nightly.record import list_runs

    with open_installation(Settings()) as home:
        runs = list_runs(home, limit=MOST_RUNS)
    if as_json:
        emit_json({"schema": 1, "runs": [run.to_json() for run in runs]})
        return
    for run in runs:
        say(run.text())
    if not runs:
        tell("no night is on record yet: `presslens nightly --inbox FOLDER`")


def _watch(home: Installation, worker: Worker) -> AbstractContextManager[WorkDone]:
    """Show how many of the pages of this run are analysed."""

    def count() -> tuple[int, int]:
        done = sum(worker.outcomes.values())
        return done, done + workload(home).waiting[JobKind.OBSERVE]

    def kept(work: WorkDone) -> str:
        return (
            f"{counted(work.done, 'page')} analysed, which stay done; the next run goes on with"
            f" the other {counted((work.total or 0) - work.done, 'page')}"
        )

    return progress("analysing", kept=kept, poll=count)
