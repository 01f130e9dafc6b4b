"""Estimates which persons look under about 13, from the object network's scores near by.

It uses no pixels of faces, stores no likeness of anybody and costs nothing beyond the object
network.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from presslens.models.estimators import load_estimators
from presslens.models.geometry import Box
from presslens.models.regression import ScaledRegression
from presslens.models.vocabulary import Objects

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

NAMES = ("child", "adult", "child_share", "photo_child", "photo_share", "height")
"""The features of a person: the best scores as a child and as an adult near by (log
odds), the first over both, the best child score and the mean share in the photo, and how high the
person is beside the median one (logarithm)."""

NEAR = 0.5
"""An anchor that overlaps a person's box by this IoU speaks of that person."""

_LEAST = 0.02
"""Added to the scores of which a share is made, so that nothing over nothing is nothing."""

_TALLEST = 11.0
"""A body is at most so many faces high."""


class ObjectChildEstimator:
    """A logistic regression over ``NAMES``.

    Args:
        model: A scaler and a logistic regression (see ``models/cards/children.md``).
    """

    def __init__(self, model: Pipeline) -> None:
        self._regression = ScaledRegression.of(model)

    @classmethod
    def load(cls, path: Path) -> ObjectChildEstimator:
        """Read the classifier from a ``.skops`` file."""
        return cls(load_estimators(path))

    def persons(self, objects: Objects, boxes: Sequence[Box]) -> list[float]:
        """Return the probability, 0–1, that each person's box (photo pixels) holds a child."""
        return self.probabilities(described(objects, boxes, of_person))

    def faces(self, objects: Objects, boxes: Sequence[Box]) -> list[float]:
        """Return the probability, 0–1, that each face's box (photo pixels) is a child's."""
        return self.probabilities(described(objects, boxes, of_face))

    def probabilities(self, rows: NDArray[np.float64]) -> list[float]:
        """Return the probability of a child, 0–1, of each row of ``described``."""
        if not len(rows):
            return []
        return [float(p) for p in self._regression.probabilities(rows)[:, 1]]


def of_person(box: Box, anchors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which anchors, rows that begin with x0, y0, x1, y1, are the person in a box."""
    corner = np.minimum(anchors[:, 2:4], (box.x1, box.y1))
    sides = np.clip(corner - np.maximum(anchors[:, :2], (box.x0, box.y0)), 0, None)
    shared = sides.prod(1)
    areas = (anchors[:, 2:4] - anchors[:, :2]).prod(1)
    return np.asarray(shared >= NEAR * (box.area + areas - shared))


def of_face(face: Box, anchors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which anchors are a body whose head a face is."""
    x0, y0, x1, y1 = anchors[:, :4].T
    around = (x0 <= face.x0 + 0.3 * face.width) & (x1 >= face.x1 - 0.3 * face.width)
    below = (y1 >= face.y1) & (y1 - y0 < _TALLEST * face.height)
    atop = (y0 <= face.y0 + 0.5 * face.height) & (face.y0 - y0 < 1.2 * face.height)
    centred = np.abs((x0 + x1) / 2 - face.centre[0]) < 0.35 * (x1 - x0)
    return np.asarray(around & below & atop & centred)


class Nearness(Protocol):
    """Selects the anchors that belong to a box."""

    def __call__(self, box: Box, anchors: NDArray[np.float32], /) -> NDArray[np.bool_]:
        """Return a mask over the anchors."""
        ...


def described(objects: Objects, boxes: Sequence[Box], near: Nearness) -> NDArray[np.float64]:
    """Return ``NAMES`` of each box, shape (len(boxes), 6).

    Args:
        objects: Those of the photo.
        boxes: Persons or faces, photo pixels.
        near: Which anchors speak of a box.
    """
    if not boxes:
        return np.empty((0, len(NAMES)))
    anchors = objects.aged
    scores = np.array([anchors[near(box, anchors), 4:].max(0, initial=0.0) for box in boxes])
    child, adult = scores.T.astype(np.float64)
    share = child / (child + adult + _LEAST)
    heights = np.array([box.height for box in boxes])
    whole = np.full(len(boxes), 1.0)
    return np.column_stack(
        [
            log_odds(child),
            log_odds(adult),
            share,
            whole * log_odds(anchors[:, 4].max(initial=0.0)),
            whole * share.mean(),
            np.log(np.maximum(heights / max(float(np.median(heights)), 1.0), 0.05)),
        ]
    )


def log_odds(score: NDArray[np.float64] | np.floating) -> NDArray[np.float64]:
    """Return the log odds of scores, 0–1, of which none counts as surer than 0.998."""
    clipped = np.clip(score, 0.002, 0.998)
    return np.asarray(np.log(clipped / (1 - clipped)), np.float64)
