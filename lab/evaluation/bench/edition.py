"""Benchmark of an edition on two processor cores: time and memory."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from presslens.lab.evaluation.folios import KOREAN
from presslens.models.recipe import Recipe
from presslens.models.registry import Registry
from presslens.models.vocabulary import Image
from presslens.pipelines.lifeline import end_with_spawner

PROCESSES = 2
TYPICAL = 104
"""Photos of a special edition."""


@dataclass(frozen=True, slots=True)
class EditionTiming:
    """Time and memory of an edition on ``PROCESSES`` processes of one thread each.

    Attributes:
        pages: Number of pages.
        photos: Number of photos on them.
        finding: Seconds of photo detection.
        looking: Seconds of the observation of all photos.
        describing: Seconds of the description of the pages, with their captions.
        cpu: Seconds of processor time of the observation; half of it is what ``looking`` comes to
            on two idle cores and an even share.
        memory: Peak memory of all processes, MB; shared memory counts for each.
    """

    pages: int
    photos: int
    finding: float
    looking: float
    describing: float
    cpu: float
    memory: float

    @property
    def typical(self) -> float:
        """Seconds for the photos of a special edition, in proportion."""
        return self.looking * TYPICAL / self.photos if self.photos else 0.0


def time_edition(pages: Sequence[Image], recipe: Recipe, registry: Registry) -> EditionTiming:
    """Return the timing of an edition, station after station.

    Args:
        pages: RGB pixels.
        recipe: Names the instruments and their rules.
        registry: Gives the weight files.
    """
    with ProcessPoolExecutor(
        PROCESSES, get_context("spawn"), initializer=_load, initargs=(recipe, registry)
    ) as pool:
        list(pool.map(_ready, range(PROCESSES)))
        find = _step(pool, "find", pages)
        frames = [answer.frames for answer in find.answers]
        look = _step(pool, "look", pages, frames)
        describe = _step(pool, "described", pages, find.answers, look.answers)
    peak = find.peak | look.peak | describe.peak  # it only grows
    return EditionTiming(
        pages=len(pages),
        photos=sum(map(len, frames)),
        finding=find.seconds,
        looking=look.seconds,
        describing=describe.seconds,
        cpu=look.cpu,
        memory=_peak() + sum(peak.values()),
    )


@dataclass(slots=True)
class _Step:
    """The answers of the processes, in the order of the pages, and their cost."""

    answers: list[Any] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0
    peak: dict[int, float] = field(default_factory=dict)


def _step(pool: ProcessPoolExecutor, name: str, *columns: Sequence[Any]) -> _Step:
    step = _Step()
    start = time.perf_counter()
    for answer, cpu, process, peak in pool.map(_do, [name] * len(columns[0]), *columns):
        step.answers.append(answer)
        step.cpu += cpu
        step.peak[process] = max(peak, step.peak.get(process, 0.0))
    step.seconds = time.perf_counter() - start
    return step


_steps: dict[str, Callable[..., Any]] = {}
"""The steps of a process of the pool, whose models are loaded once."""


def _load(recipe: Recipe, registry: Registry) -> None:
    end_with_spawner()
    # Imported here: the process that starts the others has no use for networks.
    from presslens.models.loading import load_instruments
    from presslens.models.observer import Observer

    observer = Observer(load_instruments(recipe, registry), recipe)
    _steps["find"] = observer.instruments.photos.find
    _steps["look"] = observer.observe_photos
    _steps["described"] = lambda page, frames, photos: observer.assembled(
        page, frames, photos, observer.read_folio(page, frames, KOREAN), KOREAN
    )


def _ready(_number: int) -> None:
    """Block this process for a second, so that each process of the pool starts."""
    time.sleep(1)


def _do(step: str, *arguments: Any) -> tuple[Any, float, int, float]:
    start = time.process_time()
    answer = _steps[step](*arguments)
    return answer, time.process_time() - start, os.getpid(), _peak()


def _peak() -> float:
    """Return the peak memory of this process, MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)
