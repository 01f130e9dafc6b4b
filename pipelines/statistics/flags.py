"""The rules by which a number of an edition is flagged as unusual, how often they err, their power.

A number is flagged beyond a limit on either side of the usual. How often the rules flag what is
usual is counted on the reference editions themselves, each against the others (leave one out).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.reference_editions import MatchCriterion
from presslens.pipelines.statistics.robust import RobustSummary

_STEPS = 20
SAME = 1e-6
"""Difference below which two numbers are the same: the digits that are stored."""

POWER = 0.8
"""Probability with which the smallest detectable difference is flagged (Cohen 1988)."""


@dataclass(frozen=True, slots=True)
class BaselineRules:
    """The size and the choice of a baseline, and the limits of flags."""

    n: int = 60  # largest number of previous editions
    # The properties in which they must equal the edition.
    match: frozenset[MatchCriterion] = frozenset()
    least: int = 10  # smallest number of previous editions for a flag
    # A number is an outlier when its robust z is this or more, above or below (3.5: Iglewicz &
    # Hoaglin 1993).
    z: float = 3.5
    # An outlier is flagged, and so is what the front page leads with, if at most this share of the
    # baseline is as far out, 0–1. Where most editions have the same number z is large for any
    # other, and would flag what one edition in six does.
    rare: float = 0.1
    # A number beyond all of the baseline is flagged if that has so many editions.
    extreme_of: int = 20
    trend_level: float = 0.01  # a trend of the baseline is taken out if its p-value is at most this


class Flag(StrEnum):
    """The reason why a number is unusual: beyond all others, far off, or no longer constant."""

    EXTREME = "extreme"
    OUTLIER = "outlier"
    FIRST_CHANGE = "first_change"


@dataclass(frozen=True, slots=True)
class Detectable:
    """The smallest and largest true value that are flagged with a probability of ``POWER``."""

    below: float | None  # values from here down; None where none that is possible would be
    above: float | None  # values from here up; None where none that is possible would be


@dataclass(frozen=True, slots=True)
class FalseFlags:
    """How many reference editions would be flagged if each were compared with the others."""

    flagged: tuple[bool, ...]  # which of them, in their order

    @property
    def share(self) -> float | None:
        """Share of the reference editions that would be flagged, 0–1; None without any."""
        return sum(self.flagged) / len(self.flagged) if self.flagged else None


def flag_of(value: float, values: Sequence[float], rules: BaselineRules) -> Flag | None:
    """Return the flag of a number among those of the baseline; None for a usual one."""
    usual = RobustSummary.of(values)
    # Numbers that differ by the last digits of their computation are the same.
    if usual.n < rules.least or math.isclose(value, usual.median, rel_tol=SAME, abs_tol=SAME):
        return None
    z = usual.z(value)
    if z is None:
        return Flag.FIRST_CHANGE
    far = sum(v >= value for v in values) if z > 0 else sum(v <= value for v in values)
    if far == 0 and usual.n >= rules.extreme_of:
        return Flag.EXTREME
    return Flag.OUTLIER if abs(z) >= rules.z and far <= rules.rare * usual.n else None


def near_end(interval: tuple[float, float] | None, value: float, median: float) -> float:
    """Return the end of an interval that is nearest to the usual; the median if it is inside."""
    low, high = interval or (value, value)
    return min(max(median, low), high)


def false_flags(
    values: Sequence[float],
    intervals: Sequence[tuple[float, float] | None],
    rules: BaselineRules,
) -> FalseFlags:
    """Return how many reference editions would be flagged, each against the others.

    Args:
        values: Of the reference editions.
        intervals: Of the same; None where there is none.
        rules: The limits of flags.
    """
    n = len(values)
    if n - 1 < rules.least:
        return FalseFlags(())
    numbers = np.asarray(values, dtype=float)
    ends = np.array(
        [pair or (value, value) for pair, value in zip(intervals, values, strict=True)], dtype=float
    )
    # Each row is the baseline without one edition; by rank, as medians of medians take long else.
    order = np.argsort(numbers, kind="stable")
    ranked = numbers[order]
    others = np.array([np.delete(ranked, i) for i in range(n)])
    median = _middle(others)
    end = np.clip(median, ends[order, 0], ends[order, 1])
    # Only an edition that is beyond a tenth of the others can be flagged.
    above, below = (others >= end[:, None]).sum(axis=1), (others <= end[:, None]).sum(axis=1)
    far = np.where(end > median, above, below)
    candidates = (end != median) & (far <= max(rules.rare * (n - 1), 0))
    constant = others[:, 0] == others[:, -1]
    flagged = np.zeros(n, dtype=bool)
    for i in np.flatnonzero((candidates | constant) & (end != median)).tolist():
        flagged[order[i]] = flag_of(float(end[i]), others[i].tolist(), rules) is not None
    return FalseFlags(tuple(flagged.tolist()))


def detectable(
    values: Sequence[float],
    reach: Callable[[float], tuple[float, float]],
    rules: BaselineRules,
    *,
    possible: tuple[float, float] = (-np.inf, np.inf),
    step: float = 0.0,
) -> Detectable | None:
    """Return from which true values on an edition like the reference ones would be flagged.

    A value is taken to vary about the truth as reference editions do about their median.

    Args:
        values: Of the reference editions.
        reach: How far the interval of an edition reaches below and above a value.
        rules: The limits of flags.
        possible: The least and the largest value that there may be.
        step: Smallest difference that a value may have from those: one photo of a share.

    Returns:
        None where there are too few reference editions to flag anything.
    """
    if len(values) < rules.least:
        return None
    usual = RobustSummary.of(values)
    low, high = _limits(np.sort(np.asarray(values, dtype=float)), usual, rules)
    spread = np.asarray(values, dtype=float) - usual.median
    # An interval is the wider the farther from 0 and 1, so that both are approached in steps.
    above = start = float(high - np.quantile(spread, 1 - POWER))
    below = end = float(low - np.quantile(spread, POWER))
    for _ in range(_STEPS):
        above = start + reach(min(above, possible[1]))[0]
        below = end - reach(max(below, possible[0]))[1]
    above, below = max(above, possible[0] + step), min(below, possible[1] - step)
    return Detectable(
        below if below >= possible[0] else None, above if above <= possible[1] else None
    )


def _limits(ranked: Numbers, usual: RobustSummary, rules: BaselineRules) -> tuple[float, float]:
    """Return the numbers beyond which the near end of an interval is flagged."""
    n = usual.n
    spare = int(rules.rare * n)
    high = max(usual.median + rules.z * usual.scale, float(ranked[n - 1 - min(spare, n - 1)]))
    low = min(usual.median - rules.z * usual.scale, float(ranked[min(spare, n - 1)]))
    if usual.scale == 0:
        return usual.median, usual.median
    if n >= rules.extreme_of:
        high, low = min(high, usual.highest), max(low, usual.lowest)
    return low, high


def _middle(ranked: NDArray[np.float64]) -> Numbers:
    """Return the median of each row of ascending numbers."""
    n = ranked.shape[1]
    return np.asarray((ranked[:, (n - 1) // 2] + ranked[:, n // 2]) / 2)
