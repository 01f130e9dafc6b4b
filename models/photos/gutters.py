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
from models.vocabulary import Image

PAPER_SHARE = 0.985
"""Share of a line's pixels that must be bare paper for it to lie in a gutter."""

UNIFORM_SHARE = 0.97
"""Share of a line's pixels that must have the line's own median tone for it to lie in a rule."""

UNIFORM_TONE = 12
"""How far from the median tone such a pixel may be, of 255."""

RULE_SHARE = 0.012
"""Widest rule that is not bare paper, as a share of the page width: wider is picture content."""

EDGE_TONE = 24
"""A jump: neighbouring pixels differ by at least this much in one channel, of 255."""

EDGE_SHARE = 0.75
"""Share of a line at which the picture must jump, beyond the share beside it, for photos to touch.

Of 150 pairs of photos put side by side, three quarters pass 0.6 at 24 of 255, but so does a line
inside one photo in twenty (a door frame, a roof): touching photos are rare, so they yield.
"""

EDGE_EVERYWHERE = 0.2
"""The same share in the second worst eighth of the line: a frame's edge is all along."""

RULE_EDGE = 0.5
"""Share of jumps on both sides of a rule, everywhere along it."""

EIGHTHS = 8


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
        jumps: Where the colour jumps to the right neighbour, shape (height, width).
        falls: Where it jumps to the lower neighbour, shape (height, width).
        least: Shortest side of a photo, in pixels.
    """

    ink: Mask
    tone: NDArray[np.uint8]
    jumps: Mask
    falls: Mask
    least: int

    @classmethod
    def of(cls, page: Image, ink: Mask, *, least: int) -> PageEvidence:
        """Look at a page once, for all its regions."""
        tone = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
        jumps, falls = _jumps(page), _jumps(page.transpose(1, 0, 2)).T
        return cls(ink, tone, jumps, falls, least)

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
        jumps, falls = self.jumps[y0:y1, x0:x1], self.falls[y0:y1, x0:x1]
        rule = max(3, round(RULE_SHARE * self.ink.shape[1]))
        across = _cuts(ink, tone, jumps, rule=rule, least=self.least)
        down = _cuts(ink.T, tone.T, falls.T, rule=rule, least=self.least)
        best_x = max(across, key=lambda cut: cut.clarity, default=None)
        best_y = max(down, key=lambda cut: cut.clarity, default=None)
        if best_x and (best_y is None or best_x.clarity >= best_y.clarity):
            return Box(x0, y0, x0 + best_x.start, y1), Box(x0 + best_x.stop, y0, x1, y1)
        if best_y:
            return Box(x0, y0, x1, y0 + best_y.start), Box(x0, y0 + best_y.stop, x1, y1)
        return None


def _cuts(ink: Mask, tone: NDArray[np.uint8], jumps: Mask, *, rule: int, least: int) -> list[_Cut]:
    """Return the vertical strips at which a region can be cut."""
    width = ink.shape[1]
    paper = (1.0 - ink.mean(axis=0)) >= PAPER_SHARE
    found = [_Cut(a, b, 2.0 + (b - a) / width) for a, b in _runs(paper)]
    if not found and width >= 2 * least:
        eighths = np.stack([part.mean(axis=0) for part in np.array_split(jumps, EIGHTHS)])
        found = [*_rules(tone, eighths, widest=rule), *_edges(eighths)]
        found = [cut for cut in found if cut.start >= least and width - cut.stop >= least]
    return [cut for cut in found if cut.start > 0 and cut.stop < width]


def _rules(tone: NDArray[np.uint8], eighths: NDArray[np.float64], *, widest: int) -> list[_Cut]:
    """Return thin strips of one tone with something else on either side."""
    middle = np.median(tone, axis=0)
    near = np.abs(tone.astype(np.int16) - middle) <= UNIFORM_TONE
    uniform = near.mean(axis=0) >= UNIFORM_SHARE
    return [
        _Cut(a, b, 1.0 + 1.0 / (b - a))
        for a, b in _runs(uniform)
        if b - a <= widest and all(_all_along(eighths[:, x - 1]) for x in (a, b))
    ]


def _all_along(eighths: NDArray[np.float64]) -> bool:
    return bool(eighths.mean() >= RULE_EDGE and np.sort(eighths)[1] >= EDGE_EVERYWHERE)


def _edges(eighths: NDArray[np.float64]) -> list[_Cut]:
    """Return lines at which the picture jumps nearly all along, and does not beside them."""
    cuts = []
    for x in np.flatnonzero(eighths.mean(axis=0) >= EDGE_SHARE):
        left, right = eighths[:, max(0, x - 6) : x - 2], eighths[:, x + 3 : x + 7]
        beside = np.maximum(left.max(axis=1, initial=0), right.max(axis=1, initial=0))
        excess = eighths[:, x] - beside
        if excess.mean() >= EDGE_SHARE and np.sort(excess)[1] >= EDGE_EVERYWHERE:
            cuts.append(_Cut(int(x), int(x) + 1, float(excess.mean())))
    return cuts


def _jumps(page: Image) -> Mask:
    """Return where the colour jumps between a pixel and the next, give or take one pixel."""
    apart = cv2.absdiff(page[:, 1:], page[:, :-1]).max(axis=2) >= EDGE_TONE
    jumps = np.zeros(page.shape[:2], dtype=np.bool_)
    jumps[:, :-1] = apart
    jumps[:, 1:-1] |= apart[:, :-1]  # an anti-aliased edge may lie one pixel off in some rows
    return jumps


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the half-open runs of true values."""
    steps = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    return [(int(a), int(b)) for a, b in steps.reshape(-1, 2)]
