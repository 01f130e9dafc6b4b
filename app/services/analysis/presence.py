"""Which workers run, each of which keeps a row fresh while it lives, and what they have done.

Leases don't tell: a worker that waits for work holds none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Annotated

from prometheus_client import CollectorRegistry, Counter, Histogram, Summary, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from sqlalchemy import ColumnElement, case, delete, func, select

from presslens.app.db.columns import JobKind, Status
from presslens.app.db.upsert import insert
from presslens.app.db.workers import WorkerRow
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.pipelines.failpoints import Failpoint, around
from presslens.pipelines.result import HIDDEN, Moment, Served
from presslens.pipelines.task import PageResult


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


def last_sign(home: Installation) -> tuple[bool, float | None]:
    """Return whether a worker lives, and the seconds since one gave its last sign of life.

    They are None where all have ended in order.
    """
    lives = func.coalesce(func.max(case((_lives(home), 1), else_=0)), 0)
    with home.database.read() as session:
        living, last = session.execute(select(lives, func.max(WorkerRow.seen_at))).one()
    return bool(living), None if last is None else max(0.0, (clock.now() - last).total_seconds())


def _lives(home: Installation) -> ColumnElement[bool]:
    """Return whether a worker has given a sign within its time.

    A sign from the future is of a clock that was wrong: within a lease, machines may differ.
    """
    now, lease = clock.now(), timedelta(seconds=home.settings.lease_seconds)
    return WorkerRow.seen_at.between(now - lease, now + lease)


SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""The upper bounds of the histogram of stages."""

LEFT_OUT = "_created"
"""How the samples end that say when a counter began, which few readers want."""


class WorkMetrics:
    """The metrics of one worker.

    Attributes:
        registry: Holds them.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._pages = Counter(
            "presslens_worker_pages", "Pages observed.", ["outcome"], registry=self.registry
        )
        self._photos = Counter(
            "presslens_worker_photos", "Photos found on them.", registry=self.registry
        )
        self._stages = Histogram(
            "presslens_worker_stage_seconds",
            "Time of the stages of pages.",
            ["stage"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._failures = Counter(
            "presslens_worker_failures",
            "Pages that were rejected or have failed, each time, by reason.",
            ["reason"],
            registry=self.registry,
        )
        self._turns = Summary(
            "presslens_worker_turn_seconds",
            "Time of the turns that each kind of work had.",
            ["kind"],
            registry=self.registry,
        )

    def count_page(self, result: PageResult, outcome: Status | None) -> None:
        """Count a page, its photos and the time of its stages.

        Args:
            outcome: Its outcome; None if it is tried again.
        """
        if outcome is not None:
            self._pages.labels(outcome.value).inc()
        if result.observation is not None:
            self._photos.inc(len(result.observation.photos))
        elif result.rejection is not None:
            self._failures.labels(result.rejection.reason.value).inc()
        elif result.failure is not None:
            self._failures.labels(result.failure.category.value).inc()
        for stage, seconds in result.stages.items():
            self._stages.labels(stage.value).observe(seconds)

    def count_refused(self, outcome: Status, reason: str) -> None:
        """Count a page whose file could not be unpacked."""
        self._pages.labels(outcome.value).inc()
        self._failures.labels(reason).inc()

    def count_turn(self, kind: JobKind, seconds: float) -> None:
        """Count a turn in which work of a kind was done."""
        self._turns.labels(kind.value).observe(seconds)

    def text(self) -> str:
        """Return the metrics in the exposition format of Prometheus."""
        return generate_latest(self.registry).decode()


class WorkerCollector(Collector):
    """Collects the metrics of workers as they last gave them, each under its name in the leases.

    Machine and process alone may name two: a container that was started again has both again.
    """

    def __init__(self, workers: Iterable[LiveWorker]) -> None:
        self._workers = workers

    def collect(self) -> Iterator[Metric]:
        """Yield each metric once, with the samples of all workers."""
        metrics: dict[str, Metric] = {}
        for worker in self._workers:
            for family in text_string_to_metric_families(worker.metrics):
                empty = Metric(family.name, family.documentation, family.type)
                metric = metrics.setdefault(family.name, empty)
                for sample in family.samples:
                    labels = {"worker": worker.owner, **sample.labels}
                    metric.add_sample(sample.name, labels, sample.value)
        yield from (one for name, one in metrics.items() if not name.endswith(LEFT_OUT))
