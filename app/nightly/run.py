"""The nightly run: imports new editions, analyses them, and reports the result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from app import clock
from app.db.tables import OutcomeRow
from app.installation import Installation, open_installation
from app.logs import configure_logs
from app.nightly.claim_checks import check_claims
from app.nightly.delivery import deliver
from app.nightly.edition_results import results_since
from app.nightly.lock import night_lock
from app.nightly.options import NightOptions
from app.nightly.record import begin_run, end_run, list_runs
from app.nightly.summary import NightlySummary
from app.services.analysis.quota import MOST_FAILING, PageQuota, is_failing
from app.services.analysis.workload import workload
from app.services.catalogue.refused_pages import coarse_scans, refused_pages
from app.services.figures.figures import list_figures
from app.services.ingest.inbox import InboxImport, import_inbox
from app.services.ingest.retry import retry_pages
from app.settings import Settings
from app.worker import Worker, open_worker
from models.faces.gallery import Role
from models.message import Message
from pipelines.counted import counted

USUAL = NightOptions()
"""All work that waits, and no page twice."""

Watch = Callable[[Installation, Worker], AbstractContextManager[object]]
"""Returns what is open while a worker works, to show how far it has come."""


def run_nightly(
    settings: Settings,
    inbox: Path,
    options: NightOptions = USUAL,
    *,
    watch: Watch = lambda _home, _worker: nullcontext(),
) -> NightlySummary:
    """Import and analyse; a second run over the same inbox does nothing.

    While another run is at work, nothing is done, and the summary says so.

    Args:
        settings: The settings.
        inbox: The folder of what comes in.
        options: What is to be done.
        watch: Shows how far the worker has come.

    Raises:
        PresslensError: The installation can't be opened, or a weight file is missing.
    """
    configure_logs()
    with open_installation(settings) as home, night_lock(home) as is_ours:
        if not is_ours:
            return _running_already(home)
        began = clock.now()
        run_id = begin_run(home, now=began)
        imported = import_inbox(
            home, inbox, now=began, mode=options.mode, since=options.since, run_id=run_id
        )
        retried = retry_failed(home) if options.retry_failed else 0
        with open_worker(home, threading.Event()) as worker, watch(home, worker):
            worker.tools.quota = PageQuota(options.limit, stops=True)
            summary = analyse_imported(home, worker, imported, since=began, retried=retried)
        end_run(home, run_id, summary.to_json(), int(summary.failed), now=clock.now())
    # What follows may take its time, and keeps no other run from its work.
    return replace(summary, undelivered=deliver(summary, settings, options.report))


def _running_already(home: Installation) -> NightlySummary:
    """Return the summary of a run that did nothing, since another one is at work."""
    others = [
        f", since {other.began_at:%Y-%m-%d %H:%M} on {other.machine}"
        for other in list_runs(home, limit=1)
    ]
    where = "".join(others)
    note = f"a nightly run is at work already{where}: this one did nothing"
    return NightlySummary(InboxImport((), 0, {}), {}, workload(home), notes=[note], already=True)


def retry_failed(home: Installation) -> int:
    """Have all pages that could not be analysed looked at again; return their number."""
    refused = refused_pages(home)
    for edition_id in dict.fromkeys(page.edition_id for page in refused):
        retry_pages(home, edition_id, {p.number for p in refused if p.edition_id == edition_id})
    return len(refused)


def analyse_imported(
    home: Installation,
    worker: Worker,
    imported: InboxImport,
    *,
    since: datetime | None = None,
    retried: int = 0,
) -> NightlySummary:
    """Do all work that waits, check the registered claims, and return the result of the run.

    Args:
        home: The installation.
        worker: Does the work, as far as its quota admits pages.
        imported: The result of importing the inbox.
        since: When the night began; None: now.
        retried: Number of pages that are tried again.
    """
    began = since or clock.now()
    worker.drain()
    outcomes, quota = dict(worker.outcomes), worker.tools.quota
    causes = _causes(home, began)
    notes = [*_notes(home, imported), *coarse_scans(home, began)]
    notes += _too_many(causes, sum(outcomes.values()))
    return NightlySummary(
        imported,
        outcomes,
        workload(home),
        refused_pages(home),
        notes,
        causes,
        began_at=began,
        ended_at=clock.now(),
        retried=retried,
        stopped=quota.stops and is_failing(outcomes),
        limit=quota.most,
        editions=results_since(home, began),
        claims=check_claims(home, now=clock.now()),
    )


def _causes(home: Installation, since: datetime) -> dict[str, int]:
    """Return how many pages could not be analysed since then, by cause, most frequent first.

    The cause is the category of a failure, or the reason of a rejection.
    """
    count = func.count()
    cause = func.coalesce(OutcomeRow.category, OutcomeRow.reason)
    query = (
        select(cause, count)
        .filter_by(observation_id=home.recipe.observation_id)
        .where(OutcomeRow.seen_at >= since, OutcomeRow.reason.is_not(None))
        .group_by(cause)
        .order_by(count.desc(), cause)
    )
    with home.database.read() as session:
        return {str(one): pages for one, pages in session.execute(query)}


def _too_many(causes: Mapping[str, int], pages: int) -> list[str]:
    """Return a warning if more of a night's pages could not be analysed than chance explains."""
    lost = sum(causes.values())
    if lost <= MOST_FAILING * pages:
        return []
    told = ", ".join(f"{reason} {count}" for reason, count in causes.items())
    return [
        f"{lost} of {counted(pages, 'page')} could not be analysed ({told}): more than"
        f" {MOST_FAILING:.0%}, so look for the cause before this night's numbers are used"
    ]


def _notes(home: Installation, imported: InboxImport) -> list[str]:
    notes = [
        f"{name}: sub-folders are passed over: {', '.join(folders)}"
        for name, folders in imported.passed_over.items()
    ]
    notes += [f"{name}: {note}" for name, noted in imported.noted.items() for note in noted]
    if not (imported.new or imported.unchanged or imported.skipped or imported.arriving):
        notes.append(Message("the inbox is empty: it takes folders named Publication_YYYY-MM-DD"))
    if not any(figure.role == Role.LEADER.value for figure in list_figures(home)):
        notes.append(
            Message(
                "no leader is enrolled: who the leader is in, and what is focused on him,"
                " is not known"
            )
        )
    return notes
