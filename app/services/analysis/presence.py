"""Which workers run: each keeps a row fresh while it lives.

Leases don't tell: a worker that waits for work holds none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Annotated

from sqlalchemy import ColumnElement, delete, func, select

from presslens.app.db.upsert import insert
from presslens.app.db.workers import WorkerRow
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.pipelines.failpoints import Failpoint, around
from presslens.pipelines.result import HIDDEN, Moment, Served


@dataclass(frozen=True, slots=True)
class LiveWorker(Served):
    """A worker that lives."""

    machine: str  # the machine that it runs on
    process: str  # its process there
    version: str  # its version of Presslens
    started_at: Moment  # when it started
    seen_at: Moment  # when it last gave a sign of life
    metrics: Annotated[str, HIDDEN]  # its metrics then, in the exposition format of Prometheus
    # Its name in the leases: machine, process, and a part that tells it from others.
    owner: Annotated[str, HIDDEN]

    @property
    def name(self) -> str:
        """The machine and the process."""
        return f"{self.machine}/{self.process}"


def announce(home: Installation, owner: str, metrics: str = "") -> None:
    """Say that a worker lives; to be said again within ``lease_seconds``.

    Args:
        owner: The worker.
        metrics: Its metrics, in the exposition format of Prometheus.
    """
    now = clock.now()
    values = {"seen_at": now, "metrics": metrics, "version": version("presslens")}
    with around(Failpoint.PRESENCE_ANNOUNCE), home.database.write() as session:
        session.execute(
            insert(session, WorkerRow)
            .values(owner=owner, started_at=now, **values)
            .on_conflict_do_update(index_elements=["owner"], set_=values)
        )


def forget_silent(home: Installation) -> None:
    """Delete the rows of silent workers: one that lives after all gives a sign again."""
    with home.database.write() as session:
        session.execute(delete(WorkerRow).where(~_lives(home)))


def withdraw(home: Installation, owner: str) -> None:
    """Say that a worker has ended in good order."""
    with around(Failpoint.PRESENCE_WITHDRAW), home.database.write() as session:
        session.execute(delete(WorkerRow).where(WorkerRow.owner == owner))


def live_workers(home: Installation) -> Sequence[LiveWorker]:
    """Return the workers that live, in the order of their names."""
    row = WorkerRow
    columns = row.owner, row.version, row.started_at, row.seen_at, row.metrics
    query = select(*columns).where(_lives(home)).order_by(row.owner)
    with home.database.read() as session:
        return [
            LiveWorker(*machine_and_process(owner), version, started, seen, metrics, owner)
            for owner, version, started, seen, metrics in session.execute(query)
        ]


def machine_and_process(owner: str) -> tuple[str, str]:
    """Return the machine and the process of the worker that owns leases."""
    machine, _, rest = owner.partition("/")
    return machine, rest.partition("/")[0]


def count_workers(home: Installation) -> int:
    """Return the number of workers that live."""
    query = select(func.count()).where(_lives(home))
    with home.database.read() as session:
        return session.scalar(query) or 0


def last_sign(home: Installation) -> float | None:
    """Return the seconds since a worker gave its last sign of life; None if all ended in order."""
    with home.database.read() as session:
        last = session.scalar(select(func.max(WorkerRow.seen_at)))
    return None if last is None else max(0.0, (clock.now() - last).total_seconds())


def _lives(home: Installation) -> ColumnElement[bool]:
    """Return whether a worker has given a sign within its time.

    A sign from the future is of a clock that was wrong: within a lease, machines may differ.
    """
    now, lease = clock.now(), timedelta(seconds=home.settings.lease_seconds)
    return WorkerRow.seen_at.between(now - lease, now + lease)
