"""A measured value is reported with its data, its n and its method."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10
"""Bins of equal width that probabilities are sorted into."""

Z_95 = 1.959963984540054
"""The normal quantile of 97.5 %."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of a table of accuracy."""

    station: str  # the station measured, "photos" for instance
    what: str  # the metric, "F1 at IoU 0.5" for instance
    data: str  # the data it was measured on
    n: int  # number of items
    value: float  # the metric's value
    interval: tuple[float, float] | None  # its 95 % interval, where one was computed
    method: str  # how it was measured: cross-validated by what groups, or held out from training


def wilson(share: float, n: int) -> tuple[float, float] | None:
    """Return Wilson's 95 % interval of a share, 0–1, of n items; None without any."""
    if n == 0:
        return None
    hits = round(share * n)
    p = hits / n
    scale = 2 * (n + Z_95**2)
    centre = (2 * n * p + Z_95**2) / scale
    spread = Z_95 / scale * math.sqrt(4 * n * p * (1 - p) + Z_95**2)
    return 0.0 if hits == 0 else centre - spread, 1.0 if hits == n else centre + spread


def binned(probability: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the bin of each probability, from 0, shape as given."""
    return np.minimum((probability * BINS).astype(np.intp), BINS - 1)


def calibration_error(truth: NDArray[np.bool_], probability: NDArray[np.float64]) -> float:
    """Return the expected calibration error in ten bins of equal width, 0–1.

    Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
    binning", 2015.
    """
    bins = binned(probability)
    gaps = [
        abs(float(truth[bins == b].mean() - probability[bins == b].mean()))
        * float((bins == b).mean())
        for b in np.unique(bins)
    ]
    return sum(gaps)
