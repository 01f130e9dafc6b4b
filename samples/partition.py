"""Partitions of an area of a page: rows, columns, grids and mosaics of frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from presslens.samples.area import Area

Weights = Sequence[float] | NDArray[np.float64]
Generator = np.random.Generator

TRIES = 24
LEAST = 160
"""Frames should be at least so many pixels wide."""


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
