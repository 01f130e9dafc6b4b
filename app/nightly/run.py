"""The nightly run: imports new editions, analyses them, and reports the result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import structlog

from presslens.app.db.columns import JobKind
from presslens.app.installation import Installation, open_installation
from presslens.app.nightly.claim_checks import check_claims
from presslens.app.nightly.delivery import deliver
from presslens.app.nightly.edition_results import edition_results
from presslens.app.nightly.lock import night_lock
from presslens.app.nightly.notes import (
    already_note,
    failure_notes,
    inbox_notes,
    outage_note,
    unended_note,
)
from presslens.app.nightly.options import NightOptions
from presslens.app.nightly.record import begin_run, end_run, list_runs, unended_since
from presslens.app.nightly.span import NightSpan, count_causes, count_outcomes, night_span
from presslens.app.nightly.summary import NightlySummary
from presslens.app.platform import clock
from presslens.app.platform.errors import OUTAGES, NoDatabase
from presslens.app.platform.logs import configure_logs
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.job import ENDS_THE_WORKER, PageQuota
from presslens.app.services.analysis.workload import Workload, workload
from presslens.app.services.catalogue.folio_checks import mismatched_pages
from presslens.app.services.catalogue.refused_pages import coarse_scans, refused_pages
from presslens.app.services.ingest.inbox import InboxImport, import_inbox
from presslens.app.services.ingest.retry import retry_pages
from presslens.app.worker import Worker, end_process, open_worker
from presslens.models.message import Message

USUAL = NightOptions()
"""All work that waits, and no page twice."""

NOTHING = InboxImport((), 0, {})

Watch = Callable[[Installation, Worker], AbstractContextManager[object]]
"""Returns what is open while a worker works, to show how far it has come."""

log = structlog.get_logger()


@dataclass(slots=True)
class NightWork:
    """The work of a night, and what is known of it so far."""

    home: Installation
    options: NightOptions  # what is to be done
    span: NightSpan  # which outcomes are of the night
    began_at: datetime  # when it began
    imported: InboxImport = NOTHING  # the result of importing the inbox
    notes: list[Message] = field(default_factory=list)  # what else to know of the result
    retried: int = 0  # number of pages that were tried again
    stopped: bool = False  # too many pages failed, so that no more were begun
    at_limit: bool = False  # as many pages were begun as were asked for
    outage: Message | None = None  # what ended the night before its work was done

    def work(self, worker: Worker, refused: Collection[int]) -> None:
        """Do all work that waits; then, if asked, try pages again that were refused before.

        What was refused before says nothing of this night: it stops no new page.

        Args:
            worker: Does the work.
            refused: Ids of the pages that are tried again.

        Raises:
            PresslensError, OperationalError, InterfaceError, MemoryError: The night can't go on.
        """
        home, span = self.home, self.span
        quota = PageQuota(self.options.limit, lambda: count_outcomes(home, span, quick=True))
        worker.tools.quota = quota
        self._drain(worker)
        self.stopped = quota.stopped
        outcomes, causes = count_outcomes(home, span), count_causes(home, span)
        self.notes += failure_notes(outcomes, causes)
        if refused and quota.admits(worker.outcomes):
            quota.count = None
            self.retried = retry_failed(self.home, refused)
            self._drain(worker)
        self.at_limit = quota.is_used_up(sum(worker.outcomes.values()))

    def _drain(self, worker: Worker) -> None:
        worker.drain()
        if worker.tools.stop.is_set():
            raise NoDatabase("the database ended the connection that holds the night's lock")

    def summary(self) -> NightlySummary:
        """Return the result so far; registered claims are checked.

        Raises:
            NoDatabase: The database can't be reached.
        """
        home, which = self.home, self.span.holds()
        outage = [] if self.outage is None else [self.outage]
        notes = [
            *outage,
            *inbox_notes(home, self.imported),
            *coarse_scans(home, which),
            *mismatched_pages(home, which),
        ]
        return NightlySummary(
            self.imported,
            count_outcomes(home, self.span),
            workload(home),
            refused_pages(home),
            [*notes, *self.notes],
            count_causes(home, self.span),
            began_at=self.began_at,
            ended_at=clock.now(),
            retried=self.retried,
            stopped=self.stopped,
            limit=self.options.limit,
            at_limit=self.at_limit,
            editions=edition_results(home, which),
            claims=check_claims(home, now=clock.now()),
            outage=self.outage,
        )


def run_nightly(
    settings: Settings,
    inbox: Path,
    options: NightOptions = USUAL,
    *,
    watch: Watch = lambda _home, _worker: nullcontext(),
) -> NightlySummary:
    """Import and analyse; a second run over the same inbox does nothing.

    While another run is at work, nothing is done, and the summary says so. A night that an outage
    ends is reported, too.

    Args:
        inbox: The folder of what comes in.
        options: What is to be done.
        watch: Shows how far the worker has come.

    Raises:
        PresslensError: There is no installation, or it or the patterns can't be used.
    """
    configure_logs()
    began, stop = clock.now(), threading.Event()
    try:
        with open_installation(settings) as home, night_lock(home, stop) as is_ours:
            if not is_ours:
                return _running_already(home)
            summary = _spend_night(home, inbox, options, watch, stop)
    except OUTAGES as outage:
        summary = _unknown_night(began, outage)
    # What follows may take its time, and keeps no other run from its work.
    return replace(summary, undelivered=deliver(summary, settings, options.report))


def _spend_night(
    home: Installation, inbox: Path, options: NightOptions, watch: Watch, stop: threading.Event
) -> NightlySummary:
    """Do the work of a night, put it on record, and return its result."""
    began = clock.now()
    run_id = begin_run(home, now=began)
    unended = unended_since(home, run_id)
    night = NightWork(home, options, night_span(home, now=began, unended=unended), began)
    if unended is not None:
        night.notes.append(unended_note(unended))
    try:
        refused = {page.id for page in refused_pages(home)} if options.retry_failed else set()
        night.imported = import_inbox(
            home, inbox, now=began, mode=options.mode, since=options.since, run_id=run_id
        )
        with open_worker(home, stop, hung=end_process) as worker, watch(home, worker):
            night.work(worker, refused)
    except ENDS_THE_WORKER as outage:
        night.outage = outage_note(outage)
        log.exception("the night ended before its work was done")
    summary = night.summary()
    end_run(home, run_id, summary.to_json(), int(summary.failed), now=clock.now())
    return summary


def _unknown_night(began: datetime, outage: Exception) -> NightlySummary:
    """Return the summary of a night of which nothing is known, as the database is away."""
    note = outage_note(outage)
    log.error("the night ended, and is not on record", cause=str(outage))
    nothing = dict.fromkeys(JobKind, 0)
    return NightlySummary(
        NOTHING,
        {},
        Workload(nothing, nothing, nothing, {}),
        notes=[note],
        began_at=began,
        ended_at=clock.now(),
        outage=note,
    )


def _running_already(home: Installation) -> NightlySummary:
    """Return the summary of a run that did nothing, since another one is at work."""
    note = already_note(next(iter(list_runs(home, limit=1)), None))
    return NightlySummary(NOTHING, {}, workload(home), notes=[note], already=True)


def retry_failed(home: Installation, pages: Collection[int] | None = None) -> int:
    """Have pages that could not be analysed looked at again; return their number.

    Args:
        pages: Ids of the pages; None: all that could not be analysed.
    """
    refused = [page for page in refused_pages(home) if pages is None or page.id in pages]
    for edition_id in dict.fromkeys(page.edition_id for page in refused):
        retry_pages(home, edition_id, {p.number for p in refused if p.edition_id == edition_id})
    return len(refused)


def analyse_imported(
    home: Installation, worker: Worker, imported: InboxImport, options: NightOptions = USUAL
) -> NightlySummary:
    """Do all work that waits, check the registered claims, and return the result of the run.

    Args:
        worker: Does the work.
        imported: The result of importing the inbox.
        options: What is to be done.
    """
    began = clock.now()
    night = NightWork(home, options, night_span(home, now=began), began, imported)
    refused = {page.id for page in refused_pages(home)} if options.retry_failed else set()
    night.work(worker, refused)
    return night.summary()
