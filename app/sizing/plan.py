"""The plan of an archive: hours, money and room, from a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from presslens.app.sizing.simulation import Cluster, simulate
from presslens.app.sizing.times import WorkerTimes
from presslens.pipelines.result import Served

SIZES = (10**4, 10**6, 16 * 10**6)
"""Pages of the archives that are planned: of a few years, of a newspaper, of a library."""

GB = 1e9


@dataclass(frozen=True, slots=True)
class Prices:
    """What machines and room cost, in any currency."""

    core_hour: float = 0.05  # one processor for an hour
    gpu_hour: float = 1.0  # one GPU for an hour
    gb_month: float = 0.05  # one gigabyte of disk for a month


@dataclass(frozen=True, slots=True)
class Plan(Served):
    """What an archive takes."""

    pages: int  # of the archive
    hours: float  # from the start to the last summary
    pages_per_second: float  # on average
    pages_per_core_second: float  # the same for each processor
    compute_cost: float  # of all machines for these hours
    scans_gb: float  # room of the scans, GB; it is needed before the plan begins
    views_gb: float  # room of the pictures of pages
    database_gb: float  # room of the rows and indexes
    month_cost: float  # of all this room for a month
    memory_gb: float  # memory of each machine, but for the processes that decode pages
    bottleneck: str  # what holds the archive up
    next_bottleneck: str  # what will, when there is more of the first
    # Hours that the archive would take if it was held up by one thing alone.
    limits: dict[str, float]


def plan(recording: WorkerTimes, cluster: Cluster, pages: int, prices: Prices) -> Plan:
    """Return what an archive of so many pages takes on some machines."""
    simulated = simulate(recording, cluster, pages)
    hours = simulated.seconds / 3600
    cores = cluster.nodes * cluster.cores
    gpus = cluster.nodes if cluster.gpu > 1 else 0
    room = [pages * size / GB for size in _sizes(recording)]
    first, second, *_ = simulated.bottlenecks
    memory = recording.worker_memory + cluster.processes * recording.memory
    return Plan(
        pages=pages,
        hours=hours,
        pages_per_second=pages / simulated.seconds,
        pages_per_core_second=pages / simulated.seconds / cores,
        compute_cost=hours * (cores * prices.core_hour + gpus * prices.gpu_hour),
        scans_gb=room[0],
        views_gb=room[1],
        database_gb=room[2],
        month_cost=sum(room) * prices.gb_month,
        memory_gb=memory / GB,
        bottleneck=first,
        next_bottleneck=second,
        limits={name: seconds / 3600 for name, seconds in simulated.limits.items()},
    )


def _sizes(recording: WorkerTimes) -> Sequence[float]:
    return recording.scan_bytes, recording.view_bytes, recording.row_bytes
