"""What print and scanning do to a photo: grey, halftone, blur and loss of size, for training.

The degradations are mild on purpose: an archive's scans are read at 150 dpi and more.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.vocabulary import Image

_CELL = 4.0
"""Side of a halftone cell, px: an 85-line screen scanned at about 300 dpi."""


def printed(photo: Image, rng: np.random.Generator) -> Image:
    """Return a photo as a scan of a newspaper may show it, the same size, seeded by ``rng``."""
    shown = grey(photo) if rng.random() < 0.6 else photo
    if rng.random() < 0.4:
        shown = smaller(shown, float(rng.uniform(0.4, 0.8)))
    if rng.random() < 0.4:
        shown = halftone(shown, angle=float(rng.uniform(0, 90)), depth=float(rng.uniform(0.2, 0.6)))
    if rng.random() < 0.5:
        shown = _pixels(cv2.GaussianBlur(shown, (0, 0), float(rng.uniform(0.5, 1.2))))
    return faded(shown, float(rng.uniform(0.6, 1.0)), float(rng.uniform(0, 40)))


def grey(photo: Image) -> Image:
    """Return a photo without its colours, still three channels."""
    return _pixels(np.repeat(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2))


def smaller(photo: Image, share: float) -> Image:
    """Return a photo that was once scaled to a share of its sides, 0–1, and back."""
    height, width = photo.shape[:2]
    small = max(1, round(width * share)), max(1, round(height * share))
    shrunk = cv2.resize(photo, small, interpolation=cv2.INTER_AREA)
    return _pixels(cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_LINEAR))


def halftone(photo: Image, *, angle: float, depth: float) -> Image:
    """Return a photo under a dot screen.

    Args:
        photo: RGB pixels.
        angle: Direction of the rows of dots, degrees.
        depth: How far the screen replaces the photo, 0–1.
    """
    y, x = np.mgrid[: photo.shape[0], : photo.shape[1]].astype(np.float32)
    turn = np.deg2rad(angle)
    u = 2 * np.pi / _CELL * (x * np.cos(turn) + y * np.sin(turn))
    v = 2 * np.pi / _CELL * (y * np.cos(turn) - x * np.sin(turn))
    screen = 127.5 + 63.75 * (np.cos(u) + np.cos(v))[..., None]
    dots = np.clip(127.5 + 4 * (photo.astype(np.float32) - screen), 0, 255)
    return _pixels((1 - depth) * photo + depth * dots)


def faded(photo: Image, contrast: float, lift: float) -> Image:
    """Return a photo with its contrast scaled, 0–1, and its blacks lifted, 0–255."""
    return _pixels(photo * contrast + lift)


def _pixels(values: NDArray[np.generic]) -> Image:
    return np.asarray(np.clip(values, 0, 255), np.uint8)
