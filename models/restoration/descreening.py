"""Descreening: takes the waves of a screen that was measured out of a photo."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.restoration.screen import HalftoneScreen
from presslens.models.vocabulary import Image

PASSED = 0.9
"""Finer waves than this share of the screen's frequency are no picture: there are only dots."""

STEEPNESS = 8
"""Exponent of the fall of what is passed: the higher, the more sudden."""

NOTCH = 0.1225
"""Spread of the notch around each wave of the screen, as a share of its frequency."""

MARGIN = 16
"""So many pixels, at least, are mirrored at each edge: in a spectrum, opposite edges meet."""

TILE = 2048
"""Larger photos are filtered in tiles of this side, px, so that memory doesn't grow with them."""

OVERLAP = 64
"""Pixels of its neighbours that each tile is filtered with: notches reach some five dots far."""


def descreened(photo: Image, screen: HalftoneScreen) -> Image:
    """Return a photo, shape (height, width, 3), RGB, without a screen's dots: the same shape.

    Each ink is filtered in its spectrum: notches where the screen's waves are, and nothing passes
    that is finer (Russ, *The Image Processing Handbook*, "Removing periodic noise").
    """
    height, width = photo.shape[:2]
    filtered = np.empty_like(photo)
    for y in range(0, height, TILE):
        for x in range(0, width, TILE):
            top, left = max(0, y - OVERLAP), max(0, x - OVERLAP)
            beside = photo[top : y + TILE + OVERLAP, left : x + TILE + OVERLAP]
            tile = filtered[y : y + TILE, x : x + TILE]
            rows, columns = tile.shape[:2]
            whole = _filtered(beside, screen)
            tile[:] = whole[y - top : y - top + rows, x - left : x - left + columns]
    return filtered


def _filtered(photo: Image, screen: HalftoneScreen) -> Image:
    height, width = photo.shape[:2]
    rows, columns = (cv2.getOptimalDFTSize(side + 2 * MARGIN) for side in (height, width))
    around = (MARGIN, rows - height - MARGIN, MARGIN, columns - width - MARGIN)
    inside = np.s_[MARGIN : MARGIN + height, MARGIN : MARGIN + width]
    passed = _passed(rows, columns, screen)
    inks = cv2.split(photo)
    in_grey = all(np.array_equal(inks[0], ink) for ink in inks[1:])
    planes = []
    for plane in inks[: 1 if in_grey else 3]:
        mirrored = cv2.copyMakeBorder(plane, *around, cv2.BORDER_REFLECT).astype(np.float32)
        filtered = np.fft.irfft2(np.fft.rfft2(mirrored) * passed, (rows, columns))
        planes.append(np.clip(filtered[inside].round(), 0, 255).astype(np.uint8))
    return np.ascontiguousarray(np.stack(planes * (3 if in_grey else 1), axis=2))


def _passed(rows: int, columns: int, screen: HalftoneScreen) -> NDArray[np.float32]:
    """Return the share of each frequency that passes, 0–1, shape (rows, columns // 2 + 1)."""
    down = (np.fft.fftfreq(rows)[:, None] * screen.distance).astype(np.float32)
    across = (np.fft.rfftfreq(columns)[None] * screen.distance).astype(np.float32)
    passed = np.exp(-((np.hypot(across, down) / PASSED) ** STEEPNESS))
    turn = math.radians(screen.angle)
    for quarter in range(4):
        angle = turn + quarter * math.pi / 2
        away = (across - math.cos(angle)) ** 2 + (down - math.sin(angle)) ** 2
        passed *= 1 - np.exp(-away / (2 * NOTCH**2))
    return np.asarray(passed, np.float32)
