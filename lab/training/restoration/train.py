"""Training of the restoration: a network learns the way from random prints back to the photos.

Only one half of the labelled photos is printed for it, by the hash of their event, and no label is
read; how well photos are restored is measured on the other half.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from presslens.lab.training.datasets import LabelledPhoto, open_photo, read_dataset
from presslens.lab.training.restoration.network import MULTIPLE, RestoringNetwork
from presslens.lab.training.restoration.screens import Print, print_and_scan
from presslens.lab.training.split import held_out
from presslens.lab.training.subjects.examples import SETS, UNSEEN
from presslens.models.vocabulary import Image

HELD_OUT = 0.5
"""Share of the events whose photos are never printed in training."""

STEPS = 9000
BATCH = 16
SIDE = 112
"""Side of the pieces of photos that are printed, px."""

POOL, RENEWED = 600, 6
"""So many prints wait to be learned from, and so many of them are made anew at each step: making a
print costs more than learning from one."""

LEARNING_RATE = 2e-3
EDGES = 0.3
"""Weight of the differences between neighbouring pixels beside that of the pixels themselves."""

LONGEST = 900
"""Photos are reduced to this longer side, px, as they would be printed in a newspaper."""

REDUCED = (1.0, 1.0, 0.75, 0.5)
"""Shares to which a photo is reduced further, one of these by chance."""

SAVE_EVERY = 500

_log = logging.getLogger(__name__)


def printable(data: Path, *, measured: bool) -> list[LabelledPhoto]:
    """Return the photos that are printed for measuring, or those printed for training."""
    names = [name for name in SETS if name not in UNSEEN]
    photos = [photo for name in names for photo in read_dataset(data, name)]
    return [photo for photo in photos if held_out(photo.group, HELD_OUT) is measured]


def train(data: Path, out: Path, *, steps: int = STEPS, seed: int = 0) -> dict[str, float | int]:
    """Train, write ``restoration.onnx`` into a folder, and return the training's counts and loss.

    Args:
        data: The folder of labelled photos.
        out: The folder of the weights.
        steps: Batches of ``BATCH`` pieces of photos.
        seed: Seeds the weights and the prints.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    photos = [_loaded(photo) for photo in printable(data, measured=False)]
    photos = [photo for photo in photos if min(photo.shape[:2]) > SIDE]
    network = RestoringNetwork()
    optimiser = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps, 1e-5)
    pool = [_piece(photos, rng) for _ in range(POOL)]
    losses = []
    for step in range(steps):
        for _ in range(RENEWED):
            pool[rng.integers(len(pool))] = _piece(photos, rng)
        chosen = [pool[i] for i in rng.integers(len(pool), size=BATCH)]
        loss = _loss(
            network(_pixels([p.printed for p in chosen])), _pixels([p.photo for p in chosen])
        )
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == steps:
            _log.info("step %d of %d, loss %.4f", step + 1, steps, np.mean(losses[-SAVE_EVERY:]))
            export(network, out / "restoration.onnx")
    return {"photos": len(photos), "steps": steps, "last_loss": float(np.mean(losses[-500:]))}


def _loaded(photo: LabelledPhoto) -> Image:
    pixels = open_photo(photo.path)
    scale = LONGEST / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    reduced = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(reduced, np.uint8)


def _piece(photos: Sequence[Image], rng: np.random.Generator) -> Print:
    """Return a random piece of a random photo, printed."""
    photo = photos[int(rng.integers(len(photos)))]
    scale = float(rng.choice(REDUCED))
    if min(photo.shape[:2]) * scale > SIDE + 4:
        photo = np.asarray(
            cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    y, x = (int(rng.integers(side - SIDE + 1)) for side in photo.shape[:2])
    piece = photo[y : y + SIDE, x : x + SIDE]
    if rng.random() < 0.5:
        piece = piece[:, ::-1]
    return print_and_scan(np.ascontiguousarray(piece), rng)


def _pixels(pieces: Sequence[Image]) -> torch.Tensor:
    return torch.from_numpy(np.stack(pieces)).permute(0, 3, 1, 2).float() / 255


def _loss(restored: torch.Tensor, photos: torch.Tensor) -> torch.Tensor:
    """Return the mean error of pixels and of the differences between neighbours."""
    error = restored - photos
    return (
        error.abs().mean()
        + EDGES * error.diff(dim=3).abs().mean()
        + EDGES * error.diff(dim=2).abs().mean()
    )


def export(network: RestoringNetwork, path: Path) -> None:
    """Write a network as ONNX, whole or not at all, for sides that are multiples of 8 px."""
    beside = path.with_suffix(".partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    sides = {0: "photos", 2: "height", 3: "width"}
    with warnings.catch_warnings(), torch.no_grad():
        # The tracing exporter is deprecated in favour of one that needs the package onnxscript.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (torch.zeros(1, 3, 8 * MULTIPLE, 8 * MULTIPLE),),
            beside,
            input_names=["prints"],
            output_names=["photos"],
            dynamic_axes={"prints": sides, "photos": sides},
            dynamo=False,
        )
    network.train()
    beside.replace(path)
