"""What an installation has done and has to do, as metrics of Prometheus, from its database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import NoDatabase
from presslens.app.services.analysis.presence import count_workers, last_sign
from presslens.app.services.analysis.readiness import oldest_waiting
from presslens.app.services.analysis.workload import by_name, workload


@dataclass(frozen=True, slots=True, eq=False)
class ServiceCollector(Collector):
    """Collects the metrics of an installation.

    Where the database can't be asked, ``presslens_up`` is 0 and what it knows is left out.
    """

    home: Installation

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics, as they are now."""
        yield GaugeMetricFamily(
            "presslens_disk_free_bytes",
            "Free disk of the data folder.",
            self.home.storage.free_bytes(),
        )
        words = "Whether the database answers."
        try:
            of_database = list(self._of_database())
        except NoDatabase:
            yield GaugeMetricFamily("presslens_up", words, 0)
            return
        yield GaugeMetricFamily("presslens_up", words, 1)
        yield from of_database

    def _of_database(self) -> Iterator[Metric]:
        home = self.home
        work, sign = workload(home), last_sign(home)
        with home.database.read() as session:
            oldest = oldest_waiting(home, session)
        yield GaugeMetricFamily("presslens_workers", "Workers that live.", count_workers(home))
        if sign is not None:
            words = "Time since a worker's last sign of life."
            yield GaugeMetricFamily("presslens_worker_sign_seconds", words, sign)
        age = (clock.now() - oldest).total_seconds() if oldest else 0.0
        words = "Time that the oldest page has waited."
        yield GaugeMetricFamily("presslens_oldest_waiting_seconds", words, age)
        for name, label, words, counts in (
            ("waiting", "kind", "Work that is neither done nor given up.", by_name(work.waiting)),
            ("held", "kind", "Work that workers do now.", by_name(work.held)),
            ("given_up", "kind", "Work that nobody tries any more.", by_name(work.given_up)),
            ("pages", "outcome", "Pages that were looked at under the recipe.", work.outcomes),
        ):
            yield _counted(f"presslens_{name}", words, label, counts)


def _counted(name: str, words: str, label: str, counts: Mapping[str, int]) -> Metric:
    metric = GaugeMetricFamily(name, words, labels=[label])
    for value, count in counts.items():
        metric.add_metric([value], count)
    return metric
