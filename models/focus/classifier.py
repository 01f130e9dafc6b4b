"""The estimator of the focus: a logistic regression over named features, with contributions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from presslens.models.regression import ScaledRegression, contributions


class FocusClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A multinomial logistic regression whose sums can be taken apart.

    Its probabilities are calibrated as they are, since it is fitted by their likelihood;
    ``docs/reference/accuracy.md`` has their error.
    """

    def __init__(self, C: float = 0.1) -> None:  # scikit-learn's name
        """Take the inverse strength of the penalty on the weights."""
        self.C = C

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> FocusClassifier:
        """Learn from rows of features, shape (n, features), and their classes, shape (n,)."""
        X, y = validate_data(self, X, y)
        self.scaler_ = StandardScaler().fit(X, sample_weight=sample_weight)
        self.linear_ = LogisticRegression(C=self.C, tol=1e-7, max_iter=3000)
        self.linear_.fit(self.scaler_.transform(X), y, sample_weight=sample_weight)
        self.classes_ = self.linear_.classes_
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of each class, shape (n, classes)."""
        levels = self.levels(X)
        return np.asarray(self.linear_.predict_proba(levels), np.float64)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the likeliest class of each row, shape (n,)."""
        levels = self.levels(X)
        return np.asarray(self.linear_.predict(levels))

    def levels(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return how far each feature is above its training mean, in standard deviations."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        return np.asarray(self.scaler_.transform(X), np.float64)

    def contributions(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return what each feature adds to each class, shape (n, classes, features).

        In log odds against the mean of the other classes, counted from the average training row.
        """
        levels = self.levels(X)
        return contributions(self.regression, levels)

    @property
    def regression(self) -> ScaledRegression:
        """The fitted classifier as plain arrays."""
        check_is_fitted(self)
        return ScaledRegression.of_steps(self.scaler_, self.linear_)
