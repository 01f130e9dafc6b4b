"""The ten conditions of the benchmark.

They follow the way of a picture: the file of the publisher, a print and a good scan of it, and what
archives and readers make of prints. Black prints have the screens of a rotary letterpress (65 lines
per inch) and of cold-set offset (85); the finest, 133, is that of the colour print which is scanned
askew, because no scanner of 300 dots per inch resolves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from presslens.samples.benchmark.capture import askew, bitonal, grey_of, noisy, phone, rounded
from presslens.samples.benchmark.press import (
    ROSETTE_100,
    ROSETTE_133,
    RULING_65,
    RULING_85,
    Generator,
    Pixels,
    Print,
    black_halftone,
    black_stochastic,
    colour_halftone,
)
from presslens.samples.benchmark.projection import Projection
from presslens.samples.benchmark.screen import Screen

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
