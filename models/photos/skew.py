"""Measures a page's skew and turns the page upright.

Lines of text, rules and the edges of frames are level on an upright page: the edges that run
across it then fall into few rows, and those that run down it into few columns. The angle at which
the two profiles are sharpest is the skew (Postl 1986 for text alone).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.vocabulary import Image

WIDEST = 5.0
"""No page is taken to be turned further, in degrees."""

SIDES = (320, 800)
"""Longer side of the page in the coarse and in the fine search, in pixels."""

STEPS = (0.5, 0.1)
"""Angles that are tried lie so far apart, in degrees, coarsely and finely."""

LEAST = 64
"""An image with a side below this many pixels shows no direction."""

LEVEL = 0.15
"""A page that is turned less, in degrees, is left as it is."""

EVIDENCE = 1.02
"""How much sharper than upright a page must be at another angle to be taken as turned."""


def skew(page: Image) -> float:
    """Return the angle in degrees by which a page is turned clockwise, from -5 to 5.

    Pages that show no direction (blank, one photo) count as upright.
    """
    if min(page.shape[:2]) < LEAST:
        return 0.0
    fine = _reduced(np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)), SIDES[1])
    best, span = 0.0, WIDEST
    for tone, step in zip((_reduced(fine, SIDES[0]), fine), STEPS, strict=True):
        profile = _Profiles.of(tone)
        angles = np.arange(best - span, best + span + step / 2, step)
        sharp = [profile.sharpness(float(angle)) for angle in angles]
        best, span = float(angles[int(np.argmax(sharp))]), STEPS[0]
    upright = profile.sharpness(0.0)
    clear = upright == 0 or profile.sharpness(best) >= EVIDENCE * upright
    return round(best, 2) if clear and abs(best) >= LEVEL and abs(best) < WIDEST else 0.0


def _reduced(tone: NDArray[np.generic], side: int) -> NDArray[np.uint8]:
    """Return a grey page whose longer side has at most so many pixels."""
    scale = min(1.0, side / max(tone.shape))
    size = tuple(max(1, round(n * scale)) for n in tone.shape[::-1])
    small = cv2.resize(np.asarray(tone, np.uint8), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class _Profiles:
    """Edges across and down a page, both shape (height, width), the latter turned on its side."""

    across: NDArray[np.float32]
    down: NDArray[np.float32]

    @classmethod
    def of(cls, tone: NDArray[np.uint8]) -> _Profiles:
        values = np.minimum(tone, int(np.median(tone))).astype(np.float32)
        rim = 0.04  # borders of the scanner's lid say nothing of the page
        y, x = (max(1, int(rim * n)) for n in values.shape)
        values = values[y:-y, x:-x]
        return cls(
            np.minimum(np.abs(np.diff(values, axis=0)), 60),
            np.ascontiguousarray(np.minimum(np.abs(np.diff(values, axis=1)), 60).T),
        )

    def sharpness(self, angle: float) -> float:
        slope = float(np.tan(np.radians(angle)))
        return _peakedness(self.across, slope) + _peakedness(self.down, -slope)


def _peakedness(edges: NDArray[np.float32], slope: float) -> float:
    """Return how unevenly edges fall into rows once each column is shifted along a slope."""
    height, width = edges.shape
    shear = np.array([[1, 0, 0], [-slope, 1, slope * width / 2]], np.float32)
    level = cv2.warpAffine(edges, shear, (width, height))
    rows = level.sum(axis=1)
    return float(np.square(np.diff(rows)).sum())


def upright(page: Image, angle: float) -> Image:
    """Return a page turned back by its skew in degrees, the same size, white at the corners."""
    height, width = page.shape[:2]
    turned = cv2.warpAffine(
        page, _turn(width, height, angle), (width, height), borderValue=(255, 255, 255)
    )
    return np.asarray(turned, np.uint8)


def turned(box: Box, angle: float, width: int, height: int) -> Box:
    """Return the upright box around a frame of the upright page on the page as it is.

    Args:
        box: In pixels of the page turned upright.
        angle: The page's skew in degrees.
        width: Of the page in pixels.
        height: Of the page in pixels.
    """
    back = _turn(width, height, -angle)
    corners = np.array(
        [[box.x0, box.y0, 1], [box.x1, box.y0, 1], [box.x1, box.y1, 1], [box.x0, box.y1, 1]]
    )
    moved = corners @ back.T
    (x0, y0), (x1, y1) = moved.min(axis=0), moved.max(axis=0)
    return Box(float(x0), float(y0), float(x1), float(y1)).clipped(width, height)


def _turn(width: int, height: int, angle: float) -> NDArray[np.float64]:
    # OpenCV turns anticlockwise for positive angles, which is what undoes a clockwise skew.
    return np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0))
