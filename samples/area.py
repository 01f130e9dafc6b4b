"""A rectangle of a page in whole pixels, half-open, origin top left.

It is all that the samples share with the composer of training pages
(``models.training.photos.composer``): layouts, drawings, scans and sources stay apart, so that no
page is both like those that are trained on and measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Weights = Sequence[float] | NDArray[np.float64]

Generator = np.random.Generator

TRIES = 24

LEAST = 160
"""Frames should be at least so many pixels wide."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a page."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.y1 - self.y0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Edges as Pillow takes them: (x0, y0, x1, y1)."""
        return self.x0, self.y0, self.x1, self.y1

    def overlaps(self, other: Area) -> bool:
        """Return whether the two areas share a pixel."""
        return (
            self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1
        )

    def inset(self, by: int) -> Area:
        """Return the area without a border of ``by`` pixels."""
        return Area(self.x0 + by, self.y0 + by, self.x1 - by, self.y1 - by)

    def top(self, height: int, *, gap: int = 0) -> tuple[Area, Area]:
        """Return an upper area of ``height`` pixels and the rest below a gap."""
        cut = self.y0 + height
        return Area(self.x0, self.y0, self.x1, cut), Area(self.x0, cut + gap, self.x1, self.y1)

    def left(self, width: int, *, gap: int = 0) -> tuple[Area, Area]:
        """Return a left area of ``width`` pixels and the rest to the right of a gap."""
        cut = self.x0 + width
        return Area(self.x0, self.y0, cut, self.y1), Area(cut + gap, self.y0, self.x1, self.y1)

    def to_list(self) -> list[int]:
        """Return ``[x0, y0, x1, y1]``."""
        return [self.x0, self.y0, self.x1, self.y1]


def rows(area: Area, weights: Weights, *, gap: int) -> list[Area]:
    """Return rows of an area whose heights are as ``weights``, ``gap`` pixels apart."""
    edges = _edges(area.y0, area.height, weights, gap)
    return [Area(area.x0, top, area.x1, bottom) for top, bottom in edges]


def columns(area: Area, weights: Weights, *, gap: int) -> list[Area]:
    """Return columns of an area whose widths are as ``weights``, ``gap`` pixels apart."""
    edges = _edges(area.x0, area.width, weights, gap)
    return [Area(left, area.y0, right, area.y1) for left, right in edges]


def grid(area: Area, counts: Sequence[int], *, gap: int, rng: Generator) -> list[Area]:
    """Return frames of uneven sizes in rows of ``counts`` frames each."""
    frames: list[Area] = []
    bands = rows(area, rng.uniform(0.85, 1.15, len(counts)), gap=gap)
    for row, count in zip(bands, counts, strict=True):
        frames += columns(row, rng.uniform(0.85, 1.15, count), gap=gap)
    return frames


def mosaic(area: Area, count: int, *, gap: int, rng: Generator) -> list[Area]:
    """Return ``count`` frames of all sizes that fill an area, none of them a thin strip."""
    tries = [_cut(area, count, gap=gap, rng=rng) for _ in range(TRIES)]
    return min(tries, key=lambda frames: max(_thinness(frame) for frame in frames))


def _cut(area: Area, count: int, *, gap: int, rng: Generator) -> list[Area]:
    """Return frames that repeated cuts across the longer side leave."""
    if count == 1:
        return [area]
    first = count // 2 if rng.random() < 0.5 else max(1, round(count * 0.4))
    share = first / count * float(rng.uniform(0.88, 1.12))
    wide = area.width >= area.height * float(rng.uniform(0.85, 1.25))
    part = columns if wide else rows
    one, other = part(area, [share, 1 - share], gap=gap)
    return _cut(one, first, gap=gap, rng=rng) + _cut(other, count - first, gap=gap, rng=rng)


def _thinness(area: Area) -> float:
    """Return a frame's ratio to a photo's usual 4:3, 1 or more; narrow frames weigh more."""
    aspect = area.width / (area.height * 1.33)
    return max(aspect, 1 / aspect) * max(1.0, LEAST / area.width) ** 2


def _edges(start: int, length: int, weights: Weights, gap: int) -> list[tuple[int, int]]:
    room = length - gap * (len(weights) - 1)
    ends = np.cumsum(np.asarray(weights, dtype=np.float64)) / float(np.sum(weights)) * room
    starts = [0.0, *ends[:-1].tolist()]
    return [
        (start + round(a) + gap * i, start + round(b) + gap * i)
        for i, (a, b) in enumerate(zip(starts, ends.tolist(), strict=True))
    ]
