"""What a worker has done since its start, as metrics of Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, Summary, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from presslens.app.db.columns import JobKind, Status
from presslens.app.services.analysis.presence import LiveWorker
from presslens.pipelines.task import PageResult

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
