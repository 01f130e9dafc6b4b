"""How long finding photos takes, beside the time of the network itself in the same run.

Machines differ and are shared: a ratio between two times of one run says more than either time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from models.learned import load_finder
from models.photos.traits import traits
from models.recipe import Recipe
from models.registry import Registry
from models.vocabulary import Image
from pipelines.sandbox import Sandbox
from pipelines.scan import expand

THREADS = 2
ROUNDS = 3
"""Each page is looked at so often; the quickest counts, for the others were disturbed."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Median over pages of the milliseconds that a step takes, and its ratio to the network's."""

    step: str
    milliseconds: float
    ratio: float


def bench_photos(scans: Sequence[Path], recipe: Recipe, registry: Registry) -> list[Timing]:
    """Return how long each step of finding photos takes on a page, once it is decoded.

    Args:
        scans: Pages, or folders of them.
        recipe: Rules of the finder.
        registry: Where the segmenter is.
    """
    finder = load_finder(recipe, registry, threads=THREADS)
    height_mm = recipe.observe.photos.page_height_mm
    network, whole, rest = [], [], []
    for page in _pages(scans, recipe):
        network.append(_milliseconds(partial(finder.segmenter.find, page)))
        whole.append(_milliseconds(partial(finder.find, page)))
        boxes = [frame.box for frame in finder.find(page).frames]
        look = partial(traits, page, boxes, skew=0.0, page_height_mm=height_mm)
        rest.append(_milliseconds(look))
    steps = {"network": network, "photos found": whole, "page traits": rest}
    one = float(np.median(network))
    return [Timing(n, float(np.median(t)), float(np.median(t)) / one) for n, t in steps.items()]


def _pages(scans: Sequence[Path], recipe: Recipe) -> list[Image]:
    with Sandbox() as sandbox:
        return [
            sandbox.decode(path, 0, path.name, pdf_dpi=recipe.observe.pdf_dpi)
            for path in expand(scans)
        ]


def _milliseconds(step: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)
