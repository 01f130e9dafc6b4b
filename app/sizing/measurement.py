"""Measures on this machine what pages cost a worker: the recording that a plan is made from."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from sqlalchemy import func, insert, select, text

import presslens.app.services.analysis.jobs as jobs
from presslens.app.db.columns import JobKind
from presslens.app.db.tables import EditionRow, PageRow, PublicationRow, ScanRow
from presslens.app.installation import Installation, init_installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.lease import free_keys
from presslens.app.services.ingest.upload import Incoming, ingest
from presslens.app.sizing.times import PageTimes, WorkerTimes
from presslens.app.worker import Worker, open_worker
from presslens.pipelines.page_observer import ObserverSettings
from presslens.pipelines.pool import PoolEngine
from presslens.pipelines.stages import Stage
from presslens.pipelines.task import Engine, PageResult, PageTask

FIRST_DAY = date(1700, 1, 1)
EDITION = 8
"""Pages of an edition."""

LISTED = 20_000
"""Pages on the list whose reading is timed."""

WARM_UP = 1
"""How often each scan is analysed before anything is measured."""

_NETWORKS = (Stage.FIND, Stage.LOOK)
_REST = (Stage.VIEW, Stage.READ)


@contextmanager
def new_installation(settings: Settings, url: str | None = None) -> Iterator[Installation]:
    """Make an installation that is gone afterwards, with the recipe and weights of another.

    Args:
        settings: Of the other one.
        url: An empty database; None makes one of SQLite.
    """
    with tempfile.TemporaryDirectory(prefix="presslens-sizing-") as folder:
        place = {"data_dir": Path(folder), "database_url": url or f"sqlite:///{folder}/p.db"}
        own = settings.model_copy(update={**place, "store_url": "", "min_free_bytes": 0})
        init_installation(own)
        with open_installation(own) as home:
            yield home


def add_pages(home: Installation, scans: Sequence[bytes], count: int, *, first: int = 0) -> None:
    """Store editions of JPEGs in turns, each with a comment, so that none is known yet.

    Args:
        scans: The JPEGs.
        count: Pages to store.
    """
    for start in range(first, first + count, EDITION):
        numbers = range(start, min(start + EDITION, first + count))
        files = [
            Incoming(f"page_{i - start + 1}.jpg", BytesIO(commented(scans[i % len(scans)], str(i))))
            for i in numbers
        ]
        day = FIRST_DAY + timedelta(days=start // EDITION)
        profile = {"languages": ["ko"]}
        ingest(home, files, publication="Bench", edition_date=day, now=clock.now(), profile=profile)


def commented(jpeg: bytes, comment: str) -> bytes:
    """Return a JPEG with a comment behind its first mark: another file of the same pixels."""
    content = comment.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(content) + 2).to_bytes(2) + content + jpeg[2:]


@contextmanager
def pool(home: Installation, processes: int) -> Iterator[PoolEngine]:
    """Give processes of one thread each that observe pages."""
    limits = home.settings.limits
    settings = ObserverSettings(home.recipe, home.settings.load_registry(), limits, threads=1)
    with closing(PoolEngine(settings, processes)) as engine:
        yield engine


@dataclass(frozen=True, slots=True)
class StageRecorder:
    """An engine that keeps the stages of its pages."""

    engine: Engine  # the engine that works
    on_page: Callable[[], None] = lambda: None  # called after each page
    # Of each page: its number of photos and its stages' seconds.
    stages: list[tuple[int, Mapping[Stage, float]]] = field(default_factory=list)

    def run(self, tasks: Iterable[PageTask]) -> Iterator[PageResult]:
        """See ``Engine.run``."""
        for result in self.engine.run(tasks):
            photos = len(result.observation.photos) if result.observation else 0
            self.stages.append((photos, result.stages))
            self.on_page()
            yield result


@dataclass(slots=True)
class Waits:
    """The calls of some functions: their seconds, and those of them on the processor.

    Time in which the thread waited for a processor that others had is left out, where the kernel
    tells it.
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    processor: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """Count what happens inside as a call."""
        before, began, used = _queued(), time.perf_counter(), time.thread_time()
        try:
            yield
        finally:
            spent = time.perf_counter() - began - (_queued() - before)
            self.seconds.setdefault(name, []).append(spent)
            self.processor.setdefault(name, []).append(time.thread_time() - used)

    def mean(self, name: str, count: int) -> float:
        """Return the seconds of all calls of a function, per page."""
        return sum(self.seconds.get(name, ())) / count

    @contextmanager
    def on(self, owner: Any, names: Sequence[str]) -> Iterator[None]:
        """Count the calls of some functions of a module as long as the ``with`` statement lasts."""
        functions = {name: getattr(owner, name) for name in names}
        for name, function in functions.items():
            setattr(owner, name, self._counted(name, function))
        try:
            yield
        finally:
            for name, function in functions.items():
                setattr(owner, name, function)

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            with self.call(name):
                return function(*args, **options)

        return counted


def _queued() -> float:
    """Return the seconds that this thread has waited for a processor; 0 if nobody tells."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a family of processes has used so far, in seconds and bytes."""

    # Processor time of the processes that look at pages, and of those that read letters.
    looking: float
    decoding: float  # the same of the processes that decode
    read: int  # bytes read, as they ask for them
    written: int  # bytes written
    memory: int  # the most memory of any process that looks at pages

    @classmethod
    def now(cls, others: Set[psutil.Process]) -> Usage:
        """Return it for this process and those below it.

        Args:
            others: Processes that this one has started for something else.
        """
        own = psutil.Process()
        looking = decoding = 0.0
        memory = 0
        children = [child for child in own.children() if child not in others]
        for child in children:
            times = child.cpu_times()
            looking += times.user + times.system + times.children_user + times.children_system
            memory = max(memory, peak_memory(child.pid))
            decoding += sum(sum(reader.cpu_times()[:2]) for reader in child.children())
        below = (one for child in children for one in (child, *child.children(recursive=True)))
        counters = [one.io_counters() for one in (own, *below)]
        read, written = (sum(getattr(c, name) for c in counters) for name in _BYTES)
        return cls(looking, decoding, read, written, memory)


_BYTES = ("read_chars", "write_chars")


def peak_memory(pid: int) -> int:
    """Return the most resident memory that a process has had, bytes, as Linux counts it."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return 1024 * int(line.split()[1])


def measure(
    settings: Settings,
    scans: Sequence[bytes],
    *,
    pages: int,
    processes: int,
    on_page: Callable[[], None] = lambda: None,
) -> WorkerTimes:
    """Have a worker analyse pages in an installation of its own, and return what they cost.

    Args:
        settings: Name the recipe and the weights.
        scans: JPEGs that are analysed in turns.
        pages: How many pages, after one of each scan that are not counted.
        processes: That look at pages, as many as the machine has processors for.
        on_page: Called after each page.
    """
    others = set(psutil.Process().children())
    with working(settings, scans, processes, on_page) as (worker, recorder):
        home = worker.tools.home
        start = max(seconds.get(Stage.LOAD, 0.0) for _, seconds in recorder.stages)
        recorder.stages.clear()
        add_pages(home, scans, pages, first=WARM_UP * EDITION)
        waits, rows, before = Waits(), _database_bytes(home), Usage.now(others)
        _drain(worker, waits)
        after = Usage.now(others)
        return WorkerTimes(
            pages=_pages(recorder.stages, after, before),
            lease=waits.mean("lease_keys", pages) + waits.mean("leased_page", pages),
            record=waits.mean("record", pages),
            commit=_commit(waits),
            interpret=waits.mean("others", pages),
            list_page=_list_page(settings),
            start=start,
            memory=after.memory,
            worker_memory=psutil.Process().memory_info().rss,
            scan_bytes=sum(map(len, scans)) / len(scans),
            view_bytes=_view_bytes(home),
            row_bytes=(_database_bytes(home) - rows) / pages,
            read_bytes=(after.read - before.read) / pages,
            write_bytes=(after.written - before.written) / pages,
            cores=psutil.cpu_count() or 1,
            scripted=home.recipe.observe.instruments == "scripted",
        )


@contextmanager
def working(
    settings: Settings,
    scans: Sequence[bytes],
    processes: int,
    on_page: Callable[[], None] = lambda: None,
) -> Iterator[tuple[Worker, StageRecorder]]:
    """Give a worker that has analysed some pages, and what records the stages of all pages.

    Args:
        settings: Name the recipe and the weights.
        scans: JPEGs, each of which it has analysed ``WARM_UP`` times.
        processes: That look at pages.
        on_page: Called after each page.
    """
    with new_installation(settings) as home, pool(home, processes) as engine:
        add_pages(home, scans, WARM_UP * len(scans))
        recorder = StageRecorder(engine, on_page)
        with open_worker(home, threading.Event(), engine=_opener(recorder)) as worker:
            worker.drain()
            yield worker, recorder


def _opener(engine: Engine) -> Callable[[Installation], Any]:
    @contextmanager
    def opened(_home: Installation) -> Iterator[Engine]:
        yield engine

    return opened


def _drain(worker: Worker, waits: Waits) -> None:
    """Do all work; count what a page waits for, and what keeps all processes waiting."""
    with waits.on(jobs, ("lease_keys", "leased_page", "record")):
        while worker.turn(JobKind.OBSERVE) | _others(worker, waits):
            pass


def _others(worker: Worker, waits: Waits) -> bool:
    # Pages are leased and recorded by the first kind alone.
    leases = {name: list(values) for name, values in waits.seconds.items()}
    with waits.call("others"):
        worked = [worker.turn(kind) for kind in jobs.JOBS if kind is not JobKind.OBSERVE]
    others = waits.seconds["others"]
    waits.seconds = {**leases, "others": others}
    return any(worked)


def _commit(waits: Waits) -> float:
    """Return the seconds that a transaction of a page waits for the disk."""
    pairs = zip(waits.seconds["record"], waits.processor["record"], strict=True)
    return max(0.0, median(seconds - processor for seconds, processor in pairs))


def _pages(
    stages: Sequence[tuple[int, Mapping[Stage, float]]], after: Usage, before: Usage
) -> tuple[PageTimes, ...]:
    """Return the time of each page: its share by the clock, all together by the processor."""
    looking = sum(_sum(seconds, (*_NETWORKS, *_REST)) for _, seconds in stages)
    factor = (after.looking - before.looking) / looking
    decoding = (after.decoding - before.decoding) / len(stages)
    return tuple(
        PageTimes(
            photos, factor * _sum(seconds, _NETWORKS), factor * _sum(seconds, _REST), decoding
        )
        for photos, seconds in stages
    )


def _sum(seconds: Mapping[Stage, float], stages: Sequence[Stage]) -> float:
    return sum(seconds.get(stage, 0.0) for stage in stages)


def _list_page(settings: Settings) -> float:
    """Return the seconds of reading the list of waiting pages, per page on it."""
    with new_installation(settings) as home:
        with home.database.write() as session:
            publication = session.scalars(select(PublicationRow.id)).first()
            moment = clock.now()
            numbers = range(LISTED)
            session.execute(
                insert(EditionRow),
                [
                    {
                        "id": e + 1,
                        "publication_id": publication,
                        "edition_date": FIRST_DAY + timedelta(days=e),
                        "content_key": f"{e:064x}",
                        "created_at": moment,
                        "unpacked_at": moment,
                    }
                    for e in range(LISTED // EDITION)
                ],
            )
            scans = [{"id": i + 1, "sha256": f"{i:064x}", "frame": 0} for i in numbers]
            session.execute(insert(ScanRow), scans)
            pages = [
                {
                    "edition_id": i // EDITION + 1,
                    "number": i % EDITION + 1,
                    "is_front": i % EDITION == 0,
                    "source": "1.jpg",
                    "scan_id": i + 1,
                }
                for i in numbers
            ]
            session.execute(insert(PageRow), pages)
        with home.database.read() as session:
            work = jobs.JOBS[JobKind.OBSERVE].waiting(session, home.recipe)
            began = time.thread_time()
            if work is not None:
                free_keys(session, work, now=clock.now(), most=jobs.ObserveJob.a_round)
            return (time.thread_time() - began) / LISTED


def _view_bytes(home: Installation) -> float:
    views = (home.settings.data_dir / "views").rglob("*")
    sizes = [path.stat().st_size for path in views if path.is_file()]
    return sum(sizes) / max(len(sizes), 1)


def _database_bytes(home: Installation) -> int:
    """Return the size of all tables and indexes."""
    with home.database.read() as session:
        if session.get_bind().dialect.name == "postgresql":
            return session.scalar(select(func.pg_database_size(func.current_database()))) or 0
        pages, size = (session.scalar(text(f"PRAGMA {n}")) for n in ("page_count", "page_size"))
        return int(pages) * int(size)
