"""Gutters: what parts one photo from the next, found in the pixels of a region.

A region is cut, again and again, at the clearest straight line that crosses it from side to side:
a strip of bare paper, a thin strip of any one colour (a rule, a black gutter), or an edge at which
the picture changes all along (photos that touch). It is the recursive X-Y cut of Nagy and Seth
(1984), with pixels where they had projections of text.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.photos.paper import Mask

PAPER_SHARE = 0.985
"""Share of a line's pixels that must be bare paper for it to lie in a gutter."""

UNIFORM_SHARE = 0.97
"""Share of a line's pixels that must have the line's own median tone for it to lie in a rule."""

UNIFORM_TONE = 12
"""How far from the median tone such a pixel may be, of 255."""

RULE_SHARE = 0.012
"""Widest rule that is not bare paper, as a share of the page width: wider is picture content."""

EDGE_SHARE = 0.80
"""Share of a line's pixels at which the tone must jump for photos to touch there."""

EDGE_TONE = 14
"""Smallest such jump, of 255."""

EDGE_QUIET = 0.45
"""Share of jumps that the lines beside an edge may have at most: texture has them everywhere."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """A strip ``[start, stop)`` across a region; ``clarity`` ranks rivals."""

    start: int
    stop: int
    clarity: float


@dataclass(frozen=True, slots=True, eq=False)
class PageEvidence:
    """What gutters are looked for in.

    Attributes:
        ink: Where the page is printed, shape (height, width).
        tone: Grey page, shape (height, width), 0–255.
        least: Shortest side of a photo, in pixels.
    """

    ink: Mask
    tone: NDArray[np.uint8]
    least: int

    def split(self, region: Box) -> list[Box]:
        """Return the parts of a region that gutters, rules and edges divide it into.

        Bare paper around each part is trimmed off; parts with a side below ``least`` are dropped.
        """
        parts: list[Box] = []
        waiting = [region]
        while waiting:
            part = self.trimmed(waiting.pop())
            if min(part.width, part.height) < self.least:
                continue
            cut = self._best_cut(part)
            if cut is None:
                parts.append(part)
            else:
                waiting.extend(cut)
        return parts

    def trimmed(self, region: Box) -> Box:
        """Return a region without the lines of bare paper at its sides."""
        x0, y0, x1, y1 = region.clipped(self.ink.shape[1], self.ink.shape[0]).pixels()
        for _ in range(2):  # the second pass sees rows without the margin beside them
            ink = self.ink[y0:y1, x0:x1]
            if ink.size == 0:
                return Box(x0, y0, x0, y0)
            columns = np.flatnonzero(ink.mean(axis=0) > 1 - PAPER_SHARE)
            rows = np.flatnonzero(ink.mean(axis=1) > 1 - PAPER_SHARE)
            if columns.size == 0 or rows.size == 0:
                return Box(x0, y0, x0, y0)
            x0, x1 = x0 + int(columns[0]), x0 + int(columns[-1]) + 1
            y0, y1 = y0 + int(rows[0]), y0 + int(rows[-1]) + 1
        return Box(x0, y0, x1, y1)

    def _best_cut(self, region: Box) -> tuple[Box, Box] | None:
        x0, y0, x1, y1 = region.pixels()
        ink, tone = self.ink[y0:y1, x0:x1], self.tone[y0:y1, x0:x1]
        rule = max(3, round(RULE_SHARE * self.ink.shape[1]))
        across = _cuts(ink, tone, rule=rule, least=self.least)
        down = _cuts(ink.T, tone.T, rule=rule, least=self.least)
        best_x = max(across, key=lambda cut: cut.clarity, default=None)
        best_y = max(down, key=lambda cut: cut.clarity, default=None)
        if best_x and (best_y is None or best_x.clarity >= best_y.clarity):
            return Box(x0, y0, x0 + best_x.start, y1), Box(x0 + best_x.stop, y0, x1, y1)
        if best_y:
            return Box(x0, y0, x1, y0 + best_y.start), Box(x0, y0 + best_y.stop, x1, y1)
        return None


def _cuts(ink: Mask, tone: NDArray[np.uint8], *, rule: int, least: int) -> list[_Cut]:
    """Return the vertical strips at which a region can be cut."""
    width = ink.shape[1]
    paper = (1.0 - ink.mean(axis=0)) >= PAPER_SHARE
    found = [_Cut(a, b, 2.0 + (b - a) / width) for a, b in _runs(paper)]
    if not found and width >= 2 * least:
        found = [*_rules(tone, rule), *_edges(tone)]
        found = [cut for cut in found if cut.start >= least and width - cut.stop >= least]
    return [cut for cut in found if cut.start > 0 and cut.stop < width]


def _rules(tone: NDArray[np.uint8], widest: int) -> list[_Cut]:
    """Return thin strips of one tone with something else on either side."""
    middle = np.median(tone, axis=0)
    near = np.abs(tone.astype(np.int16) - middle) <= UNIFORM_TONE
    uniform = near.mean(axis=0) >= UNIFORM_SHARE
    return [_Cut(a, b, 1.0 + 1.0 / (b - a)) for a, b in _runs(uniform) if b - a <= widest]


def _edges(tone: NDArray[np.uint8]) -> list[_Cut]:
    """Return lines at which the tone jumps nearly all along, and does not beside them."""
    smooth = cv2.GaussianBlur(tone, (1, 3), 0) if tone.flags.c_contiguous else tone
    jumps = np.abs(np.diff(smooth.astype(np.int16), axis=1)) >= EDGE_TONE
    wide = jumps.copy()
    wide[:, 1:] |= jumps[:, :-1]  # an anti-aliased edge may lie one pixel off in some rows
    share = wide.mean(axis=0)
    cuts = []
    for x in np.flatnonzero(share >= EDGE_SHARE):
        beside = [share[i] for i in (x - 4, x + 4) if 0 <= i < share.size]
        if beside and max(beside) <= EDGE_QUIET:
            cuts.append(_Cut(int(x), int(x) + 1, float(share[x])))
    return cuts


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the half-open runs of true values."""
    steps = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    return [(int(a), int(b)) for a, b in steps.reshape(-1, 2)]
