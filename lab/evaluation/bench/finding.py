"""Benchmark of photo detection on pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from presslens.models.loading import load_finder
from presslens.models.photos.traits import traits
from presslens.models.recipe import Recipe
from presslens.models.registry import Registry
from presslens.models.vocabulary import Image

THREADS = 2
ROUNDS = 3
"""Runs of each page; the quickest counts, for the others were disturbed."""


@dataclass(frozen=True, slots=True)
class StepTiming:
    """Median over pages of the milliseconds of a step, and its ratio to the network's."""

    step: str
    milliseconds: float
    ratio: float


def time_finding(pages: Sequence[Image], recipe: Recipe, registry: Registry) -> list[StepTiming]:
    """Return the timing of each step of photo detection.

    Args:
        pages: RGB pixels.
        recipe: Gives the rules of the detector.
        registry: Gives the weight file of the segmenter.
    """
    finder = load_finder(recipe, registry, threads=THREADS)
    height_mm = recipe.observe.photos.page_height_mm
    network, whole, rest = [], [], []
    for page in pages:
        network.append(_milliseconds(partial(finder.segmenter.find, page)))
        whole.append(_milliseconds(partial(finder.find, page)))
        rest.append(_milliseconds(partial(traits, page, finder.find(page), height_mm)))
    steps = {"network": network, "photos found": whole, "page traits": rest}
    one = float(np.median(network))
    return [StepTiming(n, float(np.median(t)), float(np.median(t)) / one) for n, t in steps.items()]


def _milliseconds(step: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)
