"""Training of the object network: from Open Images to fewer classes that bear print.

An Open Images network is reduced to ``objects.CLASSES``. It is then distilled without labels: for a
picture degraded as print and scanning do, it learns to give the answers of the untouched network,
its teacher, for the picture as it is, anchor by anchor.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from presslens.lab.training.datasets import LabelledPhoto, open_photo, read_dataset
from presslens.lab.training.newsprint import printed
from presslens.lab.training.split import held_out
from presslens.lab.training.subjects.examples import SETS
from presslens.lab.training.yolo import FineTuning, Network, export, loaded, only
from presslens.models.subjects.objects import CHILDREN, CLASSES
from presslens.models.vocabulary import Image
from presslens.models.yolo import GREY

START = "weights/yolov8n_openimages_dequantised.safetensors"
NAMES = "weights/openimages_labels.txt"
"""The network that training starts from and its 601 classes, below the data folder."""

HELD_OUT = 0.3
"""Share of the groups of photos that the network never sees."""

EPOCHS = 2
CANVAS = 512
BATCH = 8
LEARNING_RATE = 1e-4
RISE = 0.3
"""Share of the steps in which the learning rate rises, 0–1."""

DECAY = 0.98
"""Share of the averaged weights that remains at each step, 0–1."""

LIKELY = 0.05
"""Anchors for which the teacher's best class scores this teach their boxes too, 0–1."""


def train(data: Path, out: Path, *, epochs: int = EPOCHS, seed: int = 0) -> dict[str, float | int]:
    """Train, write ``objects.onnx`` into ``out``, and return its metrics on held-out photos."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    teacher = pruned(data)
    photos = [photo for name in SETS for photo in read_dataset(data, name)]
    shown = [photo for photo in photos if not held_out(photo.group, HELD_OUT)]
    tuned = _tuned(teacher, shown, epochs, rng)
    export(tuned, out / "objects.onnx", dense=True)
    held_out_photos = [photo for photo in photos if held_out(photo.group, HELD_OUT)]
    return {"train_photos": len(shown), "held_out_photos": len(held_out_photos)} | _measured(
        {"start": teacher, "kept": tuned}, teacher, held_out_photos
    )


def pruned(data: Path) -> Network:
    """Return the Open Images network with the rows of ``CLASSES`` alone, unchanged."""
    names = (data / NAMES).read_text(encoding="utf-8").splitlines()
    network = loaded("yolov8n.yaml", data / START, classes=len(names))
    return only(network, {names.index(name): name for name in CLASSES}).eval()


def _tuned(
    teacher: Network, photos: Sequence[LabelledPhoto], epochs: int, rng: np.random.Generator
) -> Network:
    """Return the running mean of a copy's weights over its distillation on degraded pictures."""
    network = copy.deepcopy(teacher)
    steps = epochs * (len(photos) // BATCH)
    tuning = FineTuning(network, rate=LEARNING_RATE, steps=steps, rise=RISE, decay=DECAY)
    for clean, degraded in _batches(photos, epochs, rng):
        tuning.step(partial(_distillation_loss, teacher, clean, degraded))
    return tuning.averaged.eval()


def _distillation_loss(
    teacher: Network, clean: torch.Tensor, degraded: torch.Tensor, student: Network
) -> torch.Tensor:
    return _disagreement(student(degraded), raw_outputs(teacher, clean))


def _batches(
    photos: Sequence[LabelledPhoto], epochs: int, rng: np.random.Generator
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield batches of pictures as they are and as printed, all shuffled in each pass."""
    for _ in range(epochs):
        order = rng.permutation(len(photos))[: len(photos) // BATCH * BATCH]
        for chosen in order.reshape(-1, BATCH):
            clean = [on_canvas(open_photo(photos[i].path), rng) for i in chosen]
            yield _tensor(clean), _tensor([printed(picture, rng) for picture in clean])


def on_canvas(photo: Image, rng: np.random.Generator) -> Image:
    """Return a photo on a square canvas, scaled, shifted and perhaps mirrored by chance."""
    scale = CANVAS / max(photo.shape[:2]) * float(rng.uniform(0.8, 1.5))
    dx, dy = (
        float(rng.uniform(min(0, CANVAS - side * scale), max(0, CANVAS - side * scale)))
        for side in (photo.shape[1], photo.shape[0])
    )
    placement = np.array([[scale, 0, dx], [0, scale, dy]], np.float32)
    canvas = cv2.warpAffine(
        photo, placement, (CANVAS, CANVAS), flags=cv2.INTER_AREA, borderValue=(GREY,) * 3
    )
    mirrored = canvas[:, ::-1] if rng.random() < 0.5 else canvas
    return np.ascontiguousarray(mirrored, np.uint8)


def _tensor(pictures: Sequence[Image]) -> torch.Tensor:
    return torch.from_numpy(np.stack([p.transpose(2, 0, 1) for p in pictures])).float() / 255


def raw_outputs(network: Network, pictures: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return raw boxes and scores of every anchor, without gradients."""
    head = network.model[-1]
    with torch.no_grad():
        head.training = True
        answer: dict[str, torch.Tensor] = network(pictures)
        head.training = False
    return answer


def _disagreement(
    student: dict[str, torch.Tensor], teacher: dict[str, torch.Tensor]
) -> torch.Tensor:
    """Return how far a student's scores, and its likely boxes, are from a teacher's."""
    truth = teacher["scores"].sigmoid()
    likely = truth.amax(1) >= LIKELY
    scores = torch.nn.functional.binary_cross_entropy_with_logits(
        student["scores"], truth, reduction="none"
    )
    boxes = torch.nn.functional.smooth_l1_loss(
        student["boxes"], teacher["boxes"], reduction="none"
    ).mean(1)
    return (scores.sum() + boxes[likely].sum()) / likely.sum().clamp(min=1)


def _measured(
    networks: dict[str, Network], teacher: Network, photos: Sequence[LabelledPhoto]
) -> dict[str, float | int]:
    """Return, for held-out photos as printed, how near each network is to the teacher.

    ``error`` is the mean distance of a class's best score in a photo from the teacher's for the
    photo as it is, as log odds; ``auc_children`` the AUC of the best child score.
    """
    rng = np.random.default_rng(1)
    pictures = [on_canvas(open_photo(photo.path), rng) for photo in photos]
    as_printed = [printed(picture, rng) for picture in pictures]
    reference = _best(teacher, pictures)
    aged = [i for i, photo in enumerate(photos) if photo.label("children") is not None]
    truth = [bool(photos[i].label("children")) for i in aged]
    child = [CLASSES.index(name) for name in CHILDREN]
    metrics: dict[str, float | int] = {
        "auc_children_clean": float(roc_auc_score(truth, reference[aged][:, child].max(1)))
    }
    for name, network in networks.items():
        best = _best(network, as_printed)
        metrics[f"error_{name}"] = float(np.abs(best - reference).mean())
        metrics[f"auc_children_{name}"] = float(roc_auc_score(truth, best[aged][:, child].max(1)))
    return metrics


def _best(network: Network, pictures: Sequence[Image]) -> NDArray[np.float64]:
    """Return the best score of each class in each picture, as log odds, (pictures, classes)."""
    rows = [raw_outputs(network, _tensor([p]))["scores"].amax(2)[0].numpy() for p in pictures]
    return np.clip(np.array(rows, np.float64), -8, 8)
