"""A robust linear trend, which a few special editions hardly move.

The slope is that of Theil (1950) and Sen (1968, doi 10.1080/01621459.1968.10480934), the median of
the slopes of all pairs; whether it is one is tested by Mann (1945, doi 10.2307/1907187) and
Kendall, with the variance for ties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.pipelines.statistics.photo_table import Numbers

FEWEST = 10
"""Fewest numbers of which a trend is told."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A linear trend.

    Attributes:
        slope: Change a day, in the unit of the numbers.
        p_value: Of the hypothesis that there is none, 0–1. Neighbours are taken as independent;
            where they are alike, it is too small.
    """

    slope: float
    p_value: float

    @classmethod
    def of(cls, days: Sequence[float], values: Sequence[float]) -> Trend | None:
        """Return the trend of numbers by day; None for too few, or if they have one day only."""
        if len(values) < FEWEST or min(days) == max(days):
            return None
        t, v = np.asarray(days, dtype=float), np.asarray(values, dtype=float)
        first, second = np.triu_indices(len(v), 1)
        apart, rise = t[second] - t[first], v[second] - v[first]
        slopes = rise[apart != 0] / apart[apart != 0]
        score = float(np.sign(rise * np.sign(apart)).sum())
        n = len(v)
        paired = n * (n - 1) * (2 * n + 5) - _tied(t) - _tied(v)
        if paired <= 0:
            return cls(0.0, 1.0)
        z = max(0.0, abs(score) - 1) / (paired / 18) ** 0.5
        return cls(float(np.median(slopes)), min(1.0, 2 * float(scipy.special.ndtr(-z))))


def _tied(values: Numbers) -> float:
    ties = np.unique(values, return_counts=True)[1].astype(float)
    return float((ties * (ties - 1) * (2 * ties + 5)).sum())
