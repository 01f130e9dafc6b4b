"""Measures how much fine detail a face has."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from presslens.models.faces.alignment import CHIP, TEMPLATE, chip, similarity
from presslens.models.vocabulary import Image

_INNER = slice(CHIP // 6, CHIP - CHIP // 6)
"""The rows and columns of a chip that hold the face without the room around it: 100 pixels."""

_MOST = 64
"""The face is measured at this many pixels a side, or at as many as the photo holds of it."""

_LEAST = 8
"""Fewer pixels a side hold no detail to speak of."""

_WHITE = 20.0
"""The variance that the Laplacian (1, 1, -4, 1, 1) gives to noise of variance 1."""


def sharpness(photo: Image, landmarks: Sequence[tuple[float, float]]) -> float:
    """Return how much of a face's contrast is fine detail, for what its size allows, 0–1.

    The face is aligned, and brought to 64 pixels a side or, when it is smaller in the photo, to
    the pixels that it has there, so that enlarging it does not make it blurred. Of its grey
    values the variance of the Laplacian (Pech-Pacheco and others, ICPR 2000; the best kind of
    focus measure in Pertuz and others, Pattern Recognition 46, 2013) is divided by their own
    variance, so that contrast does not count, and by what white noise would have; the square root
    is returned. Noise and the dots of a print count as detail too.

    Args:
        photo: The photo in its own resolution.
        landmarks: Five (x, y) in pixels of the photo, the left ones first. Points that all
            coincide make no face: 0.
    """
    points = np.asarray(landmarks, np.float64)
    if np.ptp(points, axis=0).max() == 0:
        return 0.0
    matrix = similarity(points, TEMPLATE)
    enlarged = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    inner = cv2.cvtColor(chip(photo, landmarks), cv2.COLOR_RGB2GRAY)[_INNER, _INNER]
    side = int(np.clip(round(len(inner) / enlarged), _LEAST, _MOST))
    grey = cv2.resize(inner, (side, side), interpolation=cv2.INTER_AREA).astype(np.float64)
    contrast = float(grey.var())
    if contrast < 1:  # less than one grey level: an even surface
        return 0.0
    detail = float(cv2.Laplacian(grey, cv2.CV_64F)[1:-1, 1:-1].var())
    return min(1.0, float(np.sqrt(detail / contrast / _WHITE)))
