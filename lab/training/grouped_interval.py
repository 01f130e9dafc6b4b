"""Intervals of shares of items that come in groups, and resemble each other within one."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from presslens.models.accuracy import Z_95


def grouped(hits: NDArray[np.bool_], groups: Sequence[Hashable]) -> tuple[float, float] | None:
    """Return a 95 % interval of the share of hits among items that come in groups.

    Items of one event resemble each other, so they count as fewer: Wilson's interval for the
    effective number of items (Korn & Graubard 1998), the variance between groups being that of a
    ratio of totals.

    Args:
        hits: Whether each item is a hit, shape (n,).
        groups: The group of each item.

    Returns:
        None without any item.
    """
    n = len(hits)
    if n == 0:
        return None
    share = float(hits.mean())
    _, of = np.unique([str(group) for group in groups], return_inverse=True)
    totals = np.bincount(of, weights=hits - share)
    alone = n * share * (1 - share)
    count = len(totals)
    if alone == 0 or count == 1:
        effective = float(count)  # items that don't differ tell no variance: a group is one item
    else:
        between = float((totals**2).sum()) * count / (count - 1)
        effective = n / max(1.0, between / alone)
    scale = 2 * (effective + Z_95**2)
    centre = (2 * effective * share + Z_95**2) / scale
    spread = Z_95 / scale * math.sqrt(4 * effective * share * (1 - share) + Z_95**2)
    return max(0.0, centre - spread), min(1.0, centre + spread)
