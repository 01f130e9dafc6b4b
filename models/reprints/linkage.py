"""Groups items of which pairs belong together (single linkage); it loads no cv2."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def linked(count: int, pairs: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    """Return the group of each of ``count`` items: the index of its first item.

    Args:
        count: Number of items.
        pairs: Indices of items that are of one group.
    """
    group = np.arange(count)
    for i, j in pairs:
        if group[i] != group[j]:
            group[np.isin(group, (group[i], group[j]))] = min(group[i], group[j])
    return group
