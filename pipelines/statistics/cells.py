"""The cells of groups of photos by edition: what is summed up of a group, edition by edition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable


def sums_by_group(group: NDArray[np.int64], part: Numbers, count: int) -> Numbers:
    """Return the sums of a part of rows by group, shape (count,) or (count, h).

    Args:
        group: Of each row, 0 to count - 1, shape (n,).
        part: Of each row, shape (n,) or (n, h).
        count: Number of groups.
    """
    if part.ndim == 1:
        return np.bincount(group, part, count).astype(float)
    h = part.shape[1]
    cell = group[:, None] * h + np.arange(h)
    return np.bincount(cell.ravel(), part.ravel(), count * h).reshape(count, h).astype(float)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The c pairs of a group and an edition that have photos, in the order of groups."""

    inside: Mask  # which of n photos are in a group, shape (n,)
    group: NDArray[np.int64]  # of each cell, shape (c,)
    edition: NDArray[np.int64]  # of each cell, shape (c,)
    cell: NDArray[np.int64]  # cell of each photo that is in a group, shape (m,)

    @classmethod
    def of(cls, group: NDArray[np.int64], edition: NDArray[np.int64], editions: int) -> Cells:
        """Return the cells of photos.

        Args:
            group: Of each photo, -1 for none, shape (n,).
            edition: Of each photo, 0 to editions - 1, shape (n,).
        """
        inside = group >= 0
        keys, cell = np.unique(group[inside] * editions + edition[inside], return_inverse=True)
        return cls(inside, keys // editions, keys % editions, cell)

    def sums(self, part: Numbers) -> Numbers:
        """Return the sums of a part of the photos, of shape (n,), by cell, shape (c,)."""
        return sums_by_group(self.cell, part[self.inside], len(self.group))

    def by_group(self, of_cells: Numbers, count: int) -> Numbers:
        """Return the sums of a part of the cells, of shape (c,), by group, shape (count,)."""
        return sums_by_group(self.group, of_cells, count)

    def rows(self, k: int) -> slice:
        """Return the cells of a group."""
        return slice(*np.searchsorted(self.group, (k, k + 1)).tolist())


@dataclass(frozen=True, eq=False)
class GroupedPhotos:
    """n photos of a table in k groups: what is summed up of each."""

    table: PhotoTable
    group: NDArray[np.int64]  # of each photo, -1 for none, shape (n,)
    count: int  # number of groups
    pooled: bool  # whether photos are pooled, or editions averaged

    @cached_property
    def cells(self) -> Cells:
        """The cells of photos."""
        return Cells.of(self.group, self.table.edition, len(self.table.editions))

    @cached_property
    def sizes(self) -> Numbers:
        """Weight of the photos of each cell, shape (c,)."""
        return self.cells.sums(self.table.weight)

    @cached_property
    def scale(self) -> Numbers:
        """Factor of the photos of each cell, shape (c,)."""
        return np.ones_like(self.sizes) if self.pooled else 1 / self.sizes

    @cached_property
    def counts(self) -> dict[str, Numbers]:
        """Numbers of photos by group, shape (k,) each."""
        table = self.table
        parts = {
            "n": np.ones(len(table)),
            "size": table.weight,
            "drawn": table.sampled.astype(float),
            "picked": table.picked.astype(float),
            "answered": table.answered.astype(float),
            "lost": table.unanswered.astype(float),
            "stood for": np.where(table.unanswered, table.weight / table.inclusion, 0.0),
            "outside": (~table.framed & ~table.picked).astype(float),
        }
        return {name: self.sums(part) for name, part in parts.items()}

    def sums(self, part: Numbers) -> Numbers:
        """Return the sums of a part of the photos, of shape (n,), by group, shape (k,)."""
        return self.cells.by_group(self.cells.sums(part), self.count)

    @cached_property
    def whole(self) -> Numbers:
        """Denominator of each group's share, shape (k,)."""
        return self.cells.by_group(self.sizes * self.scale, self.count)

    @cached_property
    def scaled(self) -> PhotoTable:
        """The table with photos weighed as the estimand has it."""
        factor = np.ones(len(self.table))
        factor[self.cells.inside] = self.scale[self.cells.cell]
        return replace(self.table, weight=self.table.weight * factor)

    @cached_property
    def even(self) -> PhotoTable:
        """The table with the photos of all editions so weighed, whichever of them are in groups."""
        if self.pooled:
            return self.table
        table = self.table
        size = np.bincount(table.edition, table.weight, len(table.editions))
        return replace(table, weight=table.weight / size[table.edition])

    def like(self, other: GroupedPhotos) -> bool:
        """Return whether other groups are of the same photos, with the same weights."""
        return self.pooled is other.pooled and np.array_equal(self.table.weight, other.table.weight)

    def share(self, part: Numbers) -> Numbers:
        """Return the share of each group that a part of each photo makes up, shape (k,)."""
        return self.sums(part * self.scaled.weight) / np.where(self.whole > 0, self.whole, 1.0)

    @cached_property
    def settled(self) -> tuple[Numbers, Numbers]:
        """The least and the largest share of each group that answers leave possible, (k,) each."""
        yes, no = (self.share((self.table.label == answer).astype(float)) for answer in (1, 0))
        return yes, 1 - no

    def moved(
        self, k: int, by: Numbers, value: float, low: float, high: float
    ) -> tuple[float, float, float]:
        """Return the share of a group and its ends, moved within what answers leave possible.

        Args:
            by: By how much the share of each group moves, shape (k,).
            value: The share.
            low: Its lower end.
            high: Its upper end.
        """
        if not by[k]:
            return value, low, high
        least, most = (float(end[k]) for end in self.settled)
        value, low, high = (
            next((end for end in (least, most) if abs(at + by[k] - end) < DUST), float(at + by[k]))
            for at in (value, low, high)
        )
        low, high = (float(np.clip(end, least, most)) for end in (low, high))
        return value, min(low, value), max(high, value)


DUST = 1e-12
"""A share that is nearer to what answers leave possible is that: floats add up no better."""
