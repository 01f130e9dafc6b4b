"""How long finding the photos of a page takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.loading import load_finder
from models.photos.traits import traits
from models.recipe import Recipe
from models.registry import Registry
from models.vocabulary import Image

THREADS = 2
ROUNDS = 3
"""Each page is looked at so often; the quickest counts, for the others were disturbed."""


@dataclass(frozen=True, slots=True)
class StepTiming:
    """Median over pages of the milliseconds that a step takes, and its ratio to the network's."""

    step: str
    milliseconds: float
    ratio: float


def time_finding(pages: Sequence[Image], recipe: Recipe, registry: Registry) -> list[StepTiming]:
    """Return how long each step of finding photos takes on a page.

    Args:
        pages: RGB pixels.
        recipe: Rules of the finder.
        registry: Where the segmenter is.
    """
    finder = load_finder(recipe, registry, threads=THREADS)
    height_mm = recipe.observe.photos.page_height_mm
    network, whole, rest = [], [], []
    for page in pages:
        network.append(_milliseconds(partial(finder.segmenter.find, page)))
        whole.append(_milliseconds(partial(finder.find, page)))
        boxes = [frame.box for frame in finder.find(page).frames]
        look = partial(traits, page, boxes, skew=0.0, page_height_mm=height_mm)
        rest.append(_milliseconds(look))
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
