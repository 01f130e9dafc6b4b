"""Random degradation of training photos, as printing and scanning degrade them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.lab.training.printing import grey, jpeg, small
from presslens.lab.training.restoration.screens import print_and_scan
from presslens.models.vocabulary import Image

SCREENED = 0.55
"""Share of the photos that are printed as ``restoration.screens`` prints them; the dots of half of
the archives' pages have run together in the scan."""


def printed(photo: Image, rng: np.random.Generator) -> Image:
    """Return a photo of the same size, degraded by a mixture that ``rng`` draws."""
    shown = grey(photo) if rng.random() < 0.5 else photo
    if rng.random() < 0.4:
        shown = _shrunk(shown, float(rng.uniform(0.3, 0.8)))
    if rng.random() < SCREENED:
        return print_and_scan(shown, rng).printed
    if rng.random() < 0.4:
        shown = jpeg(shown, quality=int(rng.integers(25, 70)))
    if rng.random() < 0.4:
        shown = _pixels(cv2.GaussianBlur(shown, (0, 0), float(rng.uniform(0.5, 1.2))))
    return _faded(shown, float(rng.uniform(0.6, 1.0)), float(rng.uniform(0, 40)))


def _shrunk(photo: Image, share: float) -> Image:
    """Return a photo that was once scaled to a share of its sides, 0–1, and back."""
    height, width = photo.shape[:2]
    reduced = small(photo, width=max(1, round(width * share)))
    return _pixels(cv2.resize(reduced, (width, height), interpolation=cv2.INTER_LINEAR))


def _faded(photo: Image, contrast: float, lift: float) -> Image:
    """Return a photo with its contrast scaled, 0–1, and its blacks lifted, 0–255."""
    return _pixels(photo * contrast + lift)


def _pixels(values: NDArray[np.generic]) -> Image:
    return np.asarray(np.clip(values, 0, 255), np.uint8)
