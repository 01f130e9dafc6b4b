"""Says what ran lately, who works now, and how long what waits may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind, Status
from presslens.app.db.tables import EditionRow, LeaseRow, OutcomeRow, PageRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.services.analysis.lease import NOBODY
from presslens.app.services.analysis.presence import count_workers
from presslens.app.services.analysis.workload import NAMES, Workload, by_name, workload

RECENT = 200
"""Latest outcomes that the pace is taken from, and of which editions are told."""

PAUSE = timedelta(minutes=10)
"""Workers that finished no page for so long had none, or were stopped: the pace starts anew."""

FEWEST = 5
"""Smallest number of outcomes that make a pace."""

COLUMNS = ("kind", "waiting", "held", "given_up")
"""The columns of the backlog as a table."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A worker's leases of one kind of work.

    Attributes:
        owner: The worker: machine, process, and a part that tells it from others.
        kind: The kind of work.
        leases: How many of its keys the worker holds.
        until: When the last of the leases ends unless the worker renews it.
    """

    owner: str
    kind: JobKind
    leases: int
    until: datetime

    def to_json(self) -> dict[str, Any]:
        """Return the leases as they are served."""
        machine, _, rest = self.owner.partition("/")
        return {
            "machine": machine,
            "process": rest.partition("/")[0],
            "kind": NAMES.get(self.kind, self.kind.value),
            "leases": self.leases,
            "until": self.until.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class AnalysedLately:
    """An edition of which pages were analysed lately.

    Attributes:
        edition: Its id.
        publication: The newspaper.
        day: Its day.
        outcomes: Number of these pages by outcome.
        last: When the last of them was analysed.
    """

    edition: int
    publication: str
    day: date
    outcomes: dict[str, int]
    last: datetime

    def to_json(self) -> dict[str, Any]:
        """Return the edition as it is served."""
        return {
            "edition": self.edition,
            "publication": self.publication,
            "date": self.day.isoformat(),
            "outcomes": dict(self.outcomes),
            "last": self.last.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Runs:
    """The work of an installation: done, at hand and to do.

    Attributes:
        work: What waits, is held and was given up, and the outcomes of all pages.
        workers: Number of workers that live.
        holders: Who works on what.
        seconds_a_page: Mean time between two pages lately; None: too few to tell.
        pace_pages: Number of pages that it is taken from.
        lately: The editions of which pages were analysed last, the latest first.
    """

    work: Workload
    workers: int
    holders: Sequence[Holder]
    seconds_a_page: float | None
    pace_pages: int
    lately: Sequence[AnalysedLately]

    @property
    def seconds_left(self) -> float | None:
        """Seconds until all pages are analysed, by the pace; None: not known."""
        pages = self.work.waiting[JobKind.OBSERVE]
        if not pages:
            return 0.0
        if self.seconds_a_page is None or not self.workers:
            return None
        return pages * self.seconds_a_page

    def rows(self) -> list[dict[str, Any]]:
        """Return a flat row of ``COLUMNS`` for each kind of work."""
        waiting, held, lost = (
            by_name(counts) for counts in (self.work.waiting, self.work.held, self.work.given_up)
        )
        return [
            {"kind": kind, "waiting": n, "held": held[kind], "given_up": lost[kind]}
            for kind, n in waiting.items()
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the work as it is served."""
        pace, left = self.seconds_a_page, self.seconds_left
        return {
            "schema": 1,
            "workers": self.workers,
            "backlog": self.rows(),
            "outcomes": dict(self.work.outcomes),
            "holders": [holder.to_json() for holder in self.holders],
            "seconds_a_page": None if pace is None else round(pace, 2),
            "pace_pages": self.pace_pages,
            "seconds_left": None if left is None else round(left),
            "lately": [one.to_json() for one in self.lately],
        }


def find_runs(home: Installation, *, now: datetime, work: Workload | None = None) -> Runs:
    """Return the work of an installation under its recipe.

    Args:
        work: The work that waits, where it has been counted; None: it is counted here.
    """
    work = work or workload(home)
    workers = count_workers(home)
    with home.database.read() as session:
        moments = _moments(session, home.recipe.observation_id)
        return Runs(
            work,
            workers,
            _holders(session, now),
            pace(moments),
            len(moments),
            _lately(session, home.recipe.observation_id),
        )


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
    found: list[datetime] = []
    for moment in session.scalars(query):
        if found and found[-1] - moment > PAUSE:
            break
        found.append(moment)
    return found


def _holders(session: Session, now: datetime) -> list[Holder]:
    query = (
        select(LeaseRow.owner, LeaseRow.kind, func.count(), func.max(LeaseRow.until_at))
        .where(LeaseRow.until_at >= now, LeaseRow.owner != NOBODY)
        .group_by(LeaseRow.owner, LeaseRow.kind)
        .order_by(LeaseRow.owner, LeaseRow.kind)
    )
    return [Holder(*row) for row in session.execute(query)]


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
    found: dict[int, AnalysedLately] = {}
    for edition, name, day, status, pages, moment in session.execute(query):
        known = found.get(edition)
        outcomes = {**(known.outcomes if known else {}), Status(status).value: pages}
        latest_of = max(moment, known.last) if known else moment
        found[edition] = AnalysedLately(edition, name, day, outcomes, latest_of)
    return sorted(found.values(), key=lambda one: (one.last, one.edition), reverse=True)
