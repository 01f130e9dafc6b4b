"""A fitted scikit-learn regression as plain arrays, for one row at a time.

scikit-learn checks its input in every step of every call: for one photo that takes fifty times as
long as the sums. The sums here are the same, in the same order, so that the numbers are the same to
the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # scikit-learn takes a second, which those who read no subjects do without
    from sklearn.pipeline import Pipeline

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Columns that are scaled together."""

    columns: slice | NDArray[np.intp]
    mean: Rows
    scale: Rows
    weight: float | None

    @classmethod
    def of(cls, columns: slice | Sequence[int], scaler: Any, weight: float | None) -> _Block:
        where = columns if isinstance(columns, slice) else np.asarray(columns, np.intp)
        return cls(where, scaler.mean_, scaler.scale_, weight)

    def scaled(self, rows: Rows) -> Rows:
        scaled = (rows[:, self.columns] - self.mean) / self.scale
        return scaled if self.weight is None else scaled * self.weight


@dataclass(frozen=True, slots=True, eq=False)
class ScaledRegression:
    """Scalers of some columns, and a linear or logistic regression over what they give."""

    # Weights of the scaled columns, shape (columns,) or (classes, columns); one row for two
    # classes.
    coefficients: Rows
    intercept: Rows  # shape (classes,), or a number
    _blocks: tuple[_Block, ...]

    @classmethod
    def of(cls, model: Pipeline) -> ScaledRegression:
        """Take a pipeline of a fitted scaler, or some in a column transformer, and a regression."""
        (_, first), (_, last) = model.steps
        return cls.of_steps(first, last)

    @classmethod
    def of_steps(cls, first: Any, last: Any) -> ScaledRegression:
        """Take the steps of such a pipeline."""
        if hasattr(first, "transformers_"):
            weights = first.transformer_weights or {}
            parts = [part for part in first.transformers_ if part[0] != "remainder"]
            blocks = [_Block.of(columns, s, weights.get(name)) for name, s, columns in parts]
        else:
            blocks = [_Block.of(slice(None), first, None)]
        return cls(last.coef_, np.asarray(last.intercept_), tuple(blocks))

    def scaled(self, rows: Rows) -> Rows:
        """Return how far columns are above their training mean, in standard deviations.

        Args:
            rows: Shape (n, columns before scaling).
        """
        return np.hstack([block.scaled(rows) for block in self._blocks])

    def values(self, rows: Rows) -> Rows:
        """Return the regression's value of each row, shape (n,), or (n, classes) of three or more.

        Those of a logistic regression are log odds.
        """
        values = self.scaled(rows) @ self.coefficients.T + self.intercept
        return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values

    def probabilities(self, rows: Rows) -> Rows:
        """Return the probability of each class of a logistic regression, shape (n, classes)."""
        odds = self.values(rows)
        if odds.ndim == 1:
            from scipy.special import expit  # scipy takes long to load

            likely = expit(odds)
            return np.stack([1 - likely, likely], axis=1)
        odds -= odds.max(axis=1, keepdims=True)
        shares = np.exp(odds)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float64)


def unscaled(model: Pipeline) -> tuple[NDArray[np.float64], float]:
    """Return the weights, shape (n,), and the bias that give a pipeline's log odds.

    Args:
        model: A fitted ``StandardScaler`` and a fitted ``LogisticRegression`` of two classes.
    """
    scaler, regression = (step for _, step in model.steps)
    weights = regression.coef_[0] / scaler.scale_
    return weights, float(regression.intercept_[0] - weights @ scaler.mean_)


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
