"""Screens: how a press that knows only ink and paper prints greys.

An amplitude-modulated screen is drawn as an imagesetter does: at PRINT_DPI, with cells whose edges
are whole pixels of its grid (rational tangents), so that the screen repeats after a few pixels and
is the same everywhere. A frequency-modulated one is an error diffusion of dots of one size.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Coverage = NDArray[np.float32]
"""Share of each pixel that is covered with ink, 0–1, shape (height, width)."""

SCAN_DPI = 300
"""Dots per inch at which prints are scanned."""
FINE = 4
"""Pixels of the imagesetter for each pixel of the scan, each way."""
PRINT_DPI = FINE * SCAN_DPI
LEVELS = 255
BAND = 64
"""Rows of a scan that are screened at a time."""


@dataclass(frozen=True, slots=True)
class Screen:
    """An amplitude-modulated screen."""

    across: int  # pixels of the imagesetter from one dot to the next along a row,
    down: int  # and how many pixels the row sinks on that way: their ratio is the screen's angle

    @property
    def ruling(self) -> float:
        """Lines per inch."""
        return float(PRINT_DPI / np.hypot(self.across, self.down))

    @property
    def angle(self) -> float:
        """Degrees, 0–90."""
        return float(np.degrees(np.arctan2(self.down, self.across)))

    def thresholds(self) -> NDArray[np.uint8]:
        """Return a tile of the darkness, 1–LEVELS, from which each fine pixel prints ink.

        All levels are equally frequent in it, so that a grey of 40 % covers 40 % of the paper.
        """
        period = self.across**2 + self.down**2
        side = period // int(np.gcd(self.across, self.down))
        y, x = np.mgrid[:side, :side].astype(np.float64)
        u = 2 * np.pi * (self.across * x + self.down * y) / period
        v = 2 * np.pi * (self.across * y - self.down * x) / period
        # Rounding makes equal pixels equal on every machine; their order is then their place.
        order = np.argsort(-np.round(np.cos(u) + np.cos(v), 6), axis=None, kind="stable")
        rank = np.empty(side * side, np.int64)
        rank[order] = np.arange(side * side)
        return (1 + rank * LEVELS // (side * side)).astype(np.uint8).reshape(side, side)


def halftone(dark: NDArray[np.uint8], screen: Screen) -> Coverage:
    """Return the ink of an amplitude-modulated print of a plate.

    Args:
        dark: The plate at SCAN_DPI: 0 prints nothing, LEVELS solid ink; shape (height, width).
    """
    height, width = dark.shape
    tile = screen.thresholds()
    columns = np.arange(width * FINE) % len(tile)
    across = [np.ascontiguousarray(tile[:, columns[start::FINE]]) for start in range(FINE)]
    dots = np.zeros((height, width), np.uint8)
    for top in range(0, height, BAND):  # what is compared 16 times stays in the cache
        band, count = dark[top : top + BAND], dots[top : top + BAND]
        for down, thresholds in product(range(FINE), across):
            rows = ((top + np.arange(len(band))) * FINE + down) % len(tile)
            count += band >= thresholds[rows]
    return np.asarray(dots * np.float32(1 / FINE**2), np.float32)


def stochastic(dark: NDArray[np.uint8]) -> Coverage:
    """Return the ink of a frequency-modulated print of a plate, given as in ``halftone``.

    Two dots each way for each pixel of the scan, 600 per inch: each is 42 micrometres wide.
    """
    size = 2 * dark.shape[1], 2 * dark.shape[0]
    fine = cv2.resize(dark, size, interpolation=cv2.INTER_LINEAR)
    diffused = Image.fromarray(255 - fine).convert("1", dither=Image.Dither.FLOYDSTEINBERG)
    dots = np.where(np.asarray(diffused), np.uint8(0), np.uint8(255))
    small = cv2.resize(dots, dark.shape[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(small.astype(np.float32) / 255)
