"""Random degradation of training photos, as printing and scanning degrade them.

The degradations are mild on purpose: an archive's scans are read at 150 dpi and more.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.printing import grey, halftone, jpeg, small
from models.vocabulary import Image


def printed(photo: Image, rng: np.random.Generator) -> Image:
    """Return a photo of the same size, degraded by a mixture that ``rng`` draws."""
    shown = grey(photo) if rng.random() < 0.6 else photo
    if rng.random() < 0.4:
        shown = _shrunk(shown, float(rng.uniform(0.4, 0.8)))
    if rng.random() < 0.4:
        cell, angle = float(rng.uniform(2.5, 4.5)), float(rng.uniform(0, 90))
        dots = halftone(shown, cell=cell, angle=angle)
        shown = _mixed(shown, dots, float(rng.uniform(0.2, 0.9)))
    if rng.random() < 0.3:
        shown = jpeg(shown, quality=int(rng.integers(30, 70)))
    if rng.random() < 0.3:
        shown = _pixels(cv2.GaussianBlur(shown, (0, 0), float(rng.uniform(0.5, 1.2))))
    return _faded(shown, float(rng.uniform(0.6, 1.0)), float(rng.uniform(0, 40)))


def _shrunk(photo: Image, share: float) -> Image:
    """Return a photo that was once scaled to a share of its sides, 0–1, and back."""
    height, width = photo.shape[:2]
    reduced = small(photo, width=max(1, round(width * share)))
    return _pixels(cv2.resize(reduced, (width, height), interpolation=cv2.INTER_LINEAR))


def _mixed(photo: Image, dots: Image, depth: float) -> Image:
    """Return a photo under a screen of dots that replaces it by a share, 0–1."""
    return _pixels((1 - depth) * photo + depth * dots)


def _faded(photo: Image, contrast: float, lift: float) -> Image:
    """Return a photo with its contrast scaled, 0–1, and its blacks lifted, 0–255."""
    return _pixels(photo * contrast + lift)


def _pixels(values: NDArray[np.generic]) -> Image:
    return np.asarray(np.clip(values, 0, 255), np.uint8)
