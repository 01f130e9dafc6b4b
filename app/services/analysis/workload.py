"""Counts the work that waits, and the pages that were observed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from app import clock
from app.db.columns import JobKind
from app.db.tables import OutcomeRow
from app.installation import Installation
from app.services.analysis.jobs import JOBS
from app.services.analysis.lease import count_waiting


@dataclass(frozen=True, slots=True)
class Workload:
    """The work of an installation under its recipe.

    Attributes:
        waiting: Number of keys that wait by kind of work, leased or not, without those given up. It
            is 0 for interpreting while references or labels have to be done before.
        outcomes: Number of observed pages by outcome.
    """

    waiting: dict[JobKind, int]
    outcomes: dict[str, int]


def workload(home: Installation) -> Workload:
    """Return the numbers of keys in the work lists, and of outcomes."""
    now = clock.now()
    with home.database.read() as session:
        lists = {kind: job.waiting(session, home.recipe) for kind, job in JOBS.items()}
        outcomes = session.execute(
            select(OutcomeRow.status, func.count())
            .filter_by(observation_id=home.recipe.observation_id)
            .group_by(OutcomeRow.status)
        )
        return Workload(
            {
                kind: 0 if work is None else count_waiting(session, work, now=now)
                for kind, work in lists.items()
            },
            {status.value: count for status, count in outcomes},
        )
