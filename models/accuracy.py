"""A measured value is reported with its data, its n and its method."""

from __future__ import annotations

import math
from dataclasses import dataclass

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
