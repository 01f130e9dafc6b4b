"""Single degradations of photos by printing and scanning, for training and evaluation alone."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import cv2
import numpy as np
from PIL import Image as Pillow

from models.vocabulary import Image


def grey(photo: Image) -> Image:
    """Return the photo as printed in black only."""
    return np.asarray(cv2.cvtColor(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB))


def halftone(photo: Image, *, cell: float = 3.5, angle: float = 45.0) -> Image:
    """Return the photo as an amplitude-modulated screen of black dots.

    Args:
        photo: RGB pixels.
        cell: Distance of the dots in pixels: 3.5 is 85 lines per inch scanned at 300 dpi.
        angle: Of the screen, in degrees.
    """
    tone = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    y, x = np.mgrid[: tone.shape[0], : tone.shape[1]].astype(np.float32)
    turn = np.deg2rad(angle)
    u = (x * np.cos(turn) + y * np.sin(turn)) * (2 * np.pi / cell)
    v = (y * np.cos(turn) - x * np.sin(turn)) * (2 * np.pi / cell)
    screen = (np.cos(u) + np.cos(v)) / 4 + 0.5
    dots = np.clip((tone - screen) * 4 + 0.5, 0, 1)
    scanned = cv2.GaussianBlur((dots * 255).astype(np.uint8), (0, 0), 0.8)
    return np.asarray(cv2.cvtColor(scanned, cv2.COLOR_GRAY2RGB))


def small(photo: Image, *, width: int = 200) -> Image:
    """Return the photo scaled down to ``width`` pixels; a smaller one is left alone."""
    if photo.shape[1] <= width:
        return photo
    height = max(1, round(photo.shape[0] * width / photo.shape[1]))
    return np.asarray(cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA))


def jpeg(photo: Image, *, quality: int = 30) -> Image:
    """Return the photo after a JPEG of low quality."""
    buffer = BytesIO()
    Pillow.fromarray(photo).save(buffer, "JPEG", quality=quality)
    return np.asarray(Pillow.open(buffer).convert("RGB"))


def rosette(photo: Image, *, cell: float = 3.5) -> Image:
    """Return the photo printed in cyan, magenta and yellow, each ink in dots at its own angle.

    Args:
        photo: RGB pixels.
        cell: Distance of the dots in pixels.
    """
    inks = [
        halftone(np.repeat(photo[..., i : i + 1], 3, axis=2), cell=cell, angle=angle)[..., 0]
        for i, angle in enumerate((15.0, 75.0, 0.0))
    ]
    return np.ascontiguousarray(np.stack(inks, axis=2))


def bitonal(photo: Image, *, cell: float = 3.5) -> Image:
    """Return a screened print as a scanner for black and white copies it.

    Args:
        photo: RGB pixels.
        cell: Distance of the dots in pixels.
    """
    return np.asarray(np.where(halftone(photo, cell=cell) >= 128, 255, 0), np.uint8)


DEGRADATIONS: dict[str, Callable[[Image], Image]] = {
    "grey": grey,
    "halftone 85 lpi": halftone,
    "colour rosettes 85 lpi": rosette,
    "bitonal": bitonal,
    "200 px wide": small,
    "JPEG 30": jpeg,
}
"""The degradations that every table of accuracy has a row for."""
