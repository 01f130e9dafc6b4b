"""Detects persons in a photo: a one-class YOLO26n that the project tuned, and the object network.

The person network looks once at a small size, which is best for large persons, and a second time,
mirrored and at a large size, where some person is small. The object network looks at every photo
anyway, and was trained on other photos: its boxes of people are a further look. Persons that
several looks detect count more than those of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box
from presslens.models.recipe import PersonRules
from presslens.models.vocabulary import Detection, Image, Objects
from presslens.models.yolo import DenseYolo, suppressed

PERSON = "person"

FAINT = 0.05
"""Persons below this score, 0–1, are stored for measurements only; nothing is read from them."""

LEAST = 0.01
"""What a look is less sure of, 0–1, is not fused."""

STRETCH, LIFT = 1.25, 0.65
"""How the log odds of a mean score are stretched and raised.

A person whom one look is unsure of has a low mean, however sure the others are. With these, on the
COCO photos of the training, as many persons are above each score as there were of one network that
looked twice: what the scores are compared with elsewhere means what it did.
"""

Boxes = NDArray[np.float32]


class PersonBoxes(NamedTuple):
    """Persons as rows, best first: boxes (n, 4) in photo pixels, scores (n,) 0–1."""

    boxes: Boxes
    scores: NDArray[np.float32]


class OnnxPersonDetector:
    """Finds persons.

    Args:
        path: The network, as ``models.yolo.DenseYolo`` takes it.
        rules: Sizes, and when a second look is due.
        threads: CPU threads for one photo.
    """

    def __init__(self, path: Path, rules: PersonRules, *, threads: int = 1) -> None:
        self._network = DenseYolo(path, threads=threads)
        self._rules = rules

    def detect(self, photo: Image, objects: Objects) -> list[Detection]:
        """Return the persons of a photo, best first, boxes in its pixels.

        Args:
            photo: RGB pixels.
            objects: The object network's answer for it.
        """
        looks = [
            self._look(photo, self._rules.size),
            PersonBoxes(objects.people[:, :4], objects.people[:, 4]),
        ]
        if self._small(looks, max(photo.shape[:2])):
            fine = self._look(np.ascontiguousarray(photo[:, ::-1]), self._rules.fine_size)
            looks.append(_mirrored(fine, photo.shape[1]))
        boxes, means = fused(looks, overlap=self._rules.overlap)
        return [
            Detection(PERSON, Box(*map(float, box)), float(score))
            for box, score in zip(boxes, confidence(means), strict=True)
            if score >= self._rules.score and (box[2:] - box[:2]).min() > 0
        ]

    def _look(self, photo: Image, size: int) -> PersonBoxes:
        boxes, scores = self._network.predict(photo, size=size)
        best = suppressed(boxes, scores[:, 0], score=LEAST, overlap=self._rules.overlap)
        return PersonBoxes(boxes[best], scores[best, 0])

    def _small(self, looks: Sequence[PersonBoxes], side: int) -> bool:
        """Return whether some person may be so small that a larger look detects more."""
        rules = self._rules
        likely = np.concatenate([look.boxes[look.scores >= rules.candidate] for look in looks])
        return bool((likely[:, 3] - likely[:, 1] < rules.small * side).any())


def fused(looks: Sequence[PersonBoxes], *, overlap: float) -> PersonBoxes:
    """Return the fused boxes of some looks at one photo, those of one person as one box.

    The boxes of a person are one of each look that overlap; theirs is their mean, weighted by
    score. Its score is the sum of theirs by the number of looks, so that what one of three looks
    detects alone keeps a third of its score (weighted boxes fusion: Solovyev, Wang and Gabruseva,
    2021).

    Args:
        looks: At least one; a look is matched with the means of those before it.
        overlap: IoU from which two boxes are of one person, 0–1.
    """
    boxes, scores = looks[0]
    for look in looks[1:]:
        rows, columns = _pairs(_ious(boxes, look.boxes), overlap)
        weights = np.stack([scores[rows], look.scores[columns]])[..., None]
        pairs = np.stack([boxes[rows], look.boxes[columns]])
        alone = np.setdiff1d(np.arange(len(look.boxes)), columns)
        boxes, scores = boxes.copy(), scores.copy()
        boxes[rows] = (pairs * weights).sum(0) / np.maximum(weights.sum(0), 1e-9)
        scores[rows] += look.scores[columns]
        boxes = np.concatenate([boxes, look.boxes[alone]])
        scores = np.concatenate([scores, look.scores[alone]])
    order = np.argsort(-scores, kind="stable")
    return PersonBoxes(boxes[order], scores[order] / np.float32(len(looks)))


def confidence(means: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the scores, 0–1, of persons with some mean scores of all looks, 0–1."""
    means = np.clip(means, 1e-6, 1 - 1e-6)
    odds = STRETCH * np.log(means / (1 - means)) + LIFT
    return np.asarray(1 / (1 + np.exp(-odds)), np.float32)


def _pairs(ious: Boxes, overlap: float) -> tuple[list[int], list[int]]:
    """Return the rows and columns of pairs from an IoU on, each in one pair, the nearest first."""
    rows, columns = np.nonzero(ious >= overlap)
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for k in np.argsort(-ious[rows, columns], kind="stable"):
        row, column = int(rows[k]), int(columns[k])
        if row not in pairs and column not in taken:
            pairs[row] = column
            taken.add(column)
    return list(pairs), list(pairs.values())


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
