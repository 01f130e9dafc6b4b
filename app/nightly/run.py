"""The nightly run: imports new editions, analyses them, and reports the result."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import ColumnElement, Select, func, select

from presslens.app.db.columns import JobKind, Status
from presslens.app.db.publications import InboxFolderRow
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow
from presslens.app.installation import Installation, open_installation
from presslens.app.nightly.claim_checks import check_claims
from presslens.app.nightly.delivery import deliver
from presslens.app.nightly.edition_results import edition_results
from presslens.app.nightly.lock import night_lock
from presslens.app.nightly.options import NightOptions
from presslens.app.nightly.summary import NightlySummary
from presslens.app.platform import clock
from presslens.app.platform.errors import OUTAGES, NoDatabase
from presslens.app.platform.logs import configure_logs
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.job import ENDS_THE_WORKER, MOST_FAILING, PageQuota, what_to_do
from presslens.app.services.analysis.workload import Workload, workload
from presslens.app.services.catalogue.folio_checks import mismatched_pages
from presslens.app.services.catalogue.refused_pages import coarse_scans, refused_pages
from presslens.app.services.figures.figures import list_figures
from presslens.app.services.ingest.inbox import InboxImport, import_inbox
from presslens.app.services.ingest.nights import (
    NightlyRun,
    begin_run,
    end_run,
    list_runs,
    unended_since,
)
from presslens.app.services.ingest.retry import REFUSED, retry_pages
from presslens.app.worker import Worker, end_process, open_worker
from presslens.models.faces.gallery import Role
from presslens.models.message import Message, join_messages
from presslens.pipelines.counted import counted

USUAL = NightOptions()
"""All work that waits, and no page twice."""

NOTHING = InboxImport((), 0, {})

Watch = Callable[[Installation, Worker], AbstractContextManager[object]]
"""Returns what is open while a worker works, to show how far it has come."""

log = structlog.get_logger()


@dataclass(slots=True)
class NightWork:
    """The work of a night, and its results so far."""

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


def outage_note(outage: BaseException) -> Message:
    """Return what ended a night before its work was done, and what to do about it."""
    why = str(outage) or type(outage).__name__
    if not isinstance(outage, OUTAGES):
        return Message("the night ended before its work was done: %(cause)s", cause=why)
    return Message(
        "the night ended before its work was done: %(cause)s. What to do: %(then)s; the next night"
        " goes on where it was",
        cause=why,
        then=what_to_do(outage),
    )


def already_note(other: NightlyRun | None) -> Message:
    """Return that a night did nothing, as another one is at work; None: it is not on record yet."""
    if other is None:
        return Message("a nightly run is at work already: this one did nothing")
    return Message(
        "a nightly run is at work already, since %(began)s on %(machine)s: this one did nothing",
        began=f"{other.began_at:%Y-%m-%d %H:%M}",
        machine=other.machine,
    )


def unended_note(began: datetime) -> Message:
    """Return that the pages of an earlier night are in this one's report."""
    return Message(
        "the night of %(began)s did not end: its pages are counted here",
        began=f"{began:%Y-%m-%d %H:%M}",
    )


def failure_notes(outcomes: Mapping[str, int], causes: Mapping[str, int]) -> list[Message]:
    """Return a warning if more pages could not be analysed than chance explains.

    Args:
        outcomes: Number of pages by outcome.
        causes: Number of those that could not be analysed, by cause.
    """
    pages, lost = sum(outcomes.values()), sum(causes.values())
    if lost <= MOST_FAILING * pages:
        return []
    named = [join_messages((Message(cause), str(n)), " ") for cause, n in causes.items()]
    return [
        Message(
            "%(lost)s of %(pages)s could not be analysed (%(causes)s): more than %(share)s, so"
            " look for the cause before this night's numbers are used",
            lost=lost,
            pages=counted(pages, "page"),
            causes=join_messages(named, ", "),
            share=f"{MOST_FAILING:.0%}",
        )
    ]


def inbox_notes(home: Installation, imported: InboxImport) -> list[Message]:
    """Return what to know of an inbox and of what was taken from it."""
    notes = [
        Message(
            "%(name)s: sub-folders are passed over: %(folders)s",
            name=name,
            folders=", ".join(folders),
        )
        for name, folders in imported.passed_over.items()
    ]
    notes += [
        join_messages((name, note), ": ")
        for name, noted in imported.noted.items()
        for note in noted
    ]
    if not (imported.new or imported.unchanged or imported.skipped or imported.arriving):
        notes.append(_empty_note(home))
    if not any(figure.role is Role.LEADER for figure in list_figures(home)):
        notes.append(
            Message(
                "no leader is enrolled: who the leader is in, and what is focused on him,"
                " is not known"
            )
        )
    return notes


def _empty_note(home: Installation) -> Message:
    """Return what an empty inbox may mean: a beginning, or a disk that is away."""
    with home.database.read() as session:
        before = session.scalar(select(InboxFolderRow.name).limit(1))
    if before is None:
        return Message("the inbox is empty: it takes folders named Publication_YYYY-MM-DD")
    return Message(
        "the inbox is empty, and earlier nights found editions there: is its disk mounted?"
    )


@dataclass(frozen=True, slots=True)
class NightSpan:
    """The outcomes that were stored since a night began."""

    since: datetime  # when it began; where earlier nights did not end, when the first of them began
    after: int  # the greatest id of the outcomes before; 0: there were none
    after_page: int  # the greatest id of the pages before; 0: there were none

    def holds(self) -> ColumnElement[bool]:
        """Return the condition that an outcome is of the night.

        A clock may be put back, and SQLite gives the ids of deleted rows anew: time and id
        together leave no page out.
        """
        return (OutcomeRow.seen_at >= self.since) | self.follows()

    def follows(self) -> ColumnElement[bool]:
        """Return the condition that an outcome's id is a later one, which an index answers."""
        return OutcomeRow.id > self.after


def night_span(home: Installation, *, now: datetime, unended: datetime | None = None) -> NightSpan:
    """Return the span of a night that begins.

    Args:
        unended: When the first of the nights before began that did not end; None: all did.
    """
    latest, latest_page = select(func.max(OutcomeRow.id)), select(func.max(PageRow.id))
    if unended is not None:
        latest = latest.where(OutcomeRow.seen_at < unended)
        latest_page = latest_page.join(EditionRow).where(EditionRow.unpacked_at < unended)
    with home.database.read() as session:
        after, after_page = session.scalar(latest) or 0, session.scalar(latest_page) or 0
    return NightSpan(now if unended is None else min(now, unended), after, after_page)


def count_outcomes(home: Installation, span: NightSpan, *, quick: bool = False) -> dict[str, int]:
    """Return how many pages have each outcome, those that could not be unpacked among them.

    Args:
        span: Which outcomes count.
        quick: Ask by ids alone, for whoever asks again and again.
    """
    query = (
        select(OutcomeRow.status, func.count())
        .filter_by(observation_id=home.recipe.observation_id)
        .where(span.follows() if quick else span.holds())
        .group_by(OutcomeRow.status)
    )
    counts: Counter[str] = Counter()
    with home.database.read() as session:
        for status, pages in session.execute(query):
            counts[status.value] += pages
        for refused, _, pages in session.execute(_not_unpacked(span)):
            if refused is not None:
                counts[refused.value] += pages
    return dict(sorted(counts.items()))


def count_causes(home: Installation, span: NightSpan) -> dict[str, int]:
    """Return how many pages could not be analysed, by cause, most frequent first.

    The cause is the category of a failure, or the reason of a rejection.
    """
    cause = func.coalesce(OutcomeRow.category, OutcomeRow.reason)
    query = (
        select(cause, func.count())
        .filter_by(observation_id=home.recipe.observation_id)
        .where(span.holds(), OutcomeRow.reason.is_not(None))
        .group_by(cause)
    )
    counts: Counter[str] = Counter()
    with home.database.read() as session:
        for one, pages in session.execute(query):
            counts[str(one)] += pages
        for _, reason, pages in session.execute(_not_unpacked(span)):
            counts[str(reason)] += pages
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _not_unpacked(span: NightSpan) -> Select[Status | None, str | None, int]:
    """Return the query of the pages whose files could not be unpacked, by outcome and reason."""
    return (
        select(PageRow.status, PageRow.reason, func.count())
        .where(PageRow.id > span.after_page, PageRow.scan_id.is_(None))
        .where(PageRow.status.in_(REFUSED))
        .group_by(PageRow.status, PageRow.reason)
    )
