"""Counts the work that waits, and the pages that were observed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from app.db.columns import JobKind
from app.db.tables import OutcomeRow
from app.installation import Installation
from app.services.analysis.jobs import JOBS
from app.services.analysis.lease import count_waiting


@dataclass(frozen=True, slots=True)
class Workload:
    """Numbers of editions to unpack, pages to observe, references to embed, pages by outcome."""

    editions: int
    pages: int
    references: int
    outcomes: dict[str, int]


def workload(home: Installation) -> Workload:
    """Return the numbers of keys in the work lists, claimed or not, and of outcomes."""
    kinds = (JobKind.UNPACK, JobKind.OBSERVE, JobKind.EMBED)
    with home.database.read() as session:
        lists = (JOBS[kind].waiting(session, home.recipe) for kind in kinds)
        waiting = [0 if work is None else count_waiting(session, work) for work in lists]
        editions, pages, references = waiting
        outcomes = session.execute(
            select(OutcomeRow.status, func.count())
            .filter_by(observation_id=home.recipe.observation_id)
            .group_by(OutcomeRow.status)
        )
        return Workload(
            editions, pages, references, {status.value: count for status, count in outcomes}
        )
