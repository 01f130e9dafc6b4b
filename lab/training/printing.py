"""Single degradations of photos by printing and scanning, for training and evaluation alone."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import cv2
import numpy as np
from PIL import Image as Pillow

from presslens.models.vocabulary import Image

INKS = np.array(
    [[0.05, 0.6, 0.9], [0.9, 0.1, 0.5], [1.0, 0.95, 0.1], [0.08, 0.08, 0.08]], np.float32
)
"""What cyan, magenta, yellow and black let through of red, green and blue, 0–1."""

ANGLES = (15.0, 75.0, 0.0, 45.0)
"""Angles of the four inks' screens, degrees."""


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
    """Return the photo printed in four inks, each in dots at its own angle.

    Args:
        photo: RGB pixels.
        cell: Distance of the dots in pixels.
    """
    ink = 1 - photo.astype(np.float32) / 255
    black = ink.min(axis=2)
    coloured = (ink - black[..., None]) / (1 - black[..., None] + 1e-3)
    light = np.ones_like(ink)
    planes = [*np.moveaxis(coloured, 2, 0), black]
    for plane, angle, colour in zip(planes, ANGLES, INKS, strict=True):
        paper = np.asarray(np.clip(255 * (1 - plane), 0, 255), np.uint8)
        dots = halftone(np.repeat(paper[..., None], 3, axis=2), cell=cell, angle=angle)
        light *= 1 - (1 - dots / 255) * (1 - colour)
    return np.asarray(np.clip(light * 255, 0, 255), np.uint8)


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
