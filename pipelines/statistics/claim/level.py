"""Intervals at the level that a test needs, out of the interval that an estimate has.

A test of many editions is one of many chances to be wrong, so each needs an interval of a higher
level than 95 %. An estimate has one interval; the ends at another level follow from the distance of
each end from the estimate, which grows with the quantile of the normal distribution: for a share on
the logit scale, for a number on the log scale, where intervals of both are near symmetric (Agresti
2013, Categorical Data Analysis, ch. 3.1.6). An estimate at the edge has no such distance. Its other
end moves as that of "none of n" does, by the logarithm of the tail (Clopper & Pearson 1934, doi
10.1093/biomet/26.4.404; for numbers that of a Poisson mean, Garwood 1936, doi
10.1093/biomet/28.3-4.437).
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

from presslens.pipelines.statistics.comparison import Difference
from presslens.pipelines.statistics.metrics import Estimate

NORMAL = NormalDist()

SAME = 1e-9
"""Relative difference below which levels are equal."""


def ends_at(
    estimate: Estimate, risk: float, *, confidence: float, share: bool
) -> tuple[float, float]:
    """Return the ends of an estimate's interval at another level.

    Args:
        estimate: It has a value; without an interval it is known exactly.
        risk: Probability that the interval misses, 0–1; 0 gives the ends of what is possible.
        confidence: Level of the interval that the estimate has, 0.95 for instance.
        share: It is a share, 0–1; else a number of 0 or more.
    """
    value = float(estimate.value or 0.0)
    low, high = estimate.bounds or (value, value)
    if low == high == value:
        return value, value
    if risk <= 0.0:
        return 0.0, 1.0 if share else math.inf
    if math.isclose(risk, 1.0 - confidence, rel_tol=SAME):
        return low, high
    stretch = _quantile(risk) / _quantile(1.0 - confidence)
    tail = math.log(risk / 2) / math.log((1.0 - confidence) / 2)
    if share:
        return _share_ends(value, low, high, stretch, tail)
    return _number_ends(value, low, high, stretch, tail)


def difference_ends(
    difference: Difference, risk: float, *, confidence: float
) -> tuple[float, float]:
    """Return the ends of the interval of a difference at another level.

    Args:
        difference: It has a value; without an interval it is known exactly.
        risk: Probability that the interval misses, 0–1; 0: it may be anything.
        confidence: Level of the interval that it has.
    """
    value = difference.value or 0.0
    if difference.interval is None:
        return value, value
    if risk <= 0.0:
        return -math.inf, math.inf
    low, high = difference.interval
    if math.isclose(risk, 1.0 - confidence, rel_tol=SAME):
        return low, high
    stretch = _quantile(risk) / _quantile(1.0 - confidence)
    return value - stretch * (value - low), value + stretch * (high - value)


def strict_ends(
    estimate: Estimate,
    strict: Estimate,
    risk: float,
    *,
    confidence: float,
    strict_confidence: float,
) -> tuple[float, float]:
    """Return the ends of a share's interval at a stricter level, by two intervals of it.

    Each end moves on the logit scale in proportion to the normal quantile, from the usual interval
    to the stricter one and beyond: an estimator's tails may be longer than the normal
    distribution's, or shorter.

    Args:
        estimate: The share with its interval.
        strict: The same with a wider one.
        risk: Probability that the interval misses, 0–1.
        confidence: Level of the interval, 0.95 for instance.
        strict_confidence: Level of the wider one.
    """
    usual = ends_at(estimate, risk, confidence=confidence, share=True)
    first, second = estimate.bounds, strict.bounds
    if first is None or second is None or risk <= 0.0:
        return usual
    at, usual_at, strict_at = (
        _quantile(one) for one in (risk, 1.0 - confidence, 1.0 - strict_confidence)
    )
    if at <= usual_at * (1.0 + SAME):
        return usual
    part = (at - usual_at) / (strict_at - usual_at)
    return (
        min(first[0], _between(first[0], second[0], part)),
        max(first[1], _between(first[1], second[1], part)),
    )


def whole_photos(low: float, high: float, n: int) -> tuple[float, float]:
    """Return the ends of a share of n photos, as shares of whole photos, none of them narrower.

    Ends of two levels are whole photos, and one between them is none: that more than 10.1 of them
    show a measure is no more than that 10 do.
    """
    return math.floor(low * n * (1 + SAME)) / n, math.ceil(high * n * (1 - SAME)) / n


def _between(end: float, stricter: float, part: float) -> float:
    """Return an end that is moved towards, or beyond, another one on the logit scale."""
    if not (0.0 < end < 1.0 and 0.0 < stricter < 1.0):
        return end if end in (0.0, 1.0) else stricter
    return _expit(_logit(end) + part * (_logit(stricter) - _logit(end)))


def _share_ends(
    value: float, low: float, high: float, stretch: float, tail: float
) -> tuple[float, float]:
    if value <= 0.0:
        return 0.0, 1.0 if high >= 1.0 else 1.0 - (1.0 - high) ** tail
    if value >= 1.0:
        return low**tail if low > 0.0 else 0.0, 1.0
    at = _logit(value)
    below = at - _logit(low) if low > 0.0 else math.inf
    above = _logit(high) - at if high < 1.0 else math.inf
    below, above = _distances(below, above)
    return _expit(at - stretch * below), _expit(at + stretch * above)


def _number_ends(
    value: float, low: float, high: float, stretch: float, tail: float
) -> tuple[float, float]:
    if value <= 0.0:
        return 0.0, high * tail
    at = math.log(value)
    below = at - math.log(low) if low > 0.0 else math.inf
    above = math.log(high) - at if high < math.inf else math.inf
    below, above = _distances(below, above)
    return math.exp(at - stretch * below), math.exp(min(700.0, at + stretch * above))


def _distances(below: float, above: float) -> tuple[float, float]:
    """Return both distances; an end that coincides with the value takes that of the other one."""
    below, above = max(0.0, below), max(0.0, above)
    if below > 0.0 and above > 0.0:
        return below, above
    return max(below, above), max(below, above)


@lru_cache(maxsize=4096)
def _quantile(risk: float) -> float:
    """Return the normal quantile of a two-sided interval that misses with this probability."""
    return max(1e-9, -NORMAL.inv_cdf(max(1e-300, min(1.0, risk) / 2)))


def _logit(share: float) -> float:
    return math.log(share) - math.log1p(-share)


def _expit(logit: float) -> float:
    if logit == -math.inf:
        return 0.0
    return 1.0 / (1.0 + math.exp(-logit)) if logit > -700 else 0.0
