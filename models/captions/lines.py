"""Finds the lines of type on a page: ink that may be letters, their height, their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box
from presslens.models.photos.paper import Mask

SMALLEST = 5
"""Letters that are lower, px, can't be distinguished from specks, nor read."""

FEWEST = 4
"""So many marks make a page one with type."""

USUAL = 70
"""At first, letters are as high as this percentile of the marks of a page: Korean letters fall
apart into smaller marks, so that the median is about half a letter."""


@dataclass(frozen=True, slots=True, eq=False)
class Typography:
    """The type of a page: ink that may be letters, and the usual height of its lines."""

    ink: Mask  # where there may be letters, shape (height, width)
    letter: float  # height of the page's usual lines, without their leading, px


@dataclass(frozen=True, slots=True)
class Line:
    """A line of type."""

    box: Box  # its ink, in page pixels
    height: float  # of its letters, px; less than the box's if the scan is askew


def typography_of(ink: Mask, photos: Sequence[Box]) -> Typography | None:
    """Return the typography of a page; None for a page without type.

    Args:
        ink: Where the page is printed.
        photos: The boxes of its photos, in page pixels: nothing inside is type.
    """
    outside = ink.astype(np.uint8)
    for photo in photos:
        x0, y0, x1, y1 = photo.padded(1).clipped(ink.shape[1], ink.shape[0]).pixels()
        outside[y0:y1, x0:x1] = 0
    labels, stats = marks(outside)
    mark = _mark_height(stats, page_width=ink.shape[1])
    if mark is None:
        return None
    rough = Typography(_is_type(stats, mark)[labels], mark)
    words = [
        word
        for word in pieces_in(rough, Box(0, 0, ink.shape[1], ink.shape[0]))
        if word.height >= 0.8 * mark and word.width >= 1.5 * word.height
    ]
    letter = _middle(words) if words else mark
    return Typography(_is_type(stats, letter)[labels], letter)


def marks(ink: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the mark of each pixel, 0 for none, and the numbers of each as OpenCV's statistics."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    stats[0] = 0
    return np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def _middle(words: Sequence[Box]) -> float:
    """Return the height that half of all print has or exceeds, by its length."""
    words = sorted(words, key=lambda word: word.height)
    lengths = np.cumsum([word.width for word in words])
    return words[int(np.searchsorted(lengths, lengths[-1] / 2))].height


def _mark_height(stats: NDArray[np.int32], *, page_width: int) -> float | None:
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    shaped = (width <= 3 * height) & (height <= 4 * width)
    heights = height[(height >= SMALLEST) & (height <= page_width / 20) & shaped]
    return float(np.percentile(heights, USUAL)) if len(heights) >= FEWEST else None


def _is_type(stats: NDArray[np.int32], letter: float) -> NDArray[np.bool_]:
    """Return for each mark whether it may be type: no rule, frame, bar, picture or speck."""
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    area = stats[:, cv2.CC_STAT_AREA]
    filled = area / np.maximum(1, width * height)
    rule = (np.minimum(width, height) <= 0.35 * letter) & (np.maximum(width, height) > 4 * letter)
    wide = width > 6 * letter
    bar_or_frame = wide & ((filled > 0.6) | (filled < 0.1))
    speck = area <= max(2.0, 0.01 * letter**2)
    return np.asarray(~(rule | bar_or_frame | speck | (height > 8 * letter)))


def lines_in(printed: Typography, band: Box, *, least: float = 0.5) -> list[Line]:
    """Return the lines of type in a part of a page, from top to bottom.

    Args:
        printed: The type of the page.
        band: The part, in page pixels; what lies outside is cut off.
        least: Height of the smallest words that make a line, in letter heights of the page.
    """
    least *= printed.letter
    main: list[Box] = []
    minor: list[Box] = []
    for box in pieces_in(printed, band):
        (main if box.height >= least else minor).append(box)
    rows: list[list[Box]] = []
    for box in sorted(main, key=lambda b: b.centre[1]):
        if rows and _shared_height(_hull(rows[-1]), box) >= 0.5:
            rows[-1].append(box)
        else:
            rows.append([box])
    lines = [Line(_hull(r), float(np.percentile([b.height for b in r], 75))) for r in rows]
    return [_with_marks(line, minor) for line in sorted(lines, key=lambda line: line.box.y0)]


def pieces_in(printed: Typography, band: Box) -> list[Box]:
    """Return the words, roughly, of a part of a page, in page pixels and no order."""
    height, width = printed.ink.shape
    x0, y0, x1, y1 = band.clipped(width, height).pixels()
    if x1 - x0 < 1 or y1 - y0 < 1:
        return []
    # Odd sides: an even kernel shifts what it closes by half a pixel.
    across, down = (_odd(share * printed.letter) for share in (0.5, 0.2))
    # A border keeps the closing from reaching beyond the part.
    ink = cv2.copyMakeBorder(
        printed.ink[y0:y1, x0:x1].astype(np.uint8), down, down, across, across, cv2.BORDER_CONSTANT
    )
    closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((down, across), np.uint8))
    _, stats = marks(np.asarray(closed, np.uint8))
    boxes = (tuple(int(v) for v in row[:4]) for row in stats[1:])
    dx, dy = x0 - across, y0 - down
    return [Box(x + dx, y + dy, x + w + dx, y + h + dy) for x, y, w, h in boxes]


def _odd(size: float) -> int:
    """Return the odd number that is at most a size, rounded; 1 or more."""
    return max(1, (round(size) - 1) // 2 * 2 + 1)


def _shared_height(one: Box, other: Box) -> float:
    common = min(one.y1, other.y1) - max(one.y0, other.y0)
    return common / max(1.0, min(one.height, other.height))


def _hull(boxes: Sequence[Box]) -> Box:
    return Box(
        min(b.x0 for b in boxes),
        min(b.y0 for b in boxes),
        max(b.x1 for b in boxes),
        max(b.y1 for b in boxes),
    )


def _with_marks(line: Line, marks: Sequence[Box]) -> Line:
    """Add the full stops and dashes that stand in a line."""
    standing = [mark for mark in marks if _shared_height(line.box, mark) >= 0.5]
    return replace(line, box=_hull([line.box, *standing]))
