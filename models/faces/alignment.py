"""Upright faces of one size, from five landmarks, as the identity network was trained on them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.vocabulary import Image

CHIP = 150
"""Side of an aligned face, in pixels."""

_PADDING = 0.25
"""Room around the face on each side, in shares of the face."""

_MEAN_FACE = np.array(
    [(0.2255, 0.2160), (0.7547, 0.2160), (0.4901, 0.5156), (0.2541, 0.7802), (0.7261, 0.7802)]
)
"""Eyes, nose tip and mouth corners (x, y) of dlib's mean face of 68 points, on a unit square."""

TEMPLATE: NDArray[np.float64] = (_MEAN_FACE + _PADDING) / (1 + 2 * _PADDING) * CHIP
"""Where the five landmarks of an aligned face lie, (x, y) in pixels of the chip."""


def similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the 2 × 3 matrix that turns, scales and shifts ``source`` best onto ``target``.

    Args:
        source: Points (x, y), shape (n, 2), not all the same.
        target: As many points; the squared distances to these are made least.
    """
    z = source[:, 0] + 1j * source[:, 1]
    w = target[:, 0] + 1j * target[:, 1]
    spread = z - z.mean()
    turn = np.vdot(spread, w - w.mean()) / np.vdot(spread, spread)
    shift = w.mean() - turn * z.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def chip(photo: Image, landmarks: Sequence[tuple[float, float]]) -> Image:
    """Return the face cut out upright, ``CHIP`` pixels a side.

    Args:
        photo: The photo in its own resolution: it is enlarged once, here.
        landmarks: Five (x, y) in pixels of the photo, the left ones first.
    """
    points = np.asarray(landmarks, np.float64)
    matrix = similarity(points, TEMPLATE)
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 1:
        photo, points = _shrunk(photo, points, scale)
        matrix = similarity(points, TEMPLATE)
    aligned = cv2.warpAffine(photo, matrix, (CHIP, CHIP), flags=cv2.INTER_CUBIC)
    return np.asarray(aligned, np.uint8)


def _shrunk(
    photo: Image, points: NDArray[np.float64], scale: float
) -> tuple[Image, NDArray[np.float64]]:
    """Average large faces down first: sampling alone would leave out most of their pixels."""
    height, width = photo.shape[:2]
    reach = CHIP / scale
    x0, y0 = np.clip(np.floor(points.mean(axis=0) - reach), 0, (width - 1, height - 1)).astype(int)
    x1, y1 = np.clip(np.ceil(points.mean(axis=0) + reach), (x0 + 1, y0 + 1), (width, height))
    crop = photo[y0 : int(y1), x0 : int(x1)]
    size = [max(1, round(side * scale)) for side in (crop.shape[1], crop.shape[0])]
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    factors = np.array(size) / (crop.shape[1], crop.shape[0])
    return np.asarray(small, np.uint8), (points - (x0, y0) + 0.5) * factors - 0.5
