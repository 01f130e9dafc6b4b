"""Tells paper from ink: which pixels of a page are bare."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.vocabulary import Image

Mask: TypeAlias = NDArray[np.bool_]
"""One truth value per pixel, shape (height, width)."""

LIGHTNESS = 16
"""How much darker than the paper a pixel may be and still be paper, in 8-bit Lab lightness."""

CHROMA = 10
"""How far from the paper's hue a pixel may be, in 8-bit Lab a and b."""

BRIGHT = 128
"""Paper is the commonest lightness from here up: newsprint that is darker is not legible."""


def ink_mask(page: Image) -> Mask:
    """Return where a page is printed, shape (height, width).

    The paper's colour is the commonest bright one: on a printed page nothing else is as
    uniform. A page without bright pixels is ink all over.
    """
    lab = cv2.cvtColor(page, cv2.COLOR_RGB2LAB)
    lightness = lab[:, :, 0]
    histogram = np.bincount(lightness[lightness >= BRIGHT], minlength=256).astype(np.float64)
    if not histogram.any():
        return np.ones(lightness.shape, dtype=np.bool_)
    smooth = np.convolve(histogram, np.ones(5), mode="same")
    paper = int(smooth.argmax())
    near = np.asarray(cv2.inRange(lightness, max(0, paper - 3), paper + 3) > 0)
    hue = [
        int(median_level(np.bincount(lab[:, :, channel][near], minlength=256)))
        for channel in (1, 2)
    ]
    low = np.array([paper - LIGHTNESS, hue[0] - CHROMA, hue[1] - CHROMA])
    high = np.array([255, hue[0] + CHROMA, hue[1] + CHROMA])
    bare = cv2.inRange(lab, low.clip(0, 255), high.clip(0, 255))
    return np.asarray(bare == 0)


def median_level(counts: NDArray[np.int64]) -> float:
    """Return the median of 8-bit levels, exactly as ``numpy.median`` has it.

    Args:
        counts: How many pixels have each level; not all 0.
    """
    upto = counts.cumsum()
    middle = int(upto[-1])
    low, high = (
        int(np.searchsorted(upto, n, side="right")) for n in ((middle - 1) // 2, middle // 2)
    )
    return (low + high) / 2


def solid_mask(ink: Mask, side: int) -> Mask:
    """Return where ink covers whole squares of ``side`` pixels: photos do so, text does not.

    Args:
        ink: Where the page is printed.
        side: Side of the square in pixels; wider than the strokes of text.
    """
    kernel = np.ones((side, side), np.uint8)
    eroded = cv2.erode(ink.astype(np.uint8), kernel)
    # The anchor of an even square is not its middle: mirrored, it shifts nothing.
    anchor = ((side - 1) // 2, (side - 1) // 2)
    return np.asarray(cv2.dilate(eroded, kernel, anchor=anchor) > 0)
