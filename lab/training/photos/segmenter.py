"""Training of the page segmenter: YOLO26n, from COCO to one class, on composed and real pages.

Every page is composed for one step and seen once. All layers are trained but the batch norms, whose
statistics stay those of the start weights; the running mean of the weights is shipped. A run that
was interrupted goes on where it was: pages depend on the seed and the step alone, and the rest is
written down every so many steps.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch

from presslens.lab.training.photos.composer.page import ComposedPage, compose
from presslens.lab.training.photos.composer.stock import Stock
from presslens.lab.training.photos.pages import labelled_pages
from presslens.lab.training.yolo import START, BoxTuning, Network, as_batch, export, one_class

START_ROW = 62
"""The COCO class "tv": a frame with a picture in it."""

STEPS = 640
BATCH = 8
COARSE = ((576, 800),) * 3 + ((800, 576), (704, 704))
FINE = ((736, 1024),) * 6 + ((1024, 736), (896, 896), (576, 800))
"""Width and height of the pages of a batch, one of these by chance: coarse ones first."""

COARSE_SHARE = 0.4
"""Share of the steps with coarse pages, which cost half as much."""

LEARNING_RATE = 8e-4
AHEAD = 6
"""So many batches are composed ahead of the training."""

SAVE_EVERY = 20
"""Steps between two writings of the checkpoint, in case the training is interrupted."""

CHECKPOINT = "segmenter.checkpoint.pt"
"""The file in the folder of the weights that an interrupted run goes on from."""

_log = logging.getLogger(__name__)
_stock: dict[str, Stock] = {}


def train(
    data: Path,
    out: Path,
    *,
    steps: int = STEPS,
    seed: int = 0,
    on_start: Callable[[], None] | None = None,
) -> dict[str, float | int]:
    """Train, write ``segmenter.onnx`` into ``out``, and return the training's counts and last loss.

    Args:
        data: The folder of labelled photographs and pages.
        out: The folder of the weights.
        steps: Batches of ``BATCH`` pages.
        seed: Seeds the composed pages and their order.
        on_start: A function of a module, called first in the process that composes pages.
    """
    torch.manual_seed(seed)
    network = one_class(data / START, row=START_ROW, name="photo")
    tuning = BoxTuning(network, rate=LEARNING_RATE, steps=steps, rise=0.08, decay=0.99)
    checkpoint = Checkpoint(out / CHECKPOINT, steps, seed)
    progress = checkpoint.read(tuning)
    batches = _batches(data, progress.step, steps, seed, on_start)
    for step, pages in enumerate(batches, progress.step):
        # From many boxes an object to one, as ultralytics does from epoch to epoch.
        tuning.loss.o2m = 0.8 - 0.7 * step / steps
        tuning.loss.o2o = 1 - tuning.loss.o2m
        batch = as_batch([(page.pixels, page.photos) for page in pages])
        progress.losses.append(tuning.learn(batch) / len(pages))
        progress.step, progress.photos = step + 1, progress.photos + len(batch["bboxes"])
        if progress.step % SAVE_EVERY == 0 or progress.step == steps:
            mean = np.mean(progress.losses[-SAVE_EVERY:])
            _log.info("step %d of %d, loss %.3f", progress.step, steps, mean)
            checkpoint.write(tuning, progress)
    _save(tuning.averaged, out / "segmenter.onnx")
    checkpoint.path.unlink()
    last = float(np.mean(progress.losses[-40:]))
    return {"pages": steps * BATCH, "photos": progress.photos, "last_loss": last}


@dataclass(slots=True)
class Progress:
    """How far a run has come: its steps, the photos on their pages, and the loss of each step."""

    step: int = 0
    photos: int = 0
    losses: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The file of an interrupted run.

    Attributes:
        path: Is written whole or not at all.
        steps: Of the whole run.
        seed: Of its pages. A checkpoint of another run is not gone on from.
    """

    path: Path
    steps: int
    seed: int

    def read(self, tuning: BoxTuning) -> Progress:
        """Bring a tuning to where the run was, and return how far that is."""
        if not self.path.is_file():
            return Progress()
        stored = torch.load(self.path, weights_only=True)
        if stored["run"] != [self.steps, self.seed]:
            return Progress()
        tuning.go_on(stored["tuning"])
        _log.info("going on after step %d", stored["step"])
        return Progress(stored["step"], stored["photos"], stored["losses"])

    def write(self, tuning: BoxTuning, progress: Progress) -> None:
        """Write down where a run is."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".partial")
        torch.save(
            {"run": [self.steps, self.seed], "tuning": tuning.state(), **asdict(progress)}, beside
        )
        beside.replace(self.path)


def _save(network: Network, path: Path) -> None:
    """Write the network, whole or not at all."""
    beside = path.with_suffix(".partial")
    export(network, beside)
    beside.replace(path)


def _batches(
    data: Path, first: int, steps: int, seed: int, on_start: Callable[[], None] | None
) -> Iterator[list[ComposedPage]]:
    """Yield the batches from a step on; another process composes them during the training."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn, on_start) as pool:
        waiting = [
            pool.submit(_batch, data, seed, step, steps)
            for step in range(first, min(first + AHEAD, steps))
        ]
        for step in range(first, steps):
            yield waiting.pop(0).result()
            if step + AHEAD < steps:
                waiting.append(pool.submit(_batch, data, seed, step + AHEAD, steps))


def _batch(data: Path, seed: int, step: int, steps: int) -> list[ComposedPage]:
    if "stock" not in _stock:
        cv2.setNumThreads(1)
        pages = [page for page in labelled_pages(data) if not page.held_out]
        _stock["stock"] = Stock.gather(data, pages, np.random.default_rng(seed))
    rng = np.random.default_rng([seed, step])
    shapes = COARSE if step < COARSE_SHARE * steps else FINE
    width, height = shapes[int(rng.integers(len(shapes)))]
    return [compose(_stock["stock"], width, height, rng) for _ in range(BATCH)]
