"""A scaler and a linear classifier as one: weights that work on unscaled numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # scikit-learn takes a second, which those who only list labels do without
    from sklearn.pipeline import Pipeline


def unscaled(model: Pipeline) -> tuple[NDArray[np.float64], float]:
    """Return the weights, shape (n,), and the bias that give a pipeline's log odds.

    Args:
        model: A fitted ``StandardScaler`` and a fitted ``LogisticRegression`` of two classes.
    """
    scaler, regression = (step for _, step in model.steps)
    weights = regression.coef_[0] / scaler.scale_
    return weights, float(regression.intercept_[0] - weights @ scaler.mean_)
