"""The rules by which a number of an edition is flagged as unusual, how often they err, their power.

A number is flagged if few of the baseline are as far out, and if it is outside of what the baseline
foretells (``pipelines.statistics.forecast``). How often the rules flag what is usual is counted on
the reference editions themselves, each against the others by the very same rule. The error of a
number that is left out of a regression has the distribution of a forecast's error, so that the
count tells of the next edition.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from presslens.models.message import Message
from presslens.pipelines.statistics.forecast import SAME, Limits, outside, unforetold
from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.reference_editions import (
    FEWEST_REFERENCES,
    MOST_REFERENCES,
    MatchCriterion,
)
from presslens.pipelines.statistics.robust import RobustSummary

_STEPS = 20
MOST_COUNTED = 120
"""Newest reference editions of which false flags are counted: a percentage needs no more."""

TWO_QUESTIONS = Message(
    "an edition is unusual by what the machine sees in each, so that errors that it makes in all of"
    " them alike cancel; a claim is about what was printed, so that such errors count"
)
"""Why an edition may be flagged as unusual, and the claim that it is be undecided."""

POWER = 0.8
"""Probability with which the smallest detectable difference is flagged (Cohen 1988)."""


@dataclass(frozen=True, slots=True)
class BaselineRules:
    """The size and the choice of a baseline, and the limits of flags."""

    n: int = MOST_REFERENCES  # largest number of previous editions
    # The properties in which they must equal the edition.
    match: frozenset[MatchCriterion] = frozenset()
    least: int = FEWEST_REFERENCES  # smallest number of previous editions for a flag
    # Probability that a metric of an ordinary edition is outside of what is foretold, 0–1: one
    # edition in twenty would have any of twenty such metrics.
    level: float = 0.0025
    # A number is flagged if less than this share of the baseline is as far out, and what the front
    # page leads with if at most this share leads with it, 0–1. Where most editions have the same
    # number any other is outside of what is foretold, and what one in six does would be flagged.
    rare: float = 0.1
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


def flag_of(
    value: float, values: Sequence[float], limits: Limits, rules: BaselineRules
) -> Flag | None:
    """Return the flag of a number among those of the baseline; None for a usual one.

    Args:
        values: The baseline's.
        limits: What is foretold of it.
        rules: The limits of flags.
    """
    usual = RobustSummary.of(values)
    # Numbers that differ by the last digits of their computation are the same.
    if usual.n < rules.least or math.isclose(value, usual.median, rel_tol=SAME, abs_tol=SAME):
        return None
    if usual.z(value) is None:
        return Flag.FIRST_CHANGE
    high = value > usual.median
    far = sum(v >= value if high else v <= value for v in values)
    beyond = outside(np.array(value), (np.array(limits[0]), np.array(limits[1])))
    if far >= rules.rare * usual.n or not beyond:
        return None
    return Flag.OUTLIER if far else Flag.EXTREME


def near_end(interval: tuple[float, float] | None, value: float, median: float) -> float:
    """Return the end of an interval that is nearest to the usual; the median if it is inside."""
    low, high = interval or (value, value)
    return min(max(median, low), high)


def false_flags(
    values: Sequence[float],
    days: Sequence[float],
    intervals: Sequence[tuple[float, float] | None],
    rules: BaselineRules,
) -> tuple[bool, ...]:
    """Return which of the newest reference editions would be flagged, each against the others.

    Args:
        values: Of the reference editions, oldest first.
        days: Of the same.
        intervals: Of the same; None where there is none.
        rules: The limits of flags.

    Returns:
        One for each of the newest ``MOST_COUNTED``, oldest first; nothing for too few to flag
        anything.
    """
    n = len(values)
    if n < max(rules.least, 2):
        return ()
    numbers = np.asarray(values, dtype=float)
    ends = np.array(
        [pair or (value, value) for pair, value in zip(intervals, values, strict=True)], dtype=float
    )
    counted = np.arange(max(0, n - MOST_COUNTED), n)
    ranked = np.sort(numbers)
    place = np.searchsorted(ranked, numbers[counted])
    without = np.arange(n - 1) + (np.arange(n - 1) >= place[:, None])
    median = _middle(ranked[without])
    near = np.clip(median, ends[counted, 0], ends[counted, 1])
    side = np.where(near > median, 1.0, -1.0)
    as_far = side[:, None] * numbers >= (side * near)[:, None]
    as_far[np.arange(len(counted)), counted] = False
    rare = (near != median) & (as_far.sum(axis=1) < rules.rare * n)
    flagged = np.zeros(len(counted), dtype=bool)
    if rare.any():
        rows = np.broadcast_to(numbers, (int(rare.sum()), n))
        by_day = np.broadcast_to(np.asarray(days, dtype=float), rows.shape)
        flagged[rare] = unforetold(near[rare], rows, by_day, counted[rare], rules.level)
    return tuple(flagged.tolist())


def detectable(
    values: Sequence[float],
    limits: Limits,
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
        limits: What is foretold of the edition.
        reach: How far the interval of an edition reaches below and above a value.
        rules: The limits of flags.
        possible: The least and the largest value that there may be.
        step: Difference of two values that are next to each other: 1 of a count, one photo of a
            share; 0 where there is none.

    Returns:
        Values of whole steps. None where there are too few reference editions to flag anything.
    """
    if len(values) < rules.least:
        return None
    usual = RobustSummary.of(values)
    ranked = np.sort(np.asarray(values, dtype=float))
    spare = min(math.ceil(rules.rare * usual.n), usual.n) - 1
    spread = ranked - usual.median
    # An interval is the wider the farther from 0 and 1, so that both are approached in steps.
    above = start = max(limits[1], ranked[-1 - spare]) - float(np.quantile(spread, 1 - POWER))
    below = end = min(limits[0], ranked[spare]) - float(np.quantile(spread, POWER))
    for _ in range(_STEPS):
        above = start + reach(min(above, possible[1]))[0]
        below = end - reach(max(below, possible[0]))[1]
    below, above = _whole(below, above, step)
    little = SAME * max(1.0, abs(usual.median))
    return Detectable(
        below if possible[0] <= below < usual.median - little else None,
        above if usual.median + little < above <= possible[1] else None,
    )


def _whole(below: float, above: float, step: float) -> tuple[float, float]:
    """Return the values of whole steps that are farther out than two limits."""
    if step <= 0.0:
        return below, above
    down, up = math.ceil(below / step - SAME) - 1, math.floor(above / step + SAME) + 1
    return down * step, up * step


def _middle(ranked: NDArray[np.float64]) -> Numbers:
    """Return the median of each row of ascending numbers."""
    n = ranked.shape[1]
    return np.asarray((ranked[:, (n - 1) // 2] + ranked[:, n // 2]) / 2)
