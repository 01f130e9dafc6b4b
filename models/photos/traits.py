"""Measures a page as a whole: its skew, its print, and how much of it is bare."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.photos.paper import ink_mask, median_level
from presslens.models.restoration.screen import printing_of
from presslens.models.vocabulary import Image, PageFrames, PageTraits

MILLIMETRES = 25.4
"""In an inch."""

SIDE = 1300
"""Longer side at which colour, ink and columns are measured, in pixels."""

COLOURFUL = 14.0
"""Chroma of a pixel that is not grey, in 8-bit Lab, beyond what the paper has itself."""

COLOUR_SHARE = 0.01
"""A page with colour on more than this share of it was printed, or scanned, in colour."""

JUDGED = 8
"""So many photos of a page, the largest, tell how it was printed."""

GREYS, GREY_SHARE = (80, 175), 0.02
"""Grey levels, and the share of a photo's pixels that lie between them at least unless it is in
black and white alone. Blurred edges and traces of JPEG stay below. A dark photo in greys may, too:
most photos of a page decide."""

LEAST = 128
"""Smaller sides of a photo, px, show no screen surely."""

WIDEST_COLUMN, NARROWEST_COLUMN = 0.34, 0.06
"""Text columns are so wide, as shares of the page width."""

WORD_GAP = 0.0085
"""Words of a line are closer together than this share of the page width, columns are not."""

LINE = 0.02
"""A line of body text is lower than this share of the page height."""

LINES = 12
"""So many lines of one width make a column."""


def traits(page: Image, frames: PageFrames, page_height_mm: float) -> PageTraits:
    """Return the traits of a page.

    Args:
        page: RGB pixels as decoded.
        frames: The photos on it, its skew, and whether it was photographed.
        page_height_mm: Height of the printed page that the resolution is estimated from.
    """
    # A strip keeps a row of pixels.
    scale = min(1.0, max(SIDE / max(page.shape[:2]), 1 / min(page.shape[:2])))
    small = np.asarray(
        cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    )
    bare = ~ink_mask(small)
    text = ~bare
    for box in (frame.box for frame in frames.frames):
        x0, y0, x1, y1 = box.scaled(scale).pixels()
        text[y0:y1, x0:x1] = False
    column, photos = _column_width(text), _largest(page, frames)
    printings = [printing_of(photo) for photo in photos]
    return PageTraits(
        skew=frames.skew,
        dpi=round(page.shape[0] / page_height_mm * MILLIMETRES),
        colour=_is_colour(small, bare),
        halftone=_most([p.screen is not None or p.grainy for p in printings]),
        bitonal=_most([_lacks_greys(photo) for photo in photos]),
        photographed=frames.photographed,
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


def _largest(page: Image, frames: PageFrames) -> list[Image]:
    """Return the largest photos of a page, without those too small to tell how it was printed."""
    boxes = (frame.box for frame in frames.frames)
    large = [box for box in boxes if min(box.width, box.height) >= LEAST]
    edges = (box.pixels() for box in sorted(large, key=lambda b: -b.area)[:JUDGED])
    return [page[y0:y1, x0:x1] for x0, y0, x1, y1 in edges]


def _lacks_greys(photo: Image) -> bool:
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    return float(cv2.inRange(grey, *GREYS).mean()) / 255 < GREY_SHARE


def _most(holds: list[bool]) -> bool | None:
    """Return whether something holds for most photos; None without photos."""
    return bool(np.mean(holds) > 0.5) if holds else None


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
