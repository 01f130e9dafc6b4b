"""Who looks under about 13: image features of a person's box, and how large it is among others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import skops.io
from numpy.typing import NDArray

from models.geometry import Box
from models.subjects.features import LENGTH
from models.vocabulary import Image

CROP_SIZE = 160
"""Side of the square that a person's crop is squeezed to, px."""

MARGIN = 0.08
"""How much wider and higher than the box the crop is on each side, share of the box."""

SMALLEST = 24.0
"""Persons less high than this tell nothing about their age, px."""

MOST = 24
"""At most so many persons of a photo are judged, the largest ones."""

DESCRIBED = LENGTH + 3
"""Numbers that the classifier sees of a person."""


class PersonFeatures(Protocol):
    """Turns crops of persons into feature vectors."""

    def extract(self, photos: Sequence[Image], *, size: int = ...) -> NDArray[np.float32]:
        """Return one row per crop, shape (len(photos), 1280), seen at ``size`` px."""
        ...


class CropChildEstimator:
    """A logistic regression over the features of each person's crop.

    Args:
        path: The skops file (see ``models/cards/children.md``).
        features: The network that the classifier was trained on.
    """

    def __init__(self, path: Path, features: PersonFeatures) -> None:
        self._model = skops.io.load(path, trusted=[])
        self._features = features

    def estimate(self, photo: Image, boxes: Sequence[Box]) -> list[float | None]:
        """Return the probability, 0–1, that each person's box (photo pixels) holds a child.

        None for a person too small to be judged, or one of too many.
        """
        chosen = judged(boxes)
        probabilities: list[float | None] = [None] * len(boxes)
        if chosen:
            rows = described(photo, boxes, chosen, self._features)
            for index, probability in zip(
                chosen, self._model.predict_proba(rows)[:, 1], strict=True
            ):
                probabilities[index] = float(probability)
        return probabilities


def judged(boxes: Sequence[Box]) -> list[int]:
    """Return the indices of the boxes whose age can be told, largest first."""
    large = [i for i, box in enumerate(boxes) if box.height >= SMALLEST and box.width >= 1]
    return sorted(large, key=lambda i: -boxes[i].area)[:MOST]


def described(
    photo: Image, boxes: Sequence[Box], chosen: Sequence[int], features: PersonFeatures
) -> NDArray[np.float32]:
    """Return what the classifier sees of each chosen box, shape (len(chosen), 1283).

    After the 1280 features of the crop come the box's height as a share of the photo's, its
    height over the median person's, and its width over its height, as logarithms.
    """
    crops = [_crop(photo, boxes[i]) for i in chosen]
    median = float(np.median([box.height for box in boxes]))
    sizes = [
        (box.height / photo.shape[0], box.height / median, box.width / box.height)
        for box in (boxes[i] for i in chosen)
    ]
    shapes = np.log(np.maximum(sizes, 1e-3)).astype(np.float32)
    return np.hstack([features.extract(crops, size=CROP_SIZE), shapes])


def _crop(photo: Image, box: Box) -> Image:
    dx, dy = box.width * MARGIN, box.height * MARGIN
    wide = Box(box.x0 - dx, box.y0 - dy, box.x1 + dx, box.y1 + dy)
    x0, y0, x1, y1 = wide.clipped(photo.shape[1], photo.shape[0]).pixels()
    return photo[
        min(y0, photo.shape[0] - 1) : max(y1, y0 + 1), min(x0, photo.shape[1] - 1) : max(x1, x0 + 1)
    ]
