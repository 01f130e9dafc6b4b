"""Restores prints without learning: notches in the spectrum, and blur. For comparison alone."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from models.restoration.screen import HalftoneScreen, printing_of
from models.vocabulary import Image

NOTCH = 0.035
"""Spread of a notch, in waves a pixel."""

BLUR = 1.0
"""Spread of the blur of prints without a screen, px."""


class NotchRestorer:
    """Takes the waves of a screen out of the spectrum; blurs what has no screen."""

    def restore(self, photo: Image) -> Image:
        """Return a photo without its dots, the same shape; itself if none show."""
        printing = printing_of(photo)
        if printing.screen is not None:
            planes = [notched(plane, printing.screen) for plane in cv2.split(photo)]
            return np.ascontiguousarray(np.stack(planes, axis=2))
        if printing.visible:
            return np.asarray(cv2.GaussianBlur(photo, (0, 0), BLUR), np.uint8)
        return photo


def notched(plane: NDArray[np.generic], screen: HalftoneScreen) -> NDArray[np.uint8]:
    """Return a plane, 0–255, without a screen's waves and their multiples.

    All that is finer than the screen goes with them: there are only dots.
    """
    height, width = plane.shape
    v, u = np.meshgrid(np.fft.fftfreq(height), np.fft.fftfreq(width), indexing="ij")
    passed = np.exp(-((np.hypot(u, v) * screen.distance / 0.9) ** 8))
    turn, length = math.radians(screen.angle), 1 / screen.distance
    for k, m in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        du = u - length * (k * math.cos(turn) - m * math.sin(turn))
        dv = v - length * (k * math.sin(turn) + m * math.cos(turn))
        passed *= 1 - np.exp(-(du**2 + dv**2) / (2 * NOTCH**2))
    filtered = np.fft.ifft2(np.fft.fft2(np.asarray(plane, np.float64)) * passed).real
    return np.asarray(np.clip(filtered, 0, 255), np.uint8)
