"""Says what ran lately, who works now, and how long what waits may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import PlainSerializer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind, Status
from presslens.app.db.tables import EditionRow, LeaseRow, OutcomeRow, PageRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.services.analysis.lease import NOBODY
from presslens.app.services.analysis.presence import count_workers, machine_and_process
from presslens.app.services.analysis.workload import Workload, by_name, name_of, workload
from presslens.pipelines.result import HIDDEN, Moment, Served, digits, named

RECENT = 200
"""Latest outcomes that the pace is taken from, and of which editions are told."""

PAUSE = timedelta(minutes=10)
"""Workers that finished no page for so long had none, or were stopped: the pace starts anew."""

FEWEST = 5
"""Smallest number of outcomes that make a pace."""


@dataclass(frozen=True, slots=True)
class Holder(Served):
    """A worker's leases of one kind of work."""

    machine: str  # the machine that the worker runs on
    process: str  # its process there
    kind: Annotated[JobKind, PlainSerializer(name_of, return_type=str)]  # the kind of work
    leases: int  # how many of its keys the worker holds
    until: Moment  # when the last of the leases ends unless the worker renews it
    # The worker: machine, process, and a part that tells it from others.
    owner: Annotated[str, HIDDEN]


@dataclass(frozen=True, slots=True)
class AnalysedLately(Served):
    """An edition of which pages were analysed lately."""

    edition: int  # its id
    publication: str  # the newspaper
    day: Annotated[date, named("date")]
    outcomes: dict[str, int]  # number of these pages by outcome
    last: Moment  # when the last of them was analysed


@dataclass(frozen=True, slots=True)
class Backlog(Served):
    """Numbers of keys of one kind of work: those that wait, are at work, and were given up."""

    kind: str
    waiting: int
    held: int
    given_up: int


@dataclass(frozen=True, slots=True)
class Runs(Served):
    """The work of an installation: done, at hand and to do."""

    SERVED: ClassVar[str] = """
        schema workers backlog outcomes holders seconds_a_page pace_pages seconds_left lately
    """

    workers: int  # number of workers that live
    backlog: Sequence[Backlog]  # the work of each kind
    outcomes: dict[str, int]  # number of analysed pages by outcome
    holders: Sequence[Holder]  # who works on what
    # Mean time between two pages lately; None: too few to tell.
    seconds_a_page: Annotated[float | None, digits(2)]
    pace_pages: int  # number of pages that it is taken from
    # Seconds until all pages are analysed, by the pace; None: not known.
    seconds_left: Annotated[float | None, digits(None)]
    # The editions of which pages were analysed last, the latest first.
    lately: Sequence[AnalysedLately]


def find_runs(home: Installation, *, now: datetime, work: Workload | None = None) -> Runs:
    """Return the work of an installation under its recipe.

    Args:
        work: The work that waits, where it has been counted; None: it is counted here.
    """
    work = work or workload(home)
    workers = count_workers(home)
    with home.database.read() as session:
        moments = _moments(session, home.recipe.observation_id)
        each = pace(moments)
        return Runs(
            workers=workers,
            backlog=_backlog(work),
            outcomes=dict(work.outcomes),
            holders=_holders(session, now),
            seconds_a_page=each,
            pace_pages=len(moments),
            seconds_left=seconds_left(work.waiting[JobKind.OBSERVE], workers, each),
            lately=_lately(session, home.recipe.observation_id),
        )


def seconds_left(pages: int, workers: int, each: float | None) -> float | None:
    """Return the seconds until pages are analysed, by the pace; None: not known."""
    if not pages:
        return 0.0
    return None if each is None or not workers else pages * each


def _backlog(work: Workload) -> list[Backlog]:
    waiting, at_work, lost = (by_name(one) for one in (work.waiting, work.held, work.given_up))
    return [Backlog(kind, n, at_work[kind], lost[kind]) for kind, n in waiting.items()]


def pace(moments: Sequence[datetime]) -> float | None:
    """Return the mean seconds between two pages; None if there are too few to tell.

    Args:
        moments: When pages were finished, the latest first, without a pause among them.
    """
    if len(moments) < FEWEST:
        return None
    return (moments[0] - moments[-1]).total_seconds() / (len(moments) - 1)


def _moments(session: Session, observation_id: str) -> list[datetime]:
    """Return when the latest pages were finished, the latest first, back to a pause."""
    query = (
        select(OutcomeRow.seen_at)
        .filter_by(observation_id=observation_id)
        .order_by(OutcomeRow.id.desc())
        .limit(RECENT)
    )
    moments: list[datetime] = []
    for moment in session.scalars(query):
        if moments and moments[-1] - moment > PAUSE:
            break
        moments.append(moment)
    return moments


def _holders(session: Session, now: datetime) -> list[Holder]:
    query = (
        select(LeaseRow.owner, LeaseRow.kind, func.count(), func.max(LeaseRow.until_at))
        .where(LeaseRow.until_at >= now, LeaseRow.owner != NOBODY)
        .group_by(LeaseRow.owner, LeaseRow.kind)
        .order_by(LeaseRow.owner, LeaseRow.kind)
    )
    return [
        Holder(*machine_and_process(owner), kind, leases, until, owner)
        for owner, kind, leases, until in session.execute(query)
    ]


def _lately(session: Session, observation_id: str) -> list[AnalysedLately]:
    latest = (
        select(OutcomeRow.id)
        .filter_by(observation_id=observation_id)
        .order_by(OutcomeRow.id.desc())
        .limit(RECENT)
    )
    last = func.max(OutcomeRow.seen_at)
    query = (
        select(
            EditionRow.id, PublicationRow.name, EditionRow.edition_date, OutcomeRow.status,
            func.count(), last,
        )
        .select_from(OutcomeRow)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(OutcomeRow.id.in_(latest))
        .group_by(EditionRow.id, PublicationRow.name, EditionRow.edition_date, OutcomeRow.status)
    )  # fmt: skip
    lately: dict[int, AnalysedLately] = {}
    for edition, name, day, status, pages, moment in session.execute(query):
        before = lately.get(edition)
        outcomes = {**(before.outcomes if before else {}), Status(status).value: pages}
        latest_of = max(moment, before.last) if before else moment
        lately[edition] = AnalysedLately(edition, name, day, outcomes, latest_of)
    return sorted(lately.values(), key=lambda one: (one.last, one.edition), reverse=True)
