"""Shares that rest on people's labels, as they would be with coders who never err."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.share_estimate import GroupEstimate, ShareDifference


def coded_share(
    estimate: GroupEstimate, coders: CoderAccuracy, *, confidence: float
) -> GroupEstimate:
    """Return a share with the errors of coders taken out, and carried into its interval.

    Args:
        estimate: A share that drawn photos estimate, or that all photos' labels give.
        coders: How often the labels are right, from ``CoderAccuracy.of_consensus``.
        confidence: Level of the interval.
    """
    method = f"{estimate.method}; {_words(coders)}"
    if estimate.value is None or not coders.known:
        return replace(estimate, method=method)
    value = estimate.value
    low = value if estimate.low is None else estimate.low
    high = value if estimate.high is None else estimate.high
    ends = coders.carry(value, low, high, confidence=confidence, photos=estimate.n)
    value, low, high = (float(end[0]) for end in ends)
    expected = value * estimate.size
    if estimate.low is None or estimate.high is None:
        return replace(estimate, value=value, count=(expected, None, None), method=method)
    count = (expected, low * estimate.size, high * estimate.size)
    return replace(estimate, value=value, low=low, high=high, count=count, method=method)


def coded_difference(
    less: ShareDifference, coders: CoderAccuracy, *, confidence: float
) -> ShareDifference:
    """Return a difference of two shares that the same coders labelled, without their errors.

    Args:
        less: A difference whose sides are shares before this correction.
        coders: How often the labels are right.
        confidence: Level of the interval.
    """
    method = f"{less.method}; {_words(coders)}"
    one, other = (coded_share(side, coders, confidence=confidence) for side in less.sides)
    sides = less.sides
    if not coders.known or less.low is None or any(_open(side) for side in sides):
        return replace(less, sides=(one, other), method=method)
    value, low, high = coders.carry_difference(
        *np.array([[side.value, side.low, side.high] for side in sides], np.float64).T,
        confidence=confidence,
        photos=[side.n for side in sides],
    )
    z = float(scipy.special.ndtri((1 + confidence) / 2))
    error = (value - low if value > 0 else high - value) / z
    p_value = 2 * float(scipy.special.ndtr(-abs(value) / error)) if error > 0 else less.p_value
    low, high = float(np.clip(low, -1, 1)), float(np.clip(high, -1, 1))
    return replace(
        less, value=value, low=low, high=high, p_value=p_value, sides=(one, other), method=method
    )


def _open(side: GroupEstimate) -> bool:
    return side.value is None or side.low is None or side.high is None


def _words(coders: CoderAccuracy) -> str:
    if not coders.known:
        return coders.method
    return f"errors of coders taken out, by {counted(coders.n, 'photo')} coded twice or adjudicated"
