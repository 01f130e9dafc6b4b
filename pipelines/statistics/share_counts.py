"""The photos that show a measure, out of their share; how many more would tell it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from presslens.models.message import Message
from presslens.pipelines.statistics.share_estimate import GroupEstimate

EXAMPLE = 100
"""Number of reviews whose effect a refusal foretells."""


def with_count(
    estimate: GroupEstimate, *, confidence: float, pooled: bool, whole: bool, by_area: bool
) -> GroupEstimate:
    """Return an estimate with its count, and with the level of its interval in its method.

    Args:
        estimate: Of a share, 0-1 but for the last digit.
        confidence: Level of the interval, 0.95 for instance.
        pooled: The share is one of photos; a mean of editions' shares counts none.
        whole: The ends of the count are whole photos: those of these very editions.
        by_area: Photos weigh their printed area.
    """
    value, low, high = _share(estimate.value or 0.0), estimate.low, estimate.high
    level = f"{100 * confidence:g}"
    method = Message("%(method)s, %(level)s %%", method=estimate.method, level=level)
    number = value * estimate.size
    if low is None or high is None:
        uncounted = (number, None, None) if pooled else None
        return replace(estimate, value=value, method=method, count=uncounted)
    low, high = _share(low), _share(high)
    if not pooled:
        return replace(estimate, value=value, low=low, high=high, method=method)
    ends = low * estimate.size, high * estimate.size
    if whole:
        ends = (_area if by_area else _photos)(*ends, number, estimate)
        low, high = ends[0] / estimate.size, ends[1] / estimate.size
    count = (number, *ends)
    return replace(estimate, value=value, low=low, high=high, method=method, count=count)


def _share(value: float) -> float:
    """Return a share that sums of weights may have put an ulp outside of 0-1."""
    return min(1.0, max(0.0, value))


def _photos(low: float, high: float, value: float, _: GroupEstimate) -> tuple[float, float]:
    """Return the ends of a count as whole photos, the value between them."""
    below, above = math.ceil(low - 0.5), math.floor(high + 0.5)
    below = below if below <= value else math.floor(value)
    above = above if above >= value else math.ceil(value)
    return max(0.0, float(below)), float(above)


def _area(low: float, high: float, value: float, estimate: GroupEstimate) -> tuple[float, float]:
    """Return the ends of an area; where a photo may be missing, one more of usual size."""
    if low < high <= value * (1 + 1e-9):
        high = min(estimate.size, value + estimate.size / estimate.n)
    return low, high


def help_by_reviews(value: float, n: int) -> str:
    """Return what reviews would do for a share, without help by scores."""
    if n <= 2 * EXAMPLE:
        return Message("reviewing all %(n)s photos would settle it", n=n)
    left = 1 - EXAMPLE / n
    reach = 1.96 * float(np.sqrt(max(value * (1 - value), 0.02) / EXAMPLE * left))
    return Message(
        "%(n)s photos drawn by chance and reviewed would give about ±%(reach)s",
        n=EXAMPLE,
        reach=f"{reach:.0%}",
    )
