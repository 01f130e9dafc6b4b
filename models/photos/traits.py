"""Measures a page as a whole: its skew, its print, and how much of it is bare."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.photos.paper import ink_mask, median_level
from models.vocabulary import Image, PageTraits

MILLIMETRES = 25.4
"""In an inch."""

SIDE = 1300
"""Longer side at which colour, ink and columns are measured, in pixels."""

COLOURFUL = 14.0
"""Chroma of a pixel that is not grey, in 8-bit Lab, beyond what the paper has itself."""

COLOUR_SHARE = 0.01
"""A page with colour on more than this share of it was printed, or scanned, in colour."""

PATCH = 128
"""Side of the patches that are searched for a halftone screen, in pixels."""

PATCHES = 8
"""So many patches of the photos are analysed."""

SCREEN = 20.0
"""A screen's peak stands out this many times from the spectrum around it."""

GRAIN = 0.3
"""Share of a patch's contrast that lies between neighbours where dots are black or white only."""

COARSEST, FINEST = 6.5, 2.1
"""Distances of a screen's dots that are looked for, in pixels: photos have coarser detail."""

WIDEST_COLUMN, NARROWEST_COLUMN = 0.34, 0.06
"""Text columns are so wide, as shares of the page width."""

WORD_GAP = 0.0085
"""Words of a line are closer together than this share of the page width, columns are not."""

LINE = 0.02
"""A line of body text is lower than this share of the page height."""

LINES = 12
"""So many lines of one width make a column."""


def traits(page: Image, photos: list[Box], *, skew: float, page_height_mm: float) -> PageTraits:
    """Return the traits of a page.

    Args:
        page: RGB pixels as decoded.
        photos: The photos on it, in page pixels.
        skew: The page's turn in degrees, clockwise.
        page_height_mm: Height of the printed page that the resolution is estimated from.
    """
    scale = min(1.0, SIDE / max(page.shape[:2]))
    small = np.asarray(
        cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    )
    bare = ~ink_mask(small)
    text = ~bare
    for box in photos:
        x0, y0, x1, y1 = box.scaled(scale).pixels()
        text[y0:y1, x0:x1] = False
    column = _column_width(text)
    return PageTraits(
        skew=skew,
        dpi=round(page.shape[0] / page_height_mm * MILLIMETRES),
        colour=_is_colour(small, bare),
        halftone=_has_screen(page, photos),
        brightness=round(float(small.mean()) / 255, 3),
        ink_share=round(float(1 - bare.mean()), 4),
        text_share=round(float(text.mean()), 4),
        column_width=None if column is None else round(column / scale, 1),
    )


def _is_colour(page: Image, bare: NDArray[np.bool_]) -> bool:
    a, b = (
        np.asarray(plane, np.uint16)
        for plane in cv2.split(cv2.cvtColor(page, cv2.COLOR_RGB2LAB))[1:]
    )
    # Each of the 65,536 colours is judged once, however many pixels have it.
    colours = 256 * a + b
    of_paper = np.bincount(colours[bare], minlength=2**16).reshape(256, 256)
    paper = (
        [median_level(of_paper.sum(1)), median_level(of_paper.sum(0))]
        if bare.any()
        else [128.0, 128.0]
    )
    grid = np.arange(256, dtype=np.float32)
    # Yellowed paper tints its greys too, the less the darker they are: half its tint is let pass.
    neutral = np.hypot(*np.meshgrid(grid - 128, grid - 128, indexing="ij"))
    apart = np.hypot(*np.meshgrid(grid - paper[0], grid - paper[1], indexing="ij"))
    pixels = np.bincount(colours.ravel(), minlength=2**16).reshape(256, 256)
    coloured = pixels[np.minimum(neutral, apart) > COLOURFUL].sum()
    return bool(coloured / colours.size > COLOUR_SHARE)


def _has_screen(page: Image, photos: list[Box]) -> bool | None:
    """Return whether photos are printed in dots; None without a photo that is large enough."""
    screened = []
    for box in sorted(photos, key=lambda b: -b.area)[:PATCHES]:
        x, y = (int(v) - PATCH // 2 for v in box.centre)
        if min(box.width, box.height) >= PATCH and x >= 0 and y >= 0:
            patch = cv2.cvtColor(page[y : y + PATCH, x : x + PATCH], cv2.COLOR_RGB2GRAY)
            if patch.shape == (PATCH, PATCH):
                screened.append(_peak(patch) > SCREEN or _grain(patch) > GRAIN)
    return bool(np.mean(screened) > 0.5) if screened else None


def _peak(patch: NDArray[np.generic]) -> float:
    """Return how far the strongest screen frequency of a patch stands out from its ring."""
    tone = patch.astype(np.float32)
    plane = _spectral_plane()
    spectrum = np.abs(np.fft.fftshift(np.fft.fft2((tone - tone.mean()) * plane.window)))
    level = np.zeros_like(spectrum)
    for circle, around in plane.circles:
        level[circle] = np.median(spectrum[around]) + 1e-6
    return float((spectrum[plane.ring] / (level[plane.ring] + 1e-6)).max())


class _SpectralPlane(NamedTuple):
    """Where the frequencies of a patch lie; the same for every patch.

    Attributes:
        window: Weights of the patch's pixels, shape (PATCH, PATCH).
        ring: The frequencies that a screen may have.
        circles: Circles that are one frequency wide, each with what lies around its edge.
    """

    window: NDArray[np.float64]
    ring: NDArray[np.bool_]
    circles: list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]


@cache
def _spectral_plane() -> _SpectralPlane:
    window = np.hanning(PATCH)[:, None] * np.hanning(PATCH)[None]
    y, x = np.mgrid[-PATCH // 2 : PATCH // 2, -PATCH // 2 : PATCH // 2]
    radius = np.hypot(x, y)
    ring = (radius > PATCH / COARSEST) & (radius < PATCH / FINEST)
    circles = [
        (np.abs(radius - r) <= 0.5, np.abs(radius - r) < 3)
        for r in range(int(PATCH / COARSEST), int(PATCH / FINEST) + 2)
    ]
    return _SpectralPlane(window, ring, circles)


def _grain(patch: NDArray[np.generic]) -> float:
    tone = patch.astype(np.float32)
    fine = np.abs(tone - cv2.GaussianBlur(tone, (0, 0), 1.0)).mean()
    return float(fine / (tone.std() + 8))


def _column_width(text: NDArray[np.bool_]) -> float | None:
    """Return the commonest width of a line of text in pixels, None if there are few lines.

    Words of a line are closed up, columns are not: the gap between columns is wider.
    """
    height, width = text.shape
    gap = max(2, round(WORD_GAP * width))
    lines = cv2.morphologyEx(text.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(lines)
    wide, high = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    column = (wide > NARROWEST_COLUMN * width) & (wide < WIDEST_COLUMN * width)
    widths = wide[column & (high < LINE * height)]
    near = [int((np.abs(widths - w) <= 0.02 * width).sum()) for w in widths]
    if max(near, default=0) < LINES:
        return None
    commonest = widths[int(np.argmax(near))]
    return float(np.median(widths[np.abs(widths - commonest) <= 0.02 * width]))
