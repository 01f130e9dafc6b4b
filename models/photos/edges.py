"""The exact edges of a frame, found in the pixels near where the segmenter saw them.

A frame's side is the straight line at which the page changes all along, with something even (paper,
a gutter, a rule) just outside it. Photos that touch have nothing even outside, so the change alone
must tell.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.vocabulary import Image

REACH = 0.012
"""A side is looked for within this share of the page's longer side: so exact is the segmenter."""

LARGE = 0.03
"""And within this share of the frame's own extent, as its errors grow with the frame."""

MOST_ROWS = 96
"""So many rows of a frame tell where its side is."""

MEDIAN_ROWS = 17
"""So many of them tell what colour a line has."""

JUMP = 16
"""A jump: pixels on both sides of a line differ by at least this much in one channel, of 255."""

EVEN = 14
"""How far from its line's median a pixel may be for the line to be even there, of 255."""

UNEVEN = 0.35
"""What a jump is worth where nothing even lies outside it."""

DISTANCE = 0.12
"""What the farthest line in reach loses against the nearest."""

CLEAR = 0.22
"""A side that is no clearer than this is left where the segmenter saw it."""

CORNER = 0.08
"""The ends of a side are left out: neighbours and rounded corners disturb there."""


def snapped(box: Box, page: Image) -> Box:
    """Return a frame with each side moved to the clearest edge in reach.

    Args:
        box: A frame as the segmenter saw it, in page pixels.
        page: The page turned upright, RGB.
    """
    for _ in range(2):  # the second pass looks along sides that are right already
        x0, x1 = _sides(box, page)
        turned = Box(box.y0, x0, box.y1, x1)
        y0, y1 = _sides(turned, page.transpose(1, 0, 2))
        box = Box(x0, y0, x1, y1)
    return box


def _sides(box: Box, page: Image) -> tuple[float, float]:
    """Return where the left and the right side of a frame are."""
    height, width = page.shape[:2]
    reach = round(max(4.0, REACH * max(page.shape[:2]), LARGE * box.width))
    reach = min(reach, max(2, round(box.width / 4)))
    inner = CORNER * box.height
    top, bottom = (round(float(np.clip(v, 0, height))) for v in (box.y0 + inner, box.y1 - inner))
    if bottom - top < 4 or box.width < 8:
        return box.x0, box.x1
    rows = np.linspace(top, bottom - 1, min(MOST_ROWS, bottom - top)).astype(int)
    left = _edge(page, rows, round(box.x0), reach)
    right = _edge(page[:, ::-1], rows, width - round(box.x1), reach)
    return (
        box.x0 if left is None else float(left),
        box.x1 if right is None else float(width - right),
    )


def _edge(page: Image, rows: NDArray[np.int_], near: int, reach: int) -> int | None:
    """Return the first column inside a frame whose left side is near a column, None if unclear."""
    width = page.shape[1]
    if near <= 3:  # the page itself ends here
        return 0
    start, stop = max(0, near - reach - 3), min(width, near + reach + 4)
    strip = page[rows, start:stop].astype(np.int16)
    if strip.shape[1] < 8:
        return None
    step = np.abs(strip[:, 1:] - strip[:, :-1]).max(axis=2)
    wide = np.abs(strip[:, 3:] - strip[:, :-3]).max(axis=2)  # an edge may be two pixels soft
    share = (wide >= JUMP).mean(axis=0)  # of column i + 2 against i - 1, at column i + 2 - 0
    columns = np.arange(2, 2 + len(share)) + start
    outside = _evenness(strip)[: len(share)]
    value = share * (UNEVEN + (1 - UNEVEN) * outside)
    value = value - DISTANCE * np.abs(columns - near) / reach
    best = int(np.argmax(value))
    if value[best] < CLEAR:
        return None
    # Within the soft edge, the column with the steepest step is the first one inside.
    steepest = int(np.argmax(step[:, best : best + 3].mean(axis=0)))
    return int(columns[best]) - 1 + steepest


def _evenness(strip: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return the share of each column that has the column's own median colour, 0–1."""
    middle = np.median(strip[:: max(1, len(strip) // MEDIAN_ROWS)], axis=0)
    return np.asarray((np.abs(strip - middle).max(axis=2) <= EVEN).mean(axis=0))
