"""Finds the exact edges of frames in the pixels near the segmenter's boxes.

A frame's side is the straight line at which the page changes all along, with something even (paper,
a gutter, a rule) just outside it. Photos that touch have nothing even outside, so the change alone
must tell. A gutter inside a box is an even strip from side to side, with a change on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box
from presslens.models.vocabulary import Image

REACH = 0.012
"""A side is searched within this share of the page's longer side, the segmenter's error."""

LARGE = 0.03
"""It is searched within this share of the frame's width where that is more: errors grow with it."""

FAR = 0.09
"""The same share for a picture that was seen on the smaller page alone and takes much of it: dark
skies and pale ones end for the segmenter before they end."""

MOST_ROWS = 72
"""Largest number of rows of a frame that its side is located by."""

MEDIAN_ROWS = 17
"""Largest number of these rows that a line's median colour is computed from."""

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

CONVERGED = 0.97
"""A box that its edges changed no further, as intersection over union, is not refined again."""

CORNER = 0.08
"""The ends of a side are left out: neighbours and rounded corners disturb there."""

GUTTER_EVEN = 0.97
"""Share of a line that has the line's own colour in a gutter."""

GUTTER_JUMP = 0.55
"""Share of a gutter's length at which the picture changes, on either side."""

GUTTER_WIDEST = 0.02
"""Widest gutter, as a share of the page's longer side: wider strips are picture or margin."""

GROUND_WIDEST, GROUND_JUMP, PALE = 0.05, 0.75, 200
"""Widest strip of a panel's ground between its photos, the same share; the share of its length at
which the picture changes on either side; and the least of its channels, of 255, from which it is no
dark or coloured ground but paper, a wall or a pillar."""


@dataclass(frozen=True, slots=True)
class Edged:
    """A frame with its sides at its exact edges, and the clarity of the least clear one, 0–1."""

    box: Box
    clarity: float


def edged(box: Box, page: Image, *, large: float = LARGE) -> Edged:
    """Return a frame with each side moved to the clearest edge in reach.

    Args:
        box: A frame as the segmenter saw it, in page pixels.
        page: The page turned upright, RGB.
        large: The share of the frame's width or height within which its sides are searched.
    """
    clarity = 0.0
    for _ in range(2):  # the second pass looks along sides that are right already
        before = box
        across = _sides(box, page, large)
        turned = Box(box.y0, across.low, box.y1, across.high)
        down = _sides(turned, page.transpose(1, 0, 2), large)
        box = Box(across.low, down.low, across.high, down.high)
        clarity = min(across.clarity, down.clarity)
        if before.iou(box) > CONVERGED:
            break
    return Edged(box, clarity)


def parted(box: Box, page: Image, *, least: float) -> list[Box]:
    """Return the parts that gutters and rules divide a box into; the box itself if none do.

    Args:
        box: In page pixels.
        page: The page turned upright, RGB.
        least: No part has a side below this many pixels.
    """
    waiting, parts = [box], []
    while waiting:
        part = waiting.pop()
        cut = _gutter(part, page, least=least)
        if cut is None:
            turned = Box(part.y0, part.x0, part.y1, part.x1)
            cut = _gutter(turned, page.transpose(1, 0, 2), least=least)
            if cut is None:
                parts.append(part)
                continue
            before, after = (
                Box(part.x0, part.y0, part.x1, cut[0]),
                Box(part.x0, cut[1], part.x1, part.y1),
            )
        else:
            before, after = (
                Box(part.x0, part.y0, cut[0], part.y1),
                Box(cut[1], part.y0, part.x1, part.y1),
            )
        waiting += [before, after]
    return parts


@dataclass(frozen=True, slots=True)
class _Sides:
    low: float
    high: float
    clarity: float


def _rows(page: Image, top: float, bottom: float) -> NDArray[np.int_]:
    """Return the rows that tell of lines from top to bottom; none if they are too short."""
    first, last = (round(float(np.clip(v, 0, page.shape[0]))) for v in (top, bottom))
    if last - first < 4:
        return np.empty(0, dtype=int)
    return np.linspace(first, last - 1, min(MOST_ROWS, last - first)).astype(int)


def _sides(box: Box, page: Image, large: float) -> _Sides:
    """Return where the left and the right side of a frame are."""
    width = page.shape[1]
    reach = round(max(4.0, REACH * max(page.shape[:2]), large * box.width))
    reach = min(reach, max(2, round(box.width / 4)))
    inner = CORNER * box.height
    rows = _rows(page, box.y0 + inner, box.y1 - inner)
    if not rows.size or box.width < 8:
        return _Sides(box.x0, box.x1, 0.0)
    left, one = _edge(page, rows, round(box.x0), reach)
    right, other = _edge(page[:, ::-1], rows, width - round(box.x1), reach)
    return _Sides(
        box.x0 if left is None else float(left),
        box.x1 if right is None else float(width - right),
        min(one, other),
    )


def _edge(page: Image, rows: NDArray[np.int_], near: int, reach: int) -> tuple[int | None, float]:
    """Return the first column inside a frame whose left side is near a column, and its clarity.

    The column is None where no edge is clear.
    """
    width = page.shape[1]
    if near <= 3:  # the page itself ends here
        return 0, 1.0
    start, stop = max(0, near - reach - 3), min(width, near + reach + 4)
    strip = _strip(page, rows, start, stop)
    if strip.shape[2] < 8:
        return None, 0.0
    step = _largest(strip[:, :, 1:] - strip[:, :, :-1])
    wide = _largest(strip[:, :, 3:] - strip[:, :, :-3])  # an edge may be two pixels soft
    share = (wide >= JUMP).mean(axis=0)
    columns = np.arange(2, 2 + len(share)) + start
    clarity = share * (UNEVEN + (1 - UNEVEN) * _evenness(strip)[: len(share)])
    value = clarity - DISTANCE * np.abs(columns - near) / reach
    best = int(np.argmax(value))
    if value[best] < CLEAR:
        return None, float(clarity[best])
    # Within the soft edge, the column with the steepest step is the first one inside.
    steepest = int(np.argmax(step[:, best : best + 3].mean(axis=0)))
    return int(columns[best]) - 1 + steepest, float(clarity[best])


def _strip(page: Image, rows: NDArray[np.int_], start: int, stop: int) -> NDArray[np.int16]:
    """Return some rows of the columns of a page, shape (3, rows, columns): channels come first."""
    return np.ascontiguousarray(page[rows, start:stop].transpose(2, 0, 1), dtype=np.int16)


def _largest(apart: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return the largest difference of the three channels, shape (rows, columns)."""
    red, green, blue = np.abs(apart)
    return np.asarray(np.maximum(np.maximum(red, green), blue))


def _evenness(strip: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return the share of each column that has the column's own median colour, 0–1."""
    some = strip[:, :: max(1, strip.shape[1] // MEDIAN_ROWS)]
    middle = np.sort(some, axis=1)[:, some.shape[1] // 2]
    return np.asarray((_largest(strip - middle[:, None]) <= EVEN).mean(axis=0))


def _gutter(box: Box, page: Image, *, least: float) -> tuple[int, int] | None:
    """Return the columns ``[start, stop)`` of the clearest upright gutter of a box, if any."""
    x0, x1 = round(box.x0), round(box.x1)
    rows = _rows(page, box.y0, box.y1)
    if not rows.size or x1 - x0 < 2 * least:
        return None
    strip = _strip(page, rows, x0, x1)
    even = _evenness(strip) >= GUTTER_EVEN
    gutter_width, ground_width = (
        max(3, round(share * max(page.shape[:2]))) for share in (GUTTER_WIDEST, GROUND_WIDEST)
    )
    best, gutter = 0.0, None
    for start, stop in _runs(even):
        inside = least <= start and stop <= x1 - x0 - least
        if inside and stop - start <= ground_width:
            value = min(_change(strip, start - 1, start), _change(strip, stop, stop - 1))
            clear = GUTTER_JUMP
            if stop - start > gutter_width:
                pale = np.median(strip[:, :, start:stop], axis=(1, 2)).min() >= PALE
                clear = np.inf if pale else GROUND_JUMP
            if value >= max(clear, best):
                best, gutter = value, (x0 + start, x0 + stop)
    return gutter


def _change(strip: NDArray[np.int16], outside: int, inside: int) -> float:
    """Return the share of rows in which the column beside a gutter, or the next, differs."""
    further = outside + (outside - inside)
    columns = [c for c in (outside, further) if 0 <= c < strip.shape[2]]
    apart = _largest(strip[:, :, columns] - strip[:, :, [inside]]) >= JUMP
    return float(apart.any(axis=1).mean())


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the half-open runs of true values."""
    steps = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    return [(int(a), int(b)) for a, b in steps.reshape(-1, 2)]
