"""Tests whether two answers for each photo differ by more than chance, and how far they agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

from presslens.pipelines.result import Interval, Rounded, Served

MCNEMAR = "McNemar's exact test on the photos that flipped, two-sided"
KAPPA = "Cohen's kappa, large-sample interval (Fleiss, Cohen and Everitt 1969)"
HOLM = "Holm's correction over the measures"


@dataclass(frozen=True, slots=True)
class Kappa(Served):
    """Cohen's kappa: agreement beyond chance."""

    value: Rounded  # 1 if all answers agree, 0 if as many as by chance; negative if fewer
    interval: Interval


def mcnemar(only_old: int, only_new: int) -> float:
    """Return the p-value of McNemar's exact test, 0–1.

    McNemar 1947, doi 10.1007/BF02295996. Without flips nothing speaks for a difference: 1.

    Args:
        only_old: Photos for which only the first answer is yes.
        only_new: Photos for which only the second is.
    """
    from scipy.stats import binomtest  # half a second, and called for recipes alone

    flips = only_old + only_new
    return float(binomtest(only_new, flips, 0.5).pvalue) if flips else 1.0


def kappa(table: NDArray[np.int64] | NDArray[np.float64], confidence: float = 0.95) -> Kappa | None:
    """Return Cohen's kappa of two answers.

    The variance is that of Fleiss, Cohen and Everitt 1969, doi 10.1037/h0028106, for large samples.

    Args:
        table: Photos by first answer (row) and second (column), shape (k, k).
        confidence: Level of the interval, 0–1.

    Returns:
        None without photos, or where all have the same answer twice: chance agrees fully too.
    """
    n = float(table.sum())
    if n == 0:
        return None
    shares = table / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed, chance = float(np.trace(shares)), float(rows @ columns)
    if chance >= 1:
        return None
    value = (observed - chance) / (1 - chance)
    margins = rows[None, :] + columns[:, None]
    same = np.diag(shares) @ (1 - np.diag(margins) * (1 - value)) ** 2
    apart = shares * margins**2
    other = (1 - value) ** 2 * (apart.sum() - np.trace(apart))
    rest = (value - chance * (1 - value)) ** 2
    variance = max(0.0, float(same + other - rest)) / (n * (1 - chance) ** 2)
    half = float(scipy.special.ndtri((1 + confidence) / 2)) * variance**0.5
    return Kappa(value, (max(-1.0, value - half), min(1.0, value + half)))
