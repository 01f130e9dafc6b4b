"""What each feature adds to each class of a logistic regression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from presslens.models.regression import ScaledRegression


def contributions(regression: ScaledRegression, levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each feature adds to each class, shape (n, classes, features).

    In log odds against the mean of the other classes, counted from the average training row.

    Args:
        regression: A logistic regression.
        levels: Its scaled features, shape (n, features).
    """
    weights = regression.coefficients
    if len(weights) == 1:  # scikit-learn keeps one row for two classes
        weights = np.vstack([-weights, weights]) / 2
    others = (weights.sum(axis=0) - weights) / max(len(weights) - 1, 1)
    return np.asarray((weights - others)[None] * levels[:, None], np.float64)
