"""Presses of the benchmark: black ink or four inks, through a screen, on newsprint."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.samples.benchmark.screen import (
    LEVELS,
    SCAN_DPI,
    Coverage,
    Screen,
    halftone,
    stochastic,
)

Generator = np.random.Generator
Pixels = NDArray[np.uint8]
Print = NDArray[np.float32]
"""A scanned print: RGB, 0–255, shape (height, width, 3)."""

SHEET_DPI = 160
"""Dots per inch of a composed sheet: a page of 254 x 365 mm, a tabloid."""

RULING_65, RULING_85 = Screen(13, 13), Screen(10, 10)
"""Screens of black prints: 65 and 85 lines per inch at 45 degrees, to a hundredth."""
ROSETTE_100 = (Screen(12, 3), Screen(3, 12), Screen(12, 0), Screen(9, 9))
"""Screens of cyan, magenta, yellow and black: 94 to 100 lines per inch at 14, 76, 0, 45 degrees,"""
ROSETTE_133 = (Screen(9, 2), Screen(2, 9), Screen(9, 0), Screen(6, 6))
"""and at 130 to 141 lines per inch."""

NEWSPRINT = (225.0, 220.0, 206.0)
"""The colour of unprinted paper, RGB,"""
BLACK = (0.19, 0.19, 0.195)
"""and what solid ink leaves of it: black,"""
INKS = ((0.30, 0.62, 0.80), (0.82, 0.30, 0.48), (0.96, 0.88, 0.28), BLACK)
"""cyan, magenta, yellow and black."""

SHADOW, LIGHT = 36, 240
"""Greys of a sheet that print solid ink, and none: text is solid, paper is blank."""
GAIN = 0.09
"""Dots grow on newsprint: so much of the paper more is covered at 50 %, 0–1."""
SPREAD = 0.55
"""Standard deviation of ink and scanner optics together, in pixels of the scan."""
REGISTER = 0.8
"""Largest error of register of a colour, in pixels of the scan."""


def plate_size(sheet: Pixels) -> tuple[int, int]:
    """Return the width and height of a sheet's print at SCAN_DPI, in pixels."""
    height, width = sheet.shape[:2]
    return round(width * SCAN_DPI / SHEET_DPI), round(height * SCAN_DPI / SHEET_DPI)


def black_print(sheet: Pixels, plate: Callable[[Pixels], Coverage]) -> Print:
    """Print a sheet in black.

    Args:
        sheet: The sheet as composed, RGB, shape (height, width, 3).
        plate: Screens a plate.
    """
    grey = np.asarray(cv2.cvtColor(_enlarged(sheet), cv2.COLOR_RGB2GRAY), np.uint8)
    ink = _spread(plate(_grown(_darkness(grey))))[:, :, None]
    paper, solid = np.array(NEWSPRINT, np.float32), np.array(BLACK, np.float32)
    return np.asarray(paper * (1 - ink * (1 - solid)), np.float32)


def black_halftone(sheet: Pixels, screen: Screen) -> Print:
    """Print a sheet in black through an amplitude-modulated screen."""
    return black_print(sheet, lambda dark: halftone(dark, screen))


def black_stochastic(sheet: Pixels) -> Print:
    """Print a sheet in black through a frequency-modulated screen."""
    return black_print(sheet, stochastic)


def colour_halftone(sheet: Pixels, screens: Sequence[Screen], rng: Generator) -> Print:
    """Print a sheet in cyan, magenta, yellow and black, each a little out of register.

    Args:
        sheet: The sheet as composed, RGB, shape (height, width, 3).
        screens: A screen for each ink.
        rng: Draws the errors of register; black has none.
    """
    plates = _separated(_darkness(_enlarged(sheet)))
    printed = [np.full(plates[0].shape, shade, np.float32) for shade in NEWSPRINT]
    left = np.empty_like(printed[0])
    for number, (screen, ink) in enumerate(zip(screens, INKS, strict=True)):
        plate = plates[number]
        if number < 3:
            plate = _shifted(plate, rng.uniform(-REGISTER, REGISTER, 2))
        coverage = _spread(halftone(_grown(plate), screen))
        for channel, share in zip(printed, ink, strict=True):  # in place: pages are large
            np.multiply(coverage, np.float32(share - 1), out=left)
            left += 1
            channel *= left
    return np.asarray(cv2.merge(printed), np.float32)


def _enlarged(sheet: Pixels) -> Pixels:
    """Return a sheet at SCAN_DPI."""
    return np.asarray(cv2.resize(sheet, plate_size(sheet), interpolation=cv2.INTER_CUBIC), np.uint8)


def _darkness(pixels: Pixels) -> Pixels:
    """Return how much ink each grey needs, 0–LEVELS."""
    greys = np.arange(256)
    table = np.rint(np.clip((LIGHT - greys) / (LIGHT - SHADOW), 0, 1) * LEVELS).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, table), np.uint8)


def _separated(dark: Pixels) -> list[Pixels]:
    """Return the plates of four inks: what all three colours share is mostly printed in black.

    Args:
        dark: The ink that each of red, green and blue needs, 0–LEVELS, shape (height, width, 3).

    Returns:
        Cyan, magenta, yellow and black, 0–LEVELS, each of shape (height, width).
    """
    share = np.arange(LEVELS + 1) / LEVELS
    common = np.minimum(np.minimum(dark[:, :, 0], dark[:, :, 1]), dark[:, :, 2])
    black = np.asarray(cv2.LUT(common, np.rint(share**1.6 * LEVELS).astype(np.uint8)), np.uint8)
    rest = np.maximum(share[None, :] - share[:, None], 0) / np.maximum(1 - share[:, None], 1e-9)
    coloured = np.rint(rest * LEVELS).astype(np.uint8)  # by black, then by what the colour needs
    return [*(coloured[black, dark[:, :, channel]] for channel in range(3)), black]


def _grown(plate: Pixels) -> Pixels:
    """Return a plate with the gain of its dots."""
    share = np.arange(LEVELS + 1) / LEVELS
    table = np.rint((share + 4 * GAIN * share * (1 - share)) * LEVELS).astype(np.uint8)
    return np.asarray(cv2.LUT(plate, table), np.uint8)


def _shifted(plate: Pixels, by: NDArray[np.float64]) -> Pixels:
    matrix = np.array([[1, 0, by[0]], [0, 1, by[1]]])
    size = plate.shape[1], plate.shape[0]
    moved = cv2.warpAffine(plate, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def _spread(ink: Coverage) -> Coverage:
    return np.asarray(cv2.GaussianBlur(ink, (0, 0), SPREAD), np.float32)
