"""Reduces pages for what needs no more pixels."""

from __future__ import annotations

import cv2
import numpy as np

from presslens.models.vocabulary import Image


def reduced(page: Image, side: int) -> Image:
    """Return a page, grey or RGB, whose longer side has at most so many pixels."""
    scale = min(1.0, side / max(page.shape[:2]))
    size = tuple(max(1, round(n * scale)) for n in page.shape[1::-1])
    return np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8)
