"""An amplitude-modulated halftone screen: greys become dots that are larger where it is darker."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FINE = 4
"""Dots are drawn this many times as fine as the page's pixels, then sampled like a scanner does."""
BAND = 64
"""Rows of the page that are drawn at a time, so that the fine dots need little memory."""
WHITE, BLACK = 236.0, 30.0
"""Greys that print no dot at all, and solid ink: paper keeps clean, text keeps its edges."""


def screened(grey: NDArray[np.uint8], *, cell: float, angle: float = 45.0) -> NDArray[np.float32]:
    """Return the share of each pixel that is covered with ink, 0–1, shape as ``grey``.

    Args:
        grey: The page, 0 black to 255 white, shape (height, width).
        cell: Distance of two rows of dots in pixels; may be near one pixel, where a scan shows
            moiré rather than dots.
        angle: Of the screen in degrees.
    """
    height, width = grey.shape
    ink = np.empty((height, width), np.float32)
    dark = np.clip((WHITE - grey.astype(np.float32)) / (WHITE - BLACK), 0, 1)
    for top in range(0, height, BAND):
        band = dark[top : top + BAND]
        fine = cv2.resize(band, (width * FINE, len(band) * FINE), interpolation=cv2.INTER_LINEAR)
        dots = (fine > _threshold(fine.shape, top * FINE, cell * FINE, angle)).astype(np.float32)
        ink[top : top + len(band)] = cv2.resize(
            dots, (width, len(band)), interpolation=cv2.INTER_AREA
        )
    return ink


def _threshold(shape: tuple[int, ...], top: int, cell: float, angle: float) -> NDArray[np.float32]:
    """Return the darkness from which each fine pixel prints ink, evenly spread over 0–1."""
    turn = np.deg2rad(angle)
    x = np.arange(shape[1], dtype=np.float32)[None, :] * np.float32(2 * np.pi / cell)
    y = np.arange(top, top + shape[0], dtype=np.float32)[:, None] * np.float32(2 * np.pi / cell)
    cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    spot = np.cos(cos * x + sin * y) + np.cos(cos * y - sin * x)
    index = np.clip((spot + 2) * ((len(_SPREAD) - 1) / 4), 0, len(_SPREAD) - 1).astype(np.intp)
    spread: NDArray[np.float32] = _SPREAD[index]
    return spread


def _evenly_spread(steps: int = 1024) -> NDArray[np.float32]:
    """Return the share of a screen's points below each value of the spot function.

    With it a grey of 40 % covers 40 % of the paper: the bare cosines would print it too pale.
    """
    wave = np.cos(np.linspace(0, 2 * np.pi, 512, endpoint=False))
    spots = np.sort((wave[:, None] + wave[None, :]).ravel())
    share = np.searchsorted(spots, np.linspace(-2, 2, steps)) / spots.size
    return share.astype(np.float32)


_SPREAD = _evenly_spread()
