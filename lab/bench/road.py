"""Where the time of an edition goes, from its scans to its summary.

Run ``python -m presslens.lab.bench.road``.

Three ratios: an edition beside the time of its networks alone, two processes beside one, and a
worker's start beside its first page. Rounds are interleaved, since machines are seldom idle; where
processor time says the same, it is what is printed.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date
from statistics import median

import psutil
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

import presslens.models.captions.reader
import presslens.pipelines.page_observer
from presslens.app.db.tables import OutcomeRow
from presslens.app.demo import sample_pages
from presslens.app.installation import Installation
from presslens.app.platform.settings import Settings
from presslens.app.sizing.measurement import EDITION, add_pages, new_installation, working
from presslens.app.worker import open_worker
from presslens.lab.bench.stage_clock import StageClock, StageSeconds
from presslens.lab.training.stopwatch import NETWORK
from presslens.models.observer import Observer
from presslens.models.photos.finder import SegmentingFinder
from presslens.pipelines.engine import InlineEngine
from presslens.pipelines.interpret import Interpreter
from presslens.pipelines.lifeline import program, running
from presslens.pipelines.page_observer import ObserverSettings, PageObserver
from presslens.pipelines.scans.sandbox import Decoding, Sandbox
from presslens.pipelines.task import Engine

FIRST_DAY = date(2000, 1, 1)
NETWORKS, LETTERS = "networks", "captions read by Tesseract"
STARTED = 60.0
"""Seconds within which a worker is to have analysed its first page, or it is given up."""

TOGETHER = 3
"""So many editions are analysed together to compare numbers of processes."""

MOST_RATIO, LEAST_SPEEDUP, MOST_START = 1.15, 1.8, 5.0
"""What the ratios and the seconds of the start are to be."""

CALLS = (
    (NETWORK, "run", NETWORKS),
    (presslens.models.captions.reader, "read_words", LETTERS),
    (Decoding, "result", "waiting for the decoded page"),
    (SegmentingFinder, "find", "finding photos, beside the networks"),
    (Observer, "observe_photos", "looking at photos, beside the networks"),
    (Observer, "assembled", "describing pages, locating captions"),
    (presslens.pipelines.page_observer, "write_view", "writing views"),
    (Interpreter, "interpret", "interpreting"),
)
"""What is measured apart; the rest of a worker's time is its database and its leases."""

REST = "database, leases, summaries"


@dataclass(frozen=True, slots=True)
class Road:
    """The way of an edition through one worker of one thread.

    Attributes:
        pages: How many.
        stages: The time of each stage; none is within another.
        decoding: Seconds of processor time in the processes that decode and read letters.
    """

    pages: int
    stages: dict[str, StageSeconds]
    decoding: float

    @property
    def wall(self) -> float:
        """Seconds from the first lease to the last summary."""
        return sum(stage.wall for stage in self.stages.values())

    @property
    def ratio(self) -> float:
        """The edition over its networks: those of onnxruntime and that of Tesseract."""
        return self.wall / sum(self.stages[n].wall for n in (NETWORKS, LETTERS) if n in self.stages)

    @property
    def processor_ratio(self) -> float:
        """The same of this process alone, in processor time: without Tesseract and decoding."""
        whole = sum(stage.processor for stage in self.stages.values())
        return whole / self.stages[NETWORKS].processor


def walk(settings: Settings, pages: Sequence[bytes]) -> Road:
    """Analyse an edition in this process, after another one that has warmed it up."""
    watch = StageClock()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    with (
        new_installation(settings) as home,
        open_worker(home, threading.Event(), engine=_inline) as worker,
    ):
        add_pages(home, pages, len(pages))
        worker.drain()
        add_pages(home, pages, len(pages), first=_next(pages))
        with watch.on(*CALLS), watch.stage(REST):
            worker.drain()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    decoding = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    return Road(len(pages), watch.spent, decoding / 2)


@contextmanager
def _inline(home: Installation) -> Iterator[Engine]:
    """Give the engine of one process and one thread, whatever the machine has."""
    limits = home.settings.limits
    settings = ObserverSettings(home.recipe, home.settings.load_registry(), limits, threads=1)
    with Sandbox(limits) as sandbox:
        observer = PageObserver(sandbox, settings.load, pdf_dpi=home.recipe.observe.pdf_dpi)
        with closing(observer):
            yield InlineEngine(observer)


@dataclass(frozen=True, slots=True)
class Drained:
    """How long a worker took for an edition, without its start.

    Attributes:
        wall: Seconds by the clock.
        processor: Seconds of processor time of the processes that observe.
    """

    wall: float
    processor: float


def _next(pages: Sequence[bytes]) -> int:
    """Return the number of the first page of the second edition."""
    return EDITION * -(-len(pages) // EDITION)


def drains(
    settings: Settings, pages: Sequence[bytes], processes: Sequence[int], rounds: int
) -> dict[int, list[Drained]]:
    """Analyse editions with one worker of each number of processes in turns, one thread each.

    Several come together: of one alone, its last page keeps one process busy and the other idle.
    """
    together = TOGETHER * _next(pages)
    drained: dict[int, list[Drained]] = {count: [] for count in processes}
    with ExitStack() as stack:
        workers = {}
        for count in processes:
            workers[count], _ = stack.enter_context(working(settings, pages, count))
        for number in range(1, rounds + 1):
            for count, worker in workers.items():
                first = number * together
                add_pages(worker.tools.home, pages, together, first=first)
                before, begun = _processor(), time.perf_counter()
                worker.drain()
                wall = time.perf_counter() - begun
                drained[count].append(Drained(wall, _processor() - before))
    return drained


def _processor() -> float:
    """Return the processor seconds of this process and those that it has started."""
    own = psutil.Process()
    times = [one.cpu_times() for one in (own, *own.children(recursive=True))]
    return float(sum(t.user + t.system + t.children_user + t.children_system for t in times))


def start_up(settings: Settings, page: bytes) -> tuple[float, float]:
    """Start a worker and return the seconds until its first page is analysed: clock, processor."""
    with new_installation(settings) as home:
        add_pages(home, [page], 1)
        begun = time.perf_counter()
        environment = {
            **os.environ,
            "PRESSLENS_DATA_DIR": str(home.settings.data_dir),
            "PRESSLENS_DATABASE_URL": home.settings.database_url,
        }
        nowhere = subprocess.DEVNULL
        worker = running(
            program("presslens", "worker"), env=environment, stdout=nowhere, stderr=nowhere
        )
        with worker as process:
            while not _outcomes(home):
                if time.perf_counter() - begun > STARTED or process.poll() is not None:
                    raise TimeoutError(f"no page was analysed within {STARTED:.0f} s")
                time.sleep(0.02)
            wall = time.perf_counter() - begun
            top = psutil.Process(process.pid)
            times = [one.cpu_times() for one in (top, *top.children(recursive=True))]
    return wall, sum(t.user + t.system for t in times)


def _outcomes(home: Installation) -> int:
    with home.database.read() as session:
        return session.scalar(select(func.count()).select_from(OutcomeRow)) or 0


def main() -> None:
    """Print the ratios of a composed edition."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=8, help="pages of the edition")
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    settings = Settings()
    pages = sample_pages(settings, args.pages)
    console = Console()
    road = min((walk(settings, pages) for _ in range(args.rounds)), key=lambda road: road.ratio)
    console.print(profile(road))
    drained = drains(settings, pages, (1, 2), args.rounds)
    starts = [start_up(settings, pages[0]) for _ in range(args.rounds)]
    console.print(ratios(road, drained, starts))


def profile(road: Road) -> Table:
    """Return where the time of an edition goes."""
    title = f"an edition of {road.pages} pages, one worker of one thread"
    table = Table(title, "ms a page", "processor, ms a page", "share")
    for name, spent in sorted(road.stages.items(), key=lambda stage: -stage[1].wall):
        cells = (1000 * spent.wall, 1000 * spent.processor)
        share = f"{spent.wall / road.wall:.1%}"
        table.add_row(name, *(f"{cell / road.pages:,.0f}" for cell in cells), share)
    table.add_row("all", f"{1000 * road.wall / road.pages:,.0f}")
    decoding = f"{1000 * road.decoding / road.pages:,.0f}"
    table.add_row("beside it: decoding, Tesseract", "", decoding)
    return table


def ratios(
    road: Road, drained: Mapping[int, Sequence[Drained]], starts: Sequence[tuple[float, float]]
) -> Table:
    """Return the ratios with their targets."""
    table = Table("ratio", "figure", "target")
    table.add_row("an edition / its networks", f"{road.ratio:.2f}", f"at most {MOST_RATIO}")
    processor = f"{road.processor_ratio:.2f}"
    table.add_row("the same in processor time, without Tesseract and decoding", processor, "")
    (one, single), (two, double) = drained.items()
    fast = median(s.wall for s in single) / median(d.wall for d in double)
    cost = median(d.processor for d in double) / median(s.processor for s in single)
    each = ", ".join(f"{s.wall / d.wall:.2f}" for s, d in zip(single, double, strict=True))
    what = f"{two} processes against {one}"
    table.add_row(f"{what}, times as fast ({each})", f"{fast:.2f}", f"at least {LEAST_SPEEDUP}")
    table.add_row(f"{what}, processor time for the same pages", f"{cost:.2f}", "1")
    wall, processor = (median(values) for values in zip(*starts, strict=True))
    table.add_row("start of a worker to its first page, s", f"{wall:.1f}", f"below {MOST_START}")
    table.add_row("the same, processor seconds", f"{processor:.1f}", "")
    return table


if __name__ == "__main__":
    main()
