"""The ten conditions of the benchmark.

They follow the way of a picture: the file of the publisher, a print and a good scan of it, and what
archives and readers make of prints. Black prints have the screens of a rotary letterpress (65 lines
per inch) and of cold-set offset (85); the finest, 133, is that of the colour print which is scanned
askew, because no scanner of 300 dots per inch resolves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.samples.benchmark.press import (
    ROSETTE_100,
    ROSETTE_133,
    RULING_65,
    RULING_85,
    SHEET_DPI,
    Generator,
    Pixels,
    Print,
    black_halftone,
    black_stochastic,
    colour_halftone,
)
from presslens.samples.benchmark.projection import Projection, Tone
from presslens.samples.benchmark.screen import Screen

MILLIMETRES = 25.4
"""An inch."""

ASKEW_DPI, PHONE_DPI = 150, 190
"""Dots per inch of a sheet in a scan that is askew, and in a phone's picture."""

DESKS = (124, 92, 64), (168, 150, 128), (70, 66, 64), (196, 192, 186)
"""Colours of desks, RGB."""

LOW_WIDTH = 800
"""Width in pixels of a page, which is 1600 pixels wide as composed, in low resolution,"""

THUMBNAIL = 200
"""and of a single photo."""

SCAN_NOISE = 2.0
"""Standard deviation of a scanner's noise in grey levels."""

SHEET_MARGIN = 8.0
"""Millimetres of glass or desk around a sheet."""


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """A picture of a sheet."""

    pixels: Pixels  # shape (height, width, 3), or (height, width) where it has no colour
    projection: Projection  # where the sheet is in it
    quality: int | None  # quality of its JPEG, 1–95; None: it is saved without loss, in two tones
    subsampling: int = 0  # pillow's code of the JPEG's chroma subsampling: 0 is none, 2 is 4:2:0


Capturer = Callable[[Pixels, Generator, int], Capture]
"""Makes a picture of a sheet, given it, a random generator, and its width in low resolution."""


def _clean(sheet: Pixels, _rng: Generator, _low: int) -> Capture:
    return Capture(sheet, _whole(sheet, sheet), 95)


def _grey(sheet: Pixels, _rng: Generator, _low: int) -> Capture:
    return Capture(grey_of(sheet), _whole(sheet, sheet), 95)


def _black(screen: Screen) -> Capturer:
    def capture(sheet: Pixels, rng: Generator, _low: int) -> Capture:
        return _scanned_grey(sheet, black_halftone(sheet, screen), rng)

    return capture


def _stochastic(sheet: Pixels, rng: Generator, _low: int) -> Capture:
    return _scanned_grey(sheet, black_stochastic(sheet), rng)


def _rosette(sheet: Pixels, rng: Generator, _low: int) -> Capture:
    printed = noisy(colour_halftone(sheet, ROSETTE_100, rng), rng, SCAN_NOISE)
    return Capture(rounded(printed), _whole(sheet, printed), 85, 2)


def _bitonal(sheet: Pixels, rng: Generator, _low: int) -> Capture:
    pixels = bitonal(black_halftone(sheet, RULING_85), rng)
    return Capture(pixels, _whole(sheet, pixels), None)


def _askew(sheet: Pixels, rng: Generator, _low: int) -> Capture:
    printed = colour_halftone(sheet, ROSETTE_133, rng)
    tone, projection = askew(printed, _size(sheet), rng, SHEET_MARGIN)
    return Capture(rounded(tone), projection, int(rng.integers(55, 76)), 2)


def _low_resolution(sheet: Pixels, _rng: Generator, low: int) -> Capture:
    size = low, round(low * sheet.shape[0] / sheet.shape[1])
    small = np.asarray(cv2.resize(sheet, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Capture(small, _whole(sheet, small), 60, 2)


def _phone(sheet: Pixels, rng: Generator, _low: int) -> Capture:
    printed = colour_halftone(sheet, ROSETTE_100, rng)
    tone, projection = phone(printed, _size(sheet), rng, 3 * SHEET_MARGIN)
    return Capture(rounded(tone), projection, int(rng.integers(75, 91)), 2)


CONDITIONS: Mapping[str, Capturer] = {
    "clean": _clean,
    "grey": _grey,
    "am-65": _black(RULING_65),
    "am-85": _black(RULING_85),
    "rosette": _rosette,
    "fm": _stochastic,
    "bitonal": _bitonal,
    "askew": _askew,
    "low-resolution": _low_resolution,
    "phone": _phone,
}
"""The conditions by name, in the order of reports; the first is what the others are compared with.
"""


def _scanned_grey(sheet: Pixels, printed: Print, rng: Generator) -> Capture:
    grey = noisy(grey_of(printed), rng, SCAN_NOISE)
    return Capture(rounded(grey), _whole(sheet, grey), 85)


def _size(sheet: Pixels) -> tuple[int, int]:
    return sheet.shape[1], sheet.shape[0]


def _whole(sheet: Pixels, picture: Pixels | Print) -> Projection:
    return Projection.filling(_size(sheet), (picture.shape[1], picture.shape[0]))


def rounded(tone: Tone) -> Pixels:
    """Return tones as whole numbers, 0–255."""
    return np.rint(np.clip(tone, 0, 255)).astype(np.uint8)


def grey_of(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return RGB pixels in grey, of the same type, shape (height, width)."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def noisy(tone: Tone, rng: Generator, strength: float) -> Tone:
    """Return a picture with noise of a standard deviation, the same in all its channels."""
    noise = rng.standard_normal(tone.shape[:2], np.float32) * np.float32(strength)
    return np.asarray(tone + (noise[:, :, None] if tone.ndim == 3 else noise), np.float32)


def bitonal(print_: Print, rng: Generator) -> Pixels:
    """Copy a print to black and white: 0 or 255, shape (height, width)."""
    copied = noisy(_soft(grey_of(print_), float(rng.uniform(0.4, 0.8))), rng, 8)
    level = float(rng.uniform(104, 140))
    return np.where(copied > level, np.uint8(255), np.uint8(0))


def askew(
    print_: Print, sheet: tuple[int, int], rng: Generator, margin: float
) -> tuple[Tone, Projection]:
    """Scan a print askew: uneven light, a shadow along the fold, soft focus.

    Args:
        print_: The scanned print.
        sheet: Width and height of the sheet as composed, in pixels.
        rng: Draws the strength of each effect.
        margin: Width of the dark glass around the sheet, in millimetres.
    """
    projection = _laid(sheet, ASKEW_DPI, float(rng.uniform(-2.5, 2.5)), margin, rng)
    width, height = projection.size
    glass = np.full((height, width, 3), rng.uniform(16, 44), np.float32)
    glass += rng.uniform(-4, 4, 3).astype(np.float32)
    scan = projection.drawn(_at(print_, sheet, ASKEW_DPI), glass)
    scan *= _slope(projection.size, rng, 0.18)[:, :, None]
    fold = np.linspace(-0.5, 0.5, width, dtype=np.float32) - np.float32(rng.choice([-0.5, 0.5]))
    scan *= (1 - np.float32(rng.uniform(0.05, 0.3)) * np.exp(-np.abs(fold) / 0.06))[None, :, None]
    scan = _soft(scan, float(rng.uniform(0.6, 1.0)))
    return noisy(scan, rng, float(rng.uniform(2, 5))), projection


def phone(
    print_: Print, sheet: tuple[int, int], rng: Generator, margin: float
) -> tuple[Tone, Projection]:
    """Photograph a print on a desk: perspective, a crease, a shadow over it.

    The arguments are those of ``askew``; the margin is the desk's.
    """
    flat = _laid(sheet, PHONE_DPI, float(rng.uniform(-12, 12)), margin, rng)
    projection = _tilted(flat, rng)
    picture = projection.drawn(
        _creased(_at(print_, sheet, PHONE_DPI), rng), _desk(projection.size, rng)
    )
    picture *= _slope(projection.size, rng, 0.3)[:, :, None]
    picture *= _shadow(projection.size, rng)[:, :, None]
    picture *= rng.uniform([0.92, 0.94, 0.82], [1.04, 1.0, 1.0]).astype(np.float32)
    picture = _soft(picture, float(rng.uniform(0.5, 1.1)))
    return noisy(picture, rng, float(rng.uniform(2, 5))), projection


def _soft(tone: Tone, deviation: float) -> Tone:
    return np.asarray(cv2.GaussianBlur(tone, (0, 0), deviation), np.float32)


def _at(print_: Print, sheet: tuple[int, int], dpi: int) -> Print:
    """Return a print at a coarser resolution than SCAN_DPI."""
    size = round(sheet[0] * dpi / SHEET_DPI), round(sheet[1] * dpi / SHEET_DPI)
    return np.asarray(cv2.resize(print_, size, interpolation=cv2.INTER_AREA), np.float32)


def _laid(
    sheet: tuple[int, int], dpi: int, degrees: float, margin: float, rng: Generator
) -> Projection:
    """Return the projection of a turned sheet into a picture that holds all of it."""
    turn = np.deg2rad(degrees)
    matrix = np.eye(3)
    scale = dpi / SHEET_DPI
    matrix[:2, :2] = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = matrix[:2, :2] @ np.array([[0, sheet[0], sheet[0], 0], [0, 0, sheet[1], sheet[1]]])
    edges = rng.uniform(0.6, 1.4, (2, 2)) * margin * dpi / MILLIMETRES
    matrix[:2, 2] = edges[:, 0] - corners.min(axis=1)
    width, height = np.ceil(np.ptp(corners, axis=1) + edges.sum(axis=1)).astype(int).tolist()
    return Projection(matrix, sheet, (width, height))


def _tilted(flat: Projection, rng: Generator) -> Projection:
    """Return a projection seen from a side: the corners of the picture move inwards."""
    width, height = flat.size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], np.float32)
    reach = rng.uniform(0.0, 0.07, (4, 2)).astype(np.float32) * np.float32(min(flat.size))
    seen = cv2.getPerspectiveTransform(corners, (corners + inwards * reach).astype(np.float32))
    return Projection(np.asarray(seen, np.float64) @ flat.matrix, flat.sheet, flat.size)


def _slope(size: tuple[int, int], rng: Generator, strength: float) -> Tone:
    """Return light that falls off to one side, shape (height, width)."""
    across, down = rng.uniform(-strength, strength, 2).astype(np.float32)
    x = np.linspace(-0.5, 0.5, size[0], dtype=np.float32)[None, :]
    y = np.linspace(-0.5, 0.5, size[1], dtype=np.float32)[:, None]
    return np.asarray(1 + across * x + down * y, np.float32)


def _shadow(size: tuple[int, int], rng: Generator) -> Tone:
    """Return the soft shadow of the person with the phone, over one side of the picture."""
    turn = float(rng.uniform(0, 2 * np.pi))
    x = np.linspace(-0.5, 0.5, size[0], dtype=np.float32)[None, :]
    y = np.linspace(-0.5, 0.5, size[1], dtype=np.float32)[:, None]
    across = np.float32(np.cos(turn)) * x + np.float32(np.sin(turn)) * y
    dark = 1 / (1 + np.exp(-(across - np.float32(rng.uniform(0.1, 0.35))) / 0.03))
    return np.asarray(1 - np.float32(rng.uniform(0.15, 0.4)) * dark, np.float32)


def _creased(print_: Print, rng: Generator) -> Print:
    """Return a sheet that was folded once: one half is darker, along the fold is a light line."""
    height = len(print_)
    y = np.arange(height, dtype=np.float32) - np.float32(height * rng.uniform(0.46, 0.54))
    light = 1 - np.float32(rng.uniform(0.02, 0.1)) * (y > 0)
    light += np.float32(rng.uniform(0.05, 0.12)) * np.exp(-((y / (height * 0.002)) ** 2))
    return np.asarray(print_ * light[:, None, None], np.float32)


def _desk(size: tuple[int, int], rng: Generator) -> Tone:
    """Return the surface of a desk: a colour, with grain along one direction and spots."""
    width, height = size
    colour = np.array(DESKS[int(rng.integers(len(DESKS)))], np.float32)
    grain = np.zeros((height, width), np.float32)
    for coarse, strength in ((4, 5.0), (24, 8.0), (160, 10.0)):
        rows, columns = height // coarse + 2, width // (coarse * 8) + 2
        noise = rng.standard_normal((rows, columns), np.float32) * np.float32(strength)
        grain += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(colour + grain[:, :, None], np.float32)
