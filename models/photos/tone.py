"""Measures from a box's pixels whether a photo is in it."""

from __future__ import annotations

import numpy as np

from presslens.models.geometry import Box
from presslens.models.vocabulary import Image

FLAT = 6.0
"""A picture of one colour varies less than this in each channel, of 255."""

SAMPLES = 60
"""So many pixels along the shorter side of a box tell whether it is flat."""


def is_flat(box: Box, page: Image) -> bool:
    """Return whether a box holds one colour only, as a panel, a bar or a black border does."""
    x0, y0, x1, y1 = box.pixels()
    step = max(1, round(min(box.width, box.height) / SAMPLES))
    inner = page[y0:y1:step, x0:x1:step]
    return float(inner.std(axis=(0, 1)).max()) < FLAT


def smoothness(box: Box, page: Image) -> float:
    """Return how alike neighbouring pixels of a box are: their correlation, -1 to 1.

    Of the two directions, the less smooth one. Photos have 0.9 and more, line engravings and what
    is printed through a coarse screen less. What has one tone, or is less than 3 pixels wide or
    high, has none: 0.

    Args:
        box: In page pixels.
        page: RGB.
    """
    x0, y0, x1, y1 = box.pixels()
    grey = page[y0:y1, x0:x1].mean(axis=2)
    if min(grey.shape) < 3 or grey.std() < FLAT:
        return 0.0
    pairs = ((grey[:, :-1], grey[:, 1:]), (grey[:-1], grey[1:]))
    return min(float(np.corrcoef(a.ravel(), b.ravel())[0, 1]) for a, b in pairs)
