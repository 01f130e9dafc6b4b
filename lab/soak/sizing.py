"""Holds the plan of an archive against real runs: ``python -m presslens.lab.soak sizing``.

A worker is measured on a few pages, as ``presslens bench --archive`` does; the plan then says how
long many more take, and they are analysed. What other programs of the machine use meanwhile is
taken from its processors: the plan is made for those that were left.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import psutil
from PIL import Image as Pillow

from presslens.app.demo import sample_pages
from presslens.app.drill.proof import Proof
from presslens.app.platform.settings import Settings
from presslens.app.sizing.measurement import EDITION, WARM_UP, add_pages, measure, working
from presslens.app.sizing.simulation import Cluster, simulate
from presslens.app.sizing.times import WorkerTimes
from presslens.lab.soak.night import RECIPE

SHARE = 6.0
PROCESSES = 2
REAL, SCRIPTED = 300, 20_000
"""Pages with all networks, and with scripted instruments: as far as the time allows."""

MEASURED = 32
"""Pages that the plan is made from: of scripted ones, twenty times as many."""

WITHIN = 0.15
"""Share by which the plan may be wrong."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of many pages.

    Attributes:
        pages: How many.
        seconds: From the first lease to the last summary.
        cores: Processors that other programs have left, on average.
    """

    pages: int
    seconds: float
    cores: float


def check(seconds: float) -> Iterator[Proof]:
    """Plan and run, with scripted instruments and with all networks."""
    scripted = Settings(recipe=RECIPE, processes=PROCESSES)
    blocks = [block_page(i) for i in range(EDITION)]
    yield compare(scripted, blocks, 20 * MEASURED, SCRIPTED, 0.4 * seconds)
    settings = Settings(processes=PROCESSES)
    yield compare(settings, sample_pages(settings, EDITION), MEASURED, REAL, 0.6 * seconds)


def compare(
    settings: Settings, scans: Sequence[bytes], measured: int, most: int, seconds: float
) -> Proof:
    """Hold the plan of as many pages as the time allows against their run."""
    recording = measure(settings, scans, pages=measured, processes=PROCESSES)
    each = simulate(recording, Cluster(processes=PROCESSES), most).seconds / most
    pages = min(most, max(measured, int(seconds / 2 / each)))
    ran = run(settings, scans, pages)
    planned = plan_for(recording, ran)
    error = planned / ran.seconds - 1
    kind = "scripted instruments" if recording.scripted else "all networks"
    return Proof(
        "sizing",
        f"{pages:,} pages with {kind}, planned from {measured}",
        f"{planned:,.0f} s planned, {ran.seconds:,.0f} s run on {ran.cores:.2f} processors:"
        f" {error:+.1%}",
        f"within {WITHIN:.0%}",
        abs(error) <= WITHIN,
    )


def plan_for(recording: WorkerTimes, ran: Ran) -> float:
    """Return the seconds that the plan gives a run, whose worker has started already."""
    cluster = Cluster(cores=ran.cores, processes=PROCESSES)
    return simulate(recording, cluster, ran.pages).seconds - recording.start


def run(settings: Settings, scans: Sequence[bytes], pages: int) -> Ran:
    """Analyse pages with a worker that has started."""
    with working(settings, scans, PROCESSES) as (worker, recorder):
        recorder.stages.clear()
        add_pages(worker.tools.home, scans, pages, first=WARM_UP * EDITION)
        began, before, own = time.perf_counter(), _busy(), _own()
        worker.drain()
        seconds = time.perf_counter() - began
        others = (_busy() - before) - (_own() - own)
        if len(recorder.stages) != pages:
            raise RuntimeError(f"{len(recorder.stages)} of {pages} pages were analysed")
    return Ran(pages, seconds, (psutil.cpu_count() or 1) - max(0.0, others) / seconds)


def _busy() -> float:
    """Return the processor seconds that all programs have used."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def _own() -> float:
    """Return the processor seconds of this process and those below it."""
    own = psutil.Process()
    times = [one.cpu_times() for one in (own, *own.children(recursive=True))]
    return float(sum(t.user + t.system + t.children_user + t.children_system for t in times))


def block_page(number: int) -> bytes:
    """Return a JPEG of a small page with two blocks that scripted instruments take for photos."""
    pixels = np.full((800, 600, 3), 245, np.uint8)
    for top in (60, 420):
        pixels[top : top + 260, 60 : 400 + 10 * number] = (40, 40 + 5 * number, 90)
        pixels[top + 40 : top + 140, 100:140] = (250, 10, 10)
        pixels[top + 50 : top + 80, 160:190] = (10, 250, 10)
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, "JPEG", quality=95)
    return out.getvalue()
