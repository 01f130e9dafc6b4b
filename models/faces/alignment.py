"""Cuts faces out upright and at one size, by five landmarks, as the networks were trained."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.vocabulary import Image

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


WIDE_CHIP = 224
"""Side of an aligned face with room around it, in pixels."""

_ARCFACE = np.array(
    [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ]
)
"""Where the five landmarks lie on ArcFace's chips of 112 px (Deng and others, 2019), in pixels."""

_ROOM = 0.85
"""Faces are so much smaller than ArcFace's: faceres learned from heads, those of VGGFace2."""

WIDE_TEMPLATE: NDArray[np.float64] = (_ARCFACE / 112 - 0.5) * _ROOM * WIDE_CHIP + WIDE_CHIP / 2
"""Where the five landmarks of such a face lie, (x, y) in pixels of the chip."""


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
    """Return the face cut out upright, ``CHIP`` pixels a side, black where the photo ends.

    Args:
        photo: The photo in its own resolution: it is enlarged once, here.
        landmarks: Five (x, y) in pixels of the photo, the left ones first.
    """
    return _aligned(photo, landmarks, TEMPLATE, CHIP, cv2.BORDER_CONSTANT)


def wide_chip(photo: Image, landmarks: Sequence[tuple[float, float]]) -> Image:
    """Return the head cut out upright, ``WIDE_CHIP`` pixels a side; as ``chip`` else.

    Where the photo ends its last pixels go on.
    """
    return _aligned(photo, landmarks, WIDE_TEMPLATE, WIDE_CHIP, cv2.BORDER_REPLICATE)


def _aligned(
    photo: Image,
    landmarks: Sequence[tuple[float, float]],
    template: NDArray[np.float64],
    side: int,
    border: int,
) -> Image:
    points = np.asarray(landmarks, np.float64)
    matrix = similarity(points, template)
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 1:
        photo, points = _shrunk(photo, points, scale, side=side)
        matrix = similarity(points, template)
    size = (side, side)
    aligned = cv2.warpAffine(photo, matrix, size, flags=cv2.INTER_CUBIC, borderMode=border)
    return np.asarray(aligned, np.uint8)


def _shrunk(
    photo: Image, points: NDArray[np.float64], scale: float, *, side: int
) -> tuple[Image, NDArray[np.float64]]:
    """Average large faces down first: sampling alone would leave out most of their pixels."""
    height, width = photo.shape[:2]
    reach = side / scale
    x0, y0 = np.clip(np.floor(points.mean(axis=0) - reach), 0, (width - 1, height - 1)).astype(int)
    x1, y1 = np.clip(np.ceil(points.mean(axis=0) + reach), (x0 + 1, y0 + 1), (width, height))
    crop = photo[y0 : int(y1), x0 : int(x1)]
    size = [max(1, round(length * scale)) for length in (crop.shape[1], crop.shape[0])]
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    factors = np.array(size) / (crop.shape[1], crop.shape[0])
    return np.asarray(small, np.uint8), (points - (x0, y0) + 0.5) * factors - 0.5
