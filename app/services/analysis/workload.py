"""Counts the work that waits, and the pages that were observed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from presslens.app.db.columns import JobKind
from presslens.app.db.tables import OutcomeRow
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.services.analysis.jobs import JOBS
from presslens.app.services.analysis.lease import count_abandoned, count_leased, count_waiting

NAMES = {
    JobKind.UNPACK: "editions",
    JobKind.OBSERVE: "pages",
    JobKind.EMBED: "references",
    JobKind.EMPTY: "trash",
}
"""Names of kinds of work that go by what is worked on; the others go by their own name."""


@dataclass(frozen=True, slots=True)
class Workload:
    """The work of an installation under its recipe."""

    # Number of keys that wait by kind of work, leased or not, without those given up. It is 0 for
    # interpreting while references or labels have to be done before.
    waiting: dict[JobKind, int]
    held: dict[JobKind, int]  # number of those keys on which a worker works
    # Number of keys that nobody tries any more, by kind of work, until ``presslens upgrade`` ends
    # their leases.
    given_up: dict[JobKind, int]
    outcomes: dict[str, int]  # number of observed pages by outcome


def by_name(counts: Mapping[JobKind, int]) -> dict[str, int]:
    """Return counts by the names that kinds of work have outside of the program."""
    return {name_of(kind): count for kind, count in counts.items()}


def name_of(kind: JobKind) -> str:
    """Return the name that a kind of work has outside of the program."""
    return NAMES.get(kind, kind.value)


def workload(home: Installation) -> Workload:
    """Return the numbers of keys in the work lists, and of outcomes."""
    return home.database.views.in_request("workload", lambda: _count(home), alone=True)


def _count(home: Installation) -> Workload:
    now = clock.now()
    with home.database.read() as session:
        lists = {kind: job.waiting(session, home.recipe) for kind, job in JOBS.items()}
        works = {kind: work for kind, work in lists.items() if work is not None}
        outcomes = session.execute(
            select(OutcomeRow.status, func.count())
            .filter_by(observation_id=home.recipe.observation_id)
            .group_by(OutcomeRow.status)
        )

        def count(of: Callable[..., list[int]]) -> dict[JobKind, int]:
            counts = of(session, works.values(), now=now)
            return dict.fromkeys(lists, 0) | dict(zip(works, counts, strict=True))

        return Workload(
            count(count_waiting),
            count(count_leased),
            count(count_abandoned),
            {status.value: count for status, count in outcomes},
        )
