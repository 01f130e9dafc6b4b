"""The cells of groups of photos by edition: what is summed up of a group, edition by edition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.statistics.photo_table import Mask, Numbers


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
            editions: Number of editions.
        """
        inside = group >= 0
        keys, cell = np.unique(group[inside] * editions + edition[inside], return_inverse=True)
        return cls(inside, keys // editions, keys % editions, cell)

    def sums(self, part: Numbers) -> Numbers:
        """Return the sums of a part of the photos, of shape (n,), by cell, shape (c,)."""
        return np.bincount(self.cell, part[self.inside], len(self.group)).astype(float)

    def by_group(self, of_cells: Numbers, count: int) -> Numbers:
        """Return the sums of a part of the cells, of shape (c,), by group, shape (count,)."""
        return np.bincount(self.group, of_cells, count).astype(float)

    def rows(self, k: int) -> slice:
        """Return the cells of a group."""
        return slice(*np.searchsorted(self.group, (k, k + 1)).tolist())
