"""A measured value is reported with its data, its n and its method."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.959963984540054
"""The normal quantile of 97.5 %."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of a table of accuracy."""

    station: str  # the station measured, "photos" for instance
    what: str  # the metric, "F1 at IoU 0.5" for instance
    data: str  # the data it was measured on
    n: int  # number of items
    value: float  # the metric's value
    interval: tuple[float, float] | None  # its 95 % interval, where one was computed
    method: str  # how it was measured: cross-validated by what groups, or held out from training


def wilson(share: float, n: int) -> tuple[float, float] | None:
    """Return Wilson's 95 % interval of a share, 0–1, of n items; None without any."""
    if n == 0:
        return None
    hits = round(share * n)
    p = hits / n
    scale = 2 * (n + Z_95**2)
    centre = (2 * n * p + Z_95**2) / scale
    spread = Z_95 / scale * math.sqrt(4 * n * p * (1 - p) + Z_95**2)
    return 0.0 if hits == 0 else centre - spread, 1.0 if hits == n else centre + spread


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
