"""Finds the headlines above groups of photos: the lines of large type directly above them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

import cv2
import numpy as np

from presslens.models.captions.extent import NEAR
from presslens.models.captions.lines import Line, Typography, lines_in, marks
from presslens.models.captions.strips import LARGE
from presslens.models.geometry import Box

TOGETHER = 3.0
"""Photos so many letter heights apart, or less, are a group: a caption fits between them."""

REACH = 24
"""How far above a group text is searched, in letter heights."""

MOST_LINES = 3
MOST_BETWEEN = 1
"""So many lines of small type may stand under a headline, such as the writer's name."""

LARGER = 1.25
"""Words of a headline are higher than so many letter heights of the page."""

WORD_GAP = 0.7
"""Words of a headline stand at most so many of its letter heights apart."""


def find_headlines(printed: Typography, photos: Sequence[Box]) -> list[tuple[Box, tuple[int, ...]]]:
    """Return each headline with the indices of the photos that stand under it.

    Args:
        printed: The type of the page.
        photos: The boxes of all photos of the page, in page pixels.
    """
    headlines: list[tuple[Box, tuple[int, ...]]] = []
    for group in photo_groups(photos, TOGETHER * printed.letter):
        box = _above(printed, [photos[i] for i in group], photos)
        if box is None:
            continue
        same = next((h for h in headlines if h[0].intersection(box) > 0), None)
        if same is not None:  # two groups under one headline
            headlines.remove(same)
            box, group = box.union(same[0]), tuple(sorted({*group, *same[1]}))
        headlines.append((box, group))
    return headlines


def photo_groups(photos: Sequence[Box], gap: float) -> list[tuple[int, ...]]:
    """Return the indices of photos that lie within ``gap`` pixels of each other, by group."""
    groups: list[set[int]] = []
    for i, photo in enumerate(photos):
        near = photo.padded(gap)
        touched = [g for g in groups if any(near.intersection(photos[k]) > 0 for k in g)]
        groups = [g for g in groups if g not in touched]
        groups.append({i}.union(*touched))
    return [tuple(sorted(group)) for group in groups]


def _above(printed: Typography, group: Sequence[Box], photos: Sequence[Box]) -> Box | None:
    whole = reduce(Box.union, group)
    over = (p.y1 for p in photos if p.y1 <= whole.y0 and p.x0 < whole.x1 and whole.x0 < p.x1)
    top = max([0.0, whole.y0 - REACH * printed.letter, *over])
    lines = lines_in(printed, Box(whole.x0, top, whole.x1, whole.y0), least=LARGER)
    taken = list(_large([line for line in lines if _is_set_large(printed, line)], whole.y0))
    if not taken:
        return None
    between = lines_in(printed, Box(whole.x0, taken[0].box.y1, whole.x1, whole.y0))
    if len(between) > MOST_BETWEEN:
        return None
    return reduce(Box.union, (_widened(printed, line, photos) for line in taken))


def _large(lines: Sequence[Line], edge: float) -> Iterator[Line]:
    """Yield the lines of large type that end near an edge, from the lowest up."""
    reach = NEAR
    for line in [*reversed(lines)][:MOST_LINES]:
        if edge - line.box.y1 > reach * line.height:
            return
        yield line
        edge, reach = line.box.y0, 0.8


def _is_set_large(printed: Typography, line: Line) -> bool:
    """Return whether a line is large type, by its marks' height, or small type that touches."""
    if line.height < LARGE * printed.letter or line.box.height > 2 * line.height:
        return False
    x0, y0, x1, y1 = line.box.pixels()
    ink = np.ascontiguousarray(printed.ink[y0:y1, x0:x1]).astype(np.uint8)
    _, stats = marks(ink)
    heights = np.repeat(stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA])
    tall = float(np.percentile(heights, 90)) if len(heights) else 0.0
    return tall >= max(0.45 * line.height, 0.9 * printed.letter)


def _widened(printed: Typography, line: Line, photos: Sequence[Box]) -> Box:
    """Return a line with what of it stands outside the columns of the photos."""
    _, y0, _, y1 = line.box.pixels()
    inked = np.flatnonzero(printed.ink[y0:y1].any(axis=0))
    gap = WORD_GAP * line.height
    x0, x1 = line.box.x0, line.box.x1
    for x in inked[inked >= x1]:
        if x - x1 > gap:
            break
        x1 = float(x + 1)
    for x in inked[inked < x0][::-1]:
        if x0 - x > gap:
            break
        x0 = float(x)
    wide = Box(x0, line.box.y0, x1, line.box.y1)
    return wide if all(wide.intersection(p) == 0 for p in photos) else line.box
