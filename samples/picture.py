"""Pictures ready to print: crops of the source photographs, each a little different."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

from presslens.samples.catalogue import CropShares, Shot
from presslens.samples.sources import Sources
from presslens.samples.truth import PictureTruth

Generator = np.random.Generator
Window = tuple[float, float, float, float]

ENLARGE = 3.0
"""A source is printed at most this many times as large as its own pixels,"""
SOFT = 8.0
"""or this many times where no other would do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels at the size of print, and the truth of what they show."""

    image: Image.Image
    truth: PictureTruth


def fitting(sources: Sources, shot: Shot, size: tuple[int, int], *, enlarge: float) -> bool:
    """Return whether a shot can be cropped to ``size`` (width, height) without losing its subject.

    Args:
        sources: The folder of the photograph.
        shot: The shot to print.
        size: Width and height in pixels.
        enlarge: The most that the source's own pixels may be enlarged, as a factor.
    """
    window = _largest(sources.photo(shot.file).size, shot, size)
    return window is not None and size[0] / (window[2] - window[0]) <= enlarge


def develop(sources: Sources, shot: Shot, size: tuple[int, int], rng: Generator) -> Picture:
    """Return a crop of a fitting shot within its region, randomly flipped, lit and tinted.

    Args:
        sources: The folder of the photograph.
        shot: The shot to print.
        size: Width and height in pixels.
        rng: Draws the crop and its variations.

    Raises:
        ValueError: The shot doesn't fit (see ``fitting``).
    """
    photo = sources.photo(shot.file)
    largest = _largest(photo.size, shot, size)
    if largest is None:
        raise ValueError(f"{shot.file} can't be cropped to {size[0]}x{size[1]}")
    window = _nearer(largest, _pixels(shot.keep, photo.size), rng)
    image = photo.resize(size, Image.Resampling.LANCZOS, box=window, reducing_gap=3.0)
    return Picture(vary(image, rng), shot.truth)


def vary(image: Image.Image, rng: Generator, *, flip: bool = True) -> Image.Image:
    """Return a picture with random exposure, contrast and colour, randomly mirrored."""
    if flip and rng.random() < 0.5:
        image = ImageOps.mirror(image)
    image = ImageEnhance.Brightness(image).enhance(float(rng.uniform(0.82, 1.15)))
    image = ImageEnhance.Contrast(image).enhance(float(rng.uniform(0.85, 1.15)))
    image = ImageEnhance.Color(image).enhance(float(rng.choice([0.0, 0.6, 0.9, 1.1, 1.3])))
    return _tinted(image, rng.uniform(0.93, 1.07, 3))


def toned(image: Image.Image, tone: str) -> Image.Image:
    """Return a picture wholly in the dark half of the tones, in the light half, or as it is.

    Args:
        tone: "dark", "light" or empty.
    """
    tables = {"dark": [v * 2 // 5 for v in range(256)], "light": [140 + v // 4 for v in range(256)]}
    return image.point(tables[tone] * 3) if tone else image


def _tinted(image: Image.Image, gains: NDArray[np.float64]) -> Image.Image:
    table = [min(255, round(value * gain)) for gain in gains for value in range(256)]
    return image.point(table)


def _pixels(share: CropShares, size: tuple[int, int]) -> Window:
    width, height = size
    return share[0] * width, share[1] * height, share[2] * width, share[3] * height


def _largest(photo: tuple[int, int], shot: Shot, size: tuple[int, int]) -> Window | None:
    """Return the largest window of a shape that holds the shot's subject, or None."""
    left, top, right, bottom = _pixels(shot.region, photo)
    keep = _pixels(shot.keep, photo)
    aspect = size[0] / size[1]
    width = min(right - left, (bottom - top) * aspect)
    height = width / aspect
    if width < keep[2] - keep[0] or height < keep[3] - keep[1]:
        return None
    x = _clamp((keep[0] + keep[2] - width) / 2, left, right - width)
    y = _clamp((keep[1] + keep[3] - height) / 2, top, bottom - height)
    return x, y, x + width, y + height


def _nearer(window: Window, keep: Window, rng: Generator) -> Window:
    """Return a smaller window inside that still holds ``keep``."""
    width, height = window[2] - window[0], window[3] - window[1]
    least = max((keep[2] - keep[0]) / width, (keep[3] - keep[1]) / height)
    zoom = float(rng.uniform(max(least, 0.78), 1.0)) if least < 1.0 else 1.0
    x = _between(keep[2] - width * zoom, keep[0], window[0], window[2] - width * zoom, rng)
    y = _between(keep[3] - height * zoom, keep[1], window[1], window[3] - height * zoom, rng)
    return x, y, x + width * zoom, y + height * zoom


def _between(low: float, high: float, least: float, most: float, rng: Generator) -> float:
    low, high = max(low, least), min(high, most)
    return float(rng.uniform(low, high)) if low < high else _clamp(low, least, most)


def _clamp(value: float, least: float, most: float) -> float:
    return min(max(value, least), max(least, most))
