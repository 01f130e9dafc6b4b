"""Bounds of many shares by mean and variance, where exact bounds would take long."""

from __future__ import annotations

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def matched_bounds(
    mean: Numbers, variance: Numbers, least: Numbers, most: Numbers, *, confidence: float
) -> tuple[Numbers, Numbers]:
    """Return (low, high) of bounded quantities, by a beta of equal mean and variance.

    Args:
        mean: Of each quantity, shape (k,).
        least: The smallest that each can be.
        most: The largest.
        confidence: Level, 0.95 for instance.

    Returns:
        Two arrays of shape (k,), the mean between them; both are the mean where nothing is open.
    """
    span = most - least
    scale = np.where(span > 0, span, 1.0)
    m = np.clip((mean - least) / scale, 0.0, 1.0)
    v = variance / scale**2
    open_ = (span > 0) & (v > 0) & (m > 0) & (m < 1)
    m, v = np.where(open_, m, 0.5), np.where(open_, v, 1 / 12)
    strength = np.maximum(m * (1 - m) / v - 1, 1e-3)
    tail = (1 - confidence) / 2
    a, b = m * strength, (1 - m) * strength
    low = np.where(open_, least + span * scipy.special.betaincinv(a, b, tail), mean)
    high = np.where(open_, least + span * scipy.special.betaincinv(a, b, 1 - tail), mean)
    return np.minimum(low, mean), np.maximum(high, mean)
