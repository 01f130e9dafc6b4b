"""Calibration error: how far predicted probabilities are from observed shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BINS = 10
"""Bins of equal width that probabilities are sorted into."""


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
