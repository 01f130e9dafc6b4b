"""Simulates workers that go through an archive page by page, event by event.

A node has one worker and some processes. A process takes a page, which takes as long as one of the
recorded pages did; the worker leases it before and stores its result after, one page at a time; a
commit waits until the database is free. A worker works in rounds: after so many pages or seconds
its processes finish what they have begun, photos are interpreted, and the list of waiting pages is
read anew. What does not overlap in a worker does not overlap here.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Generator
from dataclasses import dataclass, field

from presslens.app.sizing.times import PageTimes, WorkerTimes

ROUND_PAGES, ROUND_SECONDS = 128, 20.0
"""A round of ``app.services.analysis.jobs`` ends after one or the other."""

SIMULATED, PARTS = 160_000, 8
"""An archive of more pages is gone through in so many parts of its list, some pages of each."""

PAGES_EACH = 16
"""Pages of a process in a part, at least: processes have nothing to do while the last pages end."""

LOOKING, CORES, WORKER, DATABASE, LIST, STORAGE = (
    "processes that look at pages", "processors", "the worker of each node", "commits",
    "the list of waiting pages", "the storage that all share",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cluster:
    """Machines that share one database."""

    nodes: int = 1  # machines, each with a worker
    cores: float = 2  # processors of each; a part of one where other programs take the rest
    processes: int = 2  # processes of each that look at pages
    # How many times as fast as one of these processors a node's GPU runs networks; 1: the
    # processors run them.
    gpu: float = 1.0
    writers: int = 1  # how many transactions the database commits at once: 1 for SQLite
    # Megabytes a second that all machines together read and write; None: no limit.
    storage: float | None = None


@dataclass(frozen=True, slots=True)
class Simulated:
    """The outcome of a simulation."""

    pages: int  # of the archive
    seconds: float  # from the start of the workers to the last summary
    # Seconds that the archive would take if it was held up by one thing alone, by the name of it.
    limits: dict[str, float]

    @property
    def bottlenecks(self) -> list[str]:
        """What holds the archive up, the first bottleneck first."""
        return sorted(self.limits, key=self.limits.__getitem__, reverse=True)


def simulate(recording: WorkerTimes, cluster: Cluster, pages: int, *, seed: int = 1) -> Simulated:
    """Return how long an archive takes.

    Args:
        recording: What pages and commits take.
        cluster: The machines.
        pages: How many pages wait.
        seed: Of the draw of pages.
    """
    draw = random.Random(seed)  # noqa: S311 no secret
    few = max(SIMULATED // PARTS, PAGES_EACH * cluster.nodes * cluster.processes)
    parts = min(PARTS, max(2, SIMULATED // few))
    if pages <= few * parts:
        seconds = recording.start + _Run(recording, cluster, draw, pages).through(pages)
    else:
        waiting = (round(pages * (part + 0.5) / parts) for part in range(parts))
        runs = (_Run(recording, cluster, draw, left).through(few) for left in waiting)
        seconds = recording.start + sum(runs) * pages / (few * parts)
    return Simulated(pages, seconds, _limits(recording, cluster, pages))


def _limits(recording: WorkerTimes, cluster: Cluster, pages: int) -> dict[str, float]:
    busy = _observing(recording, cluster) * _stretch(recording, cluster)
    worker = recording.lease + recording.record + recording.interpret
    work = recording.mean("processor") + worker - 2 * recording.commit
    if cluster.gpu > 1:
        work -= recording.mean("networks")
    rounds = pages / ROUND_PAGES
    return {
        LOOKING: pages * busy / (cluster.nodes * cluster.processes),
        CORES: pages * work / (cluster.nodes * cluster.cores),
        WORKER: pages * worker / cluster.nodes,
        DATABASE: pages * 2 * recording.commit / cluster.writers,
        LIST: rounds * recording.list_page * pages / 2 / cluster.nodes,
        STORAGE: pages * _transfer(recording, cluster),
    }


def _transfer(recording: WorkerTimes, cluster: Cluster) -> float:
    """Return the seconds for which a page keeps the storage from all others."""
    if cluster.storage is None:
        return 0.0
    return (recording.read_bytes + recording.write_bytes) / (cluster.storage * 1e6)


def _observing(recording: WorkerTimes, cluster: Cluster) -> float:
    """Return the seconds that an undisturbed process is busy with a page."""
    return recording.mean("networks") / cluster.gpu + recording.mean("rest")


def _stretch(recording: WorkerTimes, cluster: Cluster) -> float:
    """Return how much longer a page takes because processes share processors, and a GPU."""
    page = _observing(recording, cluster)
    worker = recording.lease + recording.record
    rate = 1 / max(page / cluster.processes, worker)
    on_gpu = recording.mean("networks") if cluster.gpu > 1 else 0.0
    work = recording.mean("processor") - on_gpu + worker - 2 * recording.commit
    return max(1.0, rate * work / cluster.cores, rate * on_gpu / cluster.gpu)


@dataclass(slots=True)
class _Run:
    """One run of the simulation; times are seconds from its start."""

    recording: WorkerTimes
    cluster: Cluster
    draw: random.Random
    waiting: int
    _left: int = 0
    _ended: float = 0.0
    _transferred: float = 0.0
    _writers: list[float] = field(default_factory=list)
    _page_transfer: float = 0.0
    _services: list[float] = field(default_factory=list)

    def through(self, pages: int) -> float:
        """Go through some of the pages that wait, and return the seconds."""
        self._left = pages
        self._writers = [0.0] * self.cluster.writers
        self._page_transfer = _transfer(self.recording, self.cluster)
        stretch = _stretch(self.recording, self.cluster)
        self._services = [stretch * self._service(page) for page in self.recording.pages]
        workers = [(0.0, number, self._worker()) for number in range(self.cluster.nodes)]
        while workers:
            _, number, worker = workers[0]
            at = next(worker, None)
            if at is None:
                heapq.heappop(workers)
            else:
                heapq.heapreplace(workers, (at, number, worker))
        return self._ended

    def _service(self, page: PageTimes) -> float:
        # The next page is decoded meanwhile; one that takes longer than that is waited for.
        return max(page.networks / self.cluster.gpu + page.rest, page.decoding)

    def _worker(self) -> Generator[float, None, None]:
        """Work round by round; yield the time of all that others may do before."""
        now = 0.0
        while self._left:
            now += self.recording.list_page * self.waiting
            until, leased = now + ROUND_SECONDS, 0
            running: list[float] = []
            free = self.cluster.processes
            while running or free:
                if not free:
                    now = max(now, heapq.heappop(running))
                    yield now
                if self._left and leased < ROUND_PAGES and now < until:
                    self._left, self.waiting, leased = self._left - 1, self.waiting - 1, leased + 1
                    now = yield from self._write(now, self.recording.lease)
                    heapq.heappush(running, self._observed(now))
                if free:
                    free -= 1
                else:
                    now = yield from self._write(now, self.recording.record)
            now += leased * self.recording.interpret
        self._ended = max(self._ended, now)

    def _observed(self, now: float) -> float:
        """Return the end of a page that begins now: its bytes wait until the storage is free."""
        self._transferred = max(self._transferred, now) + self._page_transfer
        return max(now + self.draw.choice(self._services), self._transferred)

    def _write(self, now: float, seconds: float) -> Generator[float, None, float]:
        """Make a transaction, whose commit waits until the database is free; return its end."""
        ready = now + max(0.0, seconds - self.recording.commit)
        yield ready
        committed = max(ready, heapq.heappop(self._writers)) + self.recording.commit
        heapq.heappush(self._writers, committed)
        return committed
