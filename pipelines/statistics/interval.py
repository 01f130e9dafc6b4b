"""Intervals for shares that a machine has measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

POISSON_BINOMIAL = "Poisson-binomial over calibrated probabilities"


def poisson_binomial(probabilities: Sequence[float]) -> NDArray[np.float64]:
    """Return the distribution of how many of n independent events happen, shape (n + 1,).

    Exact, by convolution (Hong 2013, doi 10.1016/j.csda.2012.10.006).

    Args:
        probabilities: The probability of each event, 0–1.
    """
    distribution = np.ones(1)
    for p in probabilities:
        distribution = np.convolve(distribution, [1.0 - p, p])
    return distribution


def detector_interval(
    probabilities: Sequence[float], confidence: float
) -> tuple[float, float] | None:
    """Return the interval of a share among photos that were all looked at by a machine.

    No photo was left out, so there is no sampling error. What is uncertain is each photo's
    answer: photo i shows the subject with probability p_i, and errors are taken as independent.

    Args:
        probabilities: One calibrated probability per photo, 0–1.
        confidence: Level of the interval, 0.95 for instance.

    Returns:
        (low, high) as shares, 0–1; None without photos.
    """
    n = len(probabilities)
    if n == 0:
        return None
    cumulative = np.cumsum(poisson_binomial(probabilities))
    tail = (1.0 - confidence) / 2
    low = int(np.searchsorted(cumulative, tail, side="right"))
    high = int(np.searchsorted(cumulative, 1.0 - tail, side="left"))
    return low / n, min(high, n) / n
