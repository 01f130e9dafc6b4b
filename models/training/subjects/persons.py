"""Training of the person detector: from a COCO network to one class that bears print.

The COCO network loses all classes but person, and so starts at its full
accuracy. Neck and head are then tuned for a pass, backbone and batch norms frozen, on COCO photos
and on boxes that the COCO network itself finds at twice the size in photos of the domain; half of
what it is shown is degraded as print and scanning do. The shipped weights lie between those before
and after, so that print is learnt and little of COCO is forgotten.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from models.geometry import Box
from models.recipe import PersonRules
from models.subjects.persons import OnnxPersonDetector
from models.training.datasets import open_photo, read_dataset
from models.training.newsprint import printed
from models.training.split import held_out
from models.training.subjects.boxed import HELD_OUT, BoxedPhoto, person_precision, read_boxed
from models.training.yolo import START, BoxTuning, Network, as_batch, blended, export, one_class
from models.vocabulary import Image
from models.yolo import GREY

UNBOXED = (
    "rodong_sinmun_photos",
    "dprk_web_photos",
    "crowd_points",
    "children_school",
    "people_events_web",
)
"""Sets of the domain, or near it, that the start network puts boxes in."""

EPOCHS = 1
CANVAS = 576
BATCH = 8
LEARNING_RATE = 2e-4
BACKBONE_LAYERS = 11
SHARE = 0.5
"""Share of the way from the start weights to the tuned ones at which the shipped ones lie, 0–1."""

RULES = PersonRules(size=640, fine_size=960, small=0.2, candidate=0.1, overlap=0.6, score=0.01)
"""The rules under which the network is measured."""

TEACHER = RULES.model_copy(update={"size": 1280, "fine_size": 1280, "score": 0.4})


def train(data: Path, out: Path, *, epochs: int = EPOCHS, seed: int = 0) -> dict[str, float | int]:
    """Train, write ``persons.onnx`` into ``out``, and return its metrics on held-out photos."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    start = one_class(data / START, row=0, name="person")
    boxed = read_boxed(data)
    with tempfile.TemporaryDirectory() as folder:
        before, after = (Path(folder) / f"{name}.onnx" for name in ("start", "tuned"))
        export(start, before, dense=True)
        teacher = OnnxPersonDetector(before, TEACHER, threads=2)
        training = [photo for photo in boxed if not photo.held_out] + pseudo_boxed(data, teacher)
        tuned = _tuned(copy.deepcopy(start), training, epochs, rng)
        export(tuned, after, dense=True)
        export(blended(start, tuned, SHARE), out / "persons.onnx", dense=True)
        metrics = {"start": _measured(before, boxed), "tuned": _measured(after, boxed)}
    metrics["kept"] = _measured(out / "persons.onnx", boxed)
    return {"train_photos": len(training), "train_boxes": sum(len(p.persons) for p in training)} | {
        f"{stage}_{name}": value
        for stage, those in metrics.items()
        for name, value in those.items()
    }


def pseudo_boxed(data: Path, teacher: OnnxPersonDetector) -> list[BoxedPhoto]:
    """Return the photos of the unboxed sets that may be trained on, with a teacher's boxes."""
    photos = [photo for name in UNBOXED for photo in read_dataset(data, name)]
    boxed = []
    for photo in photos:
        if not held_out(photo.group, HELD_OUT):
            pixels = open_photo(photo.path, trim=False)
            persons = tuple(detection.box for detection in teacher.detect([pixels])[0])
            boxed.append(BoxedPhoto(photo.key, photo.path, persons))
    return boxed


def _tuned(
    network: Network,
    photos: Sequence[BoxedPhoto],
    epochs: int,
    rng: np.random.Generator,
) -> Network:
    """Return the running mean of a network's weights over the tuning of neck and head."""
    for layer in network.model[:BACKBONE_LAYERS]:
        layer.requires_grad_(False)
    steps = epochs * (len(photos) // BATCH)
    tuning = BoxTuning(network, rate=LEARNING_RATE, steps=steps, rise=0.1, decay=0.98)
    tuning.loss.o2m, tuning.loss.o2o = 0.5, 0.5
    for _ in range(epochs):
        order = rng.permutation(len(photos))[: len(photos) // BATCH * BATCH]
        for chosen in order.reshape(-1, BATCH):
            shown = [photos[i] for i in chosen]
            tuning.learn(
                as_batch([augmented(open_photo(p.path, trim=False), p.persons, rng) for p in shown])
            )
    return tuning.averaged


def augmented(
    photo: Image, persons: Sequence[Box], rng: np.random.Generator
) -> tuple[Image, list[Box]]:
    """Return a photo on the training canvas, scaled, shifted, mirrored, half of them as printed.

    Args:
        photo: RGB pixels.
        persons: Boxes in photo pixels; those mostly outside the canvas are left out.
        rng: Draws every choice.
    """
    scale = CANVAS / max(photo.shape[:2]) * float(rng.uniform(0.7, 1.4))
    dx, dy = (
        float(rng.uniform(min(0, CANVAS - side * scale), max(0, CANVAS - side * scale)))
        for side in (photo.shape[1], photo.shape[0])
    )
    placement = np.array([[scale, 0, dx], [0, scale, dy]], np.float32)
    shown = printed(photo, rng) if rng.random() < 0.5 else photo
    canvas = np.asarray(
        cv2.warpAffine(
            shown, placement, (CANVAS, CANVAS), flags=cv2.INTER_AREA, borderValue=(GREY,) * 3
        ),
        np.uint8,
    )
    boxes = [box.scaled(scale).moved(dx, dy) for box in persons]
    inside = Box(0, 0, CANVAS, CANVAS)
    boxes = [box.clipped(CANVAS, CANVAS) for box in boxes if box.share_inside(inside) > 0.4]
    if rng.random() < 0.5:
        canvas = np.ascontiguousarray(canvas[:, ::-1])
        boxes = [Box(CANVAS - box.x1, box.y0, CANVAS - box.x0, box.y1) for box in boxes]
    return canvas, boxes


def _measured(path: Path, boxed: Sequence[BoxedPhoto]) -> dict[str, float | int]:
    """Return average precisions on the boxed photos that are never trained on."""
    held_out_photos = [photo for photo in boxed if photo.held_out]
    detector = OnnxPersonDetector(path, RULES, threads=2)
    rng = np.random.default_rng(1)
    clean, boxes = person_precision(detector, held_out_photos)
    return {
        "held_out_photos": len(held_out_photos),
        "held_out_boxes": boxes,
        "ap50": clean,
        "ap75": person_precision(detector, held_out_photos, iou=0.75)[0],
        "ap50_printed": person_precision(
            detector, held_out_photos, shown=lambda p: printed(p, rng)
        )[0],
    }
