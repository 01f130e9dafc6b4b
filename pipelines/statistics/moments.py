"""The moment conditions of a regression on a machine's predictions and a drawn sample, solved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable
from presslens.pipelines.statistics.recalibration import inclusion

_STEPS = 50
"""Newton's steps at most; a logit that exists takes fewer than ten."""

_FLAT = 1e12
"""Condition from which on the log odds run off to infinity."""


class Model(StrEnum):
    """What the columns of a regression add up to."""

    LINEAR = "linear"
    LOGIT = "logit"


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """The outcomes that the regression is of; arrays of shape (n,)."""

    expected: Numbers  # the predictions, 0-1; the label where no draw stands for it
    chance: Numbers  # probability of being drawn and answered; NaN for other photos
    pseudo: Numbers  # the predictions corrected by the draw; not bound to 0-1
    weight: Numbers  # how much each photo counts

    @classmethod
    def of(cls, table: PhotoTable, prediction: Numbers) -> Outcome:
        """Return the outcomes of n photos, given what is expected of each, 0-1, shape (n,)."""
        # Within the frame the sample stands for picks, too; their labels would count twice.
        alone = (table.picked & ~table.framed) | table.answered.all()
        expected = np.where(alone, table.label, prediction)
        chance = np.where(table.sampled, inclusion(table), np.nan)
        error = np.where(table.sampled, (table.label - expected) / chance, 0.0)
        return cls(expected, chance, expected + error, table.weight)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The solution of the conditions for k columns."""

    b: Numbers  # the coefficients, shape (k,)
    mean: Numbers  # fitted means, shape (n,)
    slope: Numbers  # their derivatives by the linear predictor, shape (n,)
    bread: Numbers  # inverse of the conditions' derivatives by the coefficients, shape (k, k)


def solve(outcome: Outcome, X: Numbers, model: Model) -> Fit | None:
    """Return the solution of the moment conditions; None where no finite one exists.

    Newton's method: the conditions are the gradient of a concave function, also for outcomes
    outside of 0-1.
    """
    y, w = outcome.pseudo, outcome.weight
    if model is Model.LINEAR:
        bread = np.asarray(np.linalg.inv(X.T @ (w[:, None] * X)), float)
        b = bread @ (X.T @ (w * y))
        return Fit(b, X @ b, np.ones(len(y)), bread)
    scale = np.sqrt((w[:, None] * X**2).sum(axis=0) / w.sum())
    Z = X / scale  # columns of like size: a step's size means the same for each
    b = np.zeros(X.shape[1])
    for _ in range(_STEPS):
        mean = scipy.special.expit(Z @ b)
        slope = mean * (1 - mean)
        hessian = Z.T @ ((w * slope)[:, None] * Z)
        if not np.isfinite(hessian).all() or np.linalg.cond(hessian) > _FLAT:
            return None
        step = np.linalg.solve(hessian, Z.T @ (w * (y - mean)))
        length = float(np.abs(step).max())
        if length < 1e-10:
            bread = np.asarray(np.linalg.inv(hessian) / np.outer(scale, scale))
            return Fit(np.asarray(b / scale), mean, np.asarray(slope), bread)
        b = b + step / max(1.0, length)
    return None
