"""Distributions of counts with a given mean and variance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LEAST = 1e-12


def count_pmf(
    mean: NDArray[np.float64], variance: NDArray[np.float64], most: int
) -> NDArray[np.float64]:
    """Return the distribution of Panjer's class with given means and variances, cut off above.

    The binomial, Poisson and negative binomial distribution in one: p(x) = p(x-1) (a + b/x) (Panjer
    1981, "Recursive Evaluation of a Family of Compound Distributions",
    doi:10.1017/S0515036100006796).

    Args:
        mean: Expected counts, 0 or more, shape (...).
        variance: Their variances, shape (...).
        most: The largest count.

    Returns:
        The probability of each count from 0 to ``most``, shape (..., most + 1); it sums to 1.
    """
    mean = np.maximum(mean, _LEAST)
    ratio = np.clip(variance / mean, 0.02, None)  # variance over mean: 1 is Poisson's
    ratio = np.where(np.abs(ratio - 1) < 1e-6, 1 + 1e-6, ratio)
    a = 1 - 1 / ratio
    b = mean / ratio - a
    # From 0 upwards in logarithms; what lies beyond a binomial's number of trials is impossible.
    step = np.maximum(a[..., None] + b[..., None] / np.arange(1, most + 1), 0)
    with np.errstate(divide="ignore"):
        logs = np.log(step)
    zero = np.zeros((*mean.shape, 1))
    total = np.concatenate([zero, np.cumsum(logs, axis=-1)], axis=-1)
    weights = np.exp(total - total.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))
