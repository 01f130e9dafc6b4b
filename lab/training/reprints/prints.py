"""Prints of a photo as another newspaper, or another day, might carry it: cropped, toned, screened.

Each print has another part of the picture (70 % of its area at least, of another shape), another
size (320 to 800 pixels wide), lies a little askew and went through a JPEG.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from presslens.lab.training.printing import grey, halftone, jpeg, small
from presslens.models.vocabulary import Image

Generator = np.random.Generator
Tone = NDArray[np.float32]
Condition = Callable[[Image, Generator], Image]

LEAST = 0.7
"""Share of a picture's area that a print has at least."""

_INKS = ((0, 15.0), (1, 75.0), (2, 0.0))
"""The channel that cyan, magenta and yellow take away, and the angle of their screens."""

_MASK = 128
"""Pixels a side of the mask of frequency-modulated screens."""


def cropped(photo: Image, rng: Generator) -> Image:
    """Return a part of a photo, with ``LEAST`` of its area or more."""
    height, width = photo.shape[:2]
    area = rng.uniform(LEAST, 1)
    shape = np.exp(rng.uniform(np.log(area), -np.log(area)))
    across = min(1.0, np.sqrt(area * shape))
    w, h = int(width * across), int(height * min(1.0, area / across))
    x, y = rng.integers(0, width - w + 1), rng.integers(0, height - h + 1)
    return photo[y : y + h, x : x + w]


def scaled(photo: Image, rng: Generator) -> Image:
    """Return a photo 320 to 800 pixels wide."""
    width = round(rng.uniform(320, 800))
    kind = cv2.INTER_AREA if width < photo.shape[1] else cv2.INTER_CUBIC
    size = width, max(8, round(photo.shape[0] * width / photo.shape[1]))
    return np.asarray(cv2.resize(photo, size, interpolation=kind))


def rosette(photo: Image, rng: Generator) -> Image:
    """Return a photo as printed in four colours, each through a screen at its own angle."""
    cell = float(rng.uniform(2.5, 4.5))
    ink = 255 - photo.astype(np.float32)
    black = 0.8 * ink.min(axis=2)
    printed = np.full(photo.shape, 255, np.float32)
    for channel, angle in _INKS:
        dots = _screened(255 - np.clip(ink[:, :, channel] - black, 0, 255), cell, angle)
        printed[:, :, channel] *= dots / 255
    return _pixels(printed * (_screened(255 - black, cell, 45.0) / 255)[:, :, None])


def modulated(photo: Image, rng: Generator) -> Image:
    """Return a photo in dots of one size that lie closer where it is darker (FM screen)."""
    tone, whole = _coarse(photo, float(rng.uniform(1, 2.2)))
    times = [side // _MASK + 1 for side in tone.shape]
    mask = np.tile(_blue_noise(), times)[: tone.shape[0], : tone.shape[1]]
    return _dots(np.where(tone / 255 > mask, 255, 0), whole, blur=0.6)


def diffused(photo: Image, rng: Generator) -> Image:
    """Return a photo in black and white by error diffusion (Floyd & Steinberg)."""
    tone, whole = _coarse(photo, float(rng.uniform(1, 2)))
    grey_ = Pillow.fromarray(np.clip(tone, 0, 255).astype(np.uint8))
    return _dots(np.asarray(grey_.convert("1").convert("L")), whole, blur=0.0)


def bitonal(photo: Image, rng: Generator) -> Image:
    """Return a photo, or a print of it in dots, as a scanner for text leaves it."""
    tone = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if rng.random() < 0.6:
        tone = 0.4 * tone + 0.6 * _screened(tone, float(rng.uniform(1.8, 3.5)), 45.0)
    level = np.quantile(tone, rng.uniform(0.3, 0.6))
    return _rgb(np.where(tone + rng.normal(0, 8, tone.shape) < level, 0, 255))


def toned(photo: Image, rng: Generator) -> Image:
    """Return a photo with another gamma and contrast, and half the time in brown."""
    values = (photo / 255) ** np.exp(rng.uniform(-0.7, 0.7))
    contrast = rng.uniform(0.45, 1)
    values = values * contrast + rng.uniform(0, 1 - contrast)
    if rng.random() < 0.5:
        values = values.mean(axis=2, keepdims=True) * (1, 0.88, 0.7)
    return _pixels(values * 255)


def scanned(photo: Image, rng: Generator, *, turn: float = 5.0) -> Image:
    """Return a photo turned by some degrees, blurred and unevenly lit, after a strong JPEG."""
    soft = cv2.GaussianBlur(_turned(photo, rng, turn), (0, 0), float(rng.uniform(0.5, 1.6)))
    height, width = photo.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    across, down = rng.uniform(-0.5, 0.5, 2)
    light = 0.9 + across * (x / width - 0.5) + down * (y / height - 0.5)
    return jpeg(_pixels(soft * light[:, :, None]), quality=int(rng.integers(25, 70)))


def _in_dots(low: float, high: float, *, turned: float = 0.0) -> Condition:
    """Return a condition: grey through a screen whose dots are so many pixels apart."""

    def printed(photo: Image, rng: Generator) -> Image:
        angle = 45 + float(rng.uniform(-turned, turned))
        return halftone(photo, cell=float(rng.uniform(low, high)), angle=angle)

    return printed


CONDITIONS: Mapping[str, Condition] = {
    "cropped": lambda photo, _rng: photo,
    "grey": lambda photo, _rng: grey(photo),
    "100-150 lpi": _in_dots(2, 3),
    "85 lpi": _in_dots(3.5, 3.5),
    "50-65 lpi": _in_dots(4.5, 6, turned=45),
    "colour rosette": rosette,
    "FM screen": modulated,
    "error diffusion": diffused,
    "bitonal": bitonal,
    "tone": toned,
    "scanned": scanned,
    "200 px wide": lambda photo, _rng: small(photo),
}
"""What happens to a photo that is cropped and scaled; lpi are those of a scan at 300 dpi."""

ALL = "tone, screen and scan"
"""All at once: toned, then through one of the screens, then scanned."""

_SCREENS = ("grey", "100-150 lpi", "85 lpi", "colour rosette", "FM screen", "error diffusion")


def reprint(photo: Image, condition: str, rng: Generator) -> Image:
    """Return another print of a photo.

    Args:
        photo: RGB pixels.
        condition: One of ``CONDITIONS``, or ``ALL``.
        rng: Draws every choice.
    """
    part = cropped(photo, rng)
    if condition == ALL:
        screen = CONDITIONS[str(rng.choice(_SCREENS))]
        return scanned(screen(scaled(toned(part, rng), rng), rng), rng, turn=3.0)
    shown = CONDITIONS[condition](scaled(part, rng), rng)
    return jpeg(_turned(shown, rng, 1.0), quality=int(rng.integers(60, 90)))


def _turned(photo: Image, rng: Generator, most: float) -> Image:
    height, width = photo.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-most, most)), 1.0)
    return np.asarray(cv2.warpAffine(photo, turn, (width, height), borderValue=(245,) * 3))


def _screened(tone: Tone, cell: float, angle: float) -> Tone:
    dots = halftone(_rgb(tone), cell=cell, angle=angle)
    return dots[:, :, 0].astype(np.float32)


def _coarse(photo: Image, dot: float) -> tuple[Tone, tuple[int, int]]:
    """Return the tone of a photo, a pixel a dot, and its whole size (width, height)."""
    tone = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    whole = photo.shape[1], photo.shape[0]
    size = [max(8, int(side / dot)) for side in whole]
    return np.asarray(cv2.resize(tone, size, interpolation=cv2.INTER_AREA)), whole


def _dots(dots: NDArray[np.generic], whole: tuple[int, int], *, blur: float) -> Image:
    large = cv2.resize(dots.astype(np.uint8), whole, interpolation=cv2.INTER_NEAREST)
    return _rgb(cv2.GaussianBlur(large, (0, 0), blur) if blur else large)


@cache
def _blue_noise() -> NDArray[np.float64]:
    """Return a mask of thresholds, 0–1, of which near ones differ, shape (128, 128)."""
    values = np.random.default_rng(5).random((_MASK, _MASK))
    middle = slice(_MASK, 2 * _MASK)
    for _ in range(6):
        near = cv2.GaussianBlur(np.tile(values, (3, 3)), (0, 0), 1.2)[middle, middle]
        order = np.argsort(np.argsort((values - near).ravel()))
        values = order.reshape(_MASK, _MASK) / _MASK**2
    return values


def _rgb(tone: NDArray[np.generic]) -> Image:
    return np.repeat(np.clip(tone, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def _pixels(values: NDArray[np.generic]) -> Image:
    return np.asarray(np.clip(values, 0, 255), np.uint8)
