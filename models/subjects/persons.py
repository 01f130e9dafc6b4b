"""Detects persons in a photo: a one-class YOLO26n that the project fine-tuned, in one pass or two.

A photo with small persons gets a second pass, mirrored and at a larger size. Persons that both
passes detect count more than those of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.recipe import PersonRules
from models.vocabulary import Detection, Image
from models.yolo import DenseYolo, suppressed

PERSON = "person"

FAINT = 0.05
"""Persons below this score, 0–1, are stored for measurements only; nothing is read from them."""

Boxes = NDArray[np.float32]


class PersonBoxes(NamedTuple):
    """Persons as rows, best first: boxes (n, 4) in photo pixels, scores (n,) 0–1."""

    boxes: Boxes
    scores: NDArray[np.float32]


class OnnxPersonDetector:
    """Finds persons.

    Args:
        path: The network, as ``models.yolo.DenseYolo`` takes it.
        rules: Sizes, and when a second pass is due.
        threads: CPU threads for one photo.
    """

    def __init__(self, path: Path, rules: PersonRules, *, threads: int = 1) -> None:
        self._network = DenseYolo(path, threads=threads)
        self._rules = rules

    def detect(self, photos: Sequence[Image]) -> list[list[Detection]]:
        """Return the persons of each photo, best first, boxes in that photo's pixels."""
        return [self._persons(photo) for photo in photos]

    def _persons(self, photo: Image) -> list[Detection]:
        look = self._look(photo, self._rules.size)
        if self._small(look, max(photo.shape[:2])):
            mirrored = self._look(np.ascontiguousarray(photo[:, ::-1]), self._rules.fine_size)
            look = fused(look, _mirrored(mirrored, photo.shape[1]), overlap=self._rules.overlap)
        return [
            Detection(PERSON, Box(*map(float, box)), float(score))
            for box, score in zip(look.boxes, look.scores, strict=True)
            if score >= self._rules.score and (box[2:] - box[:2]).min() > 0
        ]

    def _look(self, photo: Image, size: int) -> PersonBoxes:
        boxes, scores = self._network.predict(photo, size=size)
        rules = self._rules
        best = suppressed(boxes, scores[:, 0], score=rules.score, overlap=rules.overlap)
        return PersonBoxes(boxes[best], scores[best, 0])

    def _small(self, look: PersonBoxes, side: int) -> bool:
        """Return whether some person may be so small that a larger pass detects more."""
        likely = look.boxes[look.scores >= self._rules.candidate]
        return bool((likely[:, 3] - likely[:, 1] < self._rules.small * side).any())


def fused(first: PersonBoxes, second: PersonBoxes, *, overlap: float) -> PersonBoxes:
    """Return the fused boxes of two passes over one photo, each pair of one person as one box.

    A pair is one box of each pass that overlap; its box is their mean, weighted by score, its score
    their mean. A box without a partner keeps half of its score (weighted boxes fusion: Solovyev,
    Wang and Gabruseva, 2021).

    Args:
        first: The boxes of one pass.
        second: Those of the other.
        overlap: IoU from which two boxes are of one person, 0–1.
    """
    ious = _ious(first.boxes, second.boxes)
    boxes, scores, taken = [], [], np.zeros(len(second.boxes), bool)
    for box, score, row in zip(first.boxes, first.scores, ious, strict=True):
        free = np.where(taken, 0, row)
        partner = int(free.argmax()) if len(free) else -1
        if partner >= 0 and free[partner] >= overlap:
            taken[partner] = True
            other = second.scores[partner]
            box = (box * score + second.boxes[partner] * other) / (score + other)
            score = score + other
        boxes.append(box)
        scores.append(score / 2)
    boxes += list(second.boxes[~taken])
    scores += list(second.scores[~taken] / 2)
    order = np.argsort(-np.asarray(scores), kind="stable")
    return PersonBoxes(np.reshape(boxes, (-1, 4))[order], np.asarray(scores, np.float32)[order])


def _mirrored(look: PersonBoxes, width: int) -> PersonBoxes:
    x0, y0, x1, y1 = look.boxes.T
    return PersonBoxes(np.stack([width - x1, y0, width - x0, y1], axis=1), look.scores)


def _ious(first: Boxes, second: Boxes) -> Boxes:
    """Return the IoU of each box of one set with each of another, shape (n, m)."""
    corner = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides = np.clip(corner - np.maximum(first[:, None, :2], second[None, :, :2]), 0, None)
    shared = sides.prod(2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(1) for boxes in (first, second)]
    union = areas[0][:, None] + areas[1][None] - shared
    return np.asarray(shared / np.maximum(union, 1e-6), np.float32)
