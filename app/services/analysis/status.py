"""How an installation is: who works, what waits and what is wrong, and its metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Annotated, ClassVar, Literal

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import NoDatabase
from presslens.app.services.analysis.presence import (
    LiveWorker,
    count_workers,
    last_sign,
    live_workers,
)
from presslens.app.services.analysis.readiness import (
    ServiceProblem,
    check_readiness,
    oldest_waiting,
)
from presslens.app.services.analysis.runs import Runs, find_runs
from presslens.app.services.analysis.workload import by_name, workload
from presslens.app.services.catalogue.refused_pages import refused_pages
from presslens.pipelines.result import Moment, Served, digits


@dataclass(frozen=True, slots=True)
class ServiceStatus(Served):
    """The status of an installation."""

    SERVED: ClassVar[str] = """
        schema at version recipe database disk_free_bytes status problems workers refused
        oldest_waiting_seconds backlog=runs.backlog outcomes=runs.outcomes holders=runs.holders
        seconds_a_page=runs.seconds_a_page seconds_left=runs.seconds_left lately=runs.lately
    """

    at: Moment  # the time
    version: str  # that of the program
    recipe: str  # the id of the recipe
    database: str  # the kind of database: sqlite or postgresql
    disk_free_bytes: int  # free disk of the data folder
    problems: Sequence[ServiceProblem]  # what is wrong
    workers: Sequence[LiveWorker]  # the workers that live, on all machines
    runs: Runs  # what was done, is done and waits
    refused: int  # number of pages that could not be analysed, and that nobody has settled
    # How long the oldest page has waited; 0 if none waits.
    oldest_waiting_seconds: Annotated[float, digits(None)]

    @property
    def status(self) -> Literal["ready", "not ready"]:
        """Whether nothing is wrong."""
        return "not ready" if self.problems else "ready"


def find_status(home: Installation, *, now: datetime, own_worker: bool = False) -> ServiceStatus:
    """Return the status of an installation.

    Args:
        own_worker: A worker should run even if nothing waits.

    Raises:
        NoDatabase: The database can't be reached.
    """
    with home.database.read() as session:
        oldest = oldest_waiting(session, home.recipe)
    readiness = check_readiness(home, own_worker=own_worker)
    return ServiceStatus(
        at=now,
        version=version("presslens"),
        recipe=home.recipe.id,
        database=home.database.engine.dialect.name,
        disk_free_bytes=home.storage.free_bytes(),
        problems=readiness.problems,
        workers=live_workers(home),
        runs=find_runs(home, now=now, work=readiness.work),
        refused=len(refused_pages(home)),
        oldest_waiting_seconds=(now - oldest).total_seconds() if oldest else 0.0,
    )


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
        work, (_, sign) = workload(home), last_sign(home)
        with home.database.read() as session:
            oldest = oldest_waiting(session, home.recipe)
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
