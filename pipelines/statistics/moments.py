"""The moment conditions of a regression on a machine's predictions and a drawn sample, solved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.pipelines.statistics.misclassification import LEAST_INFORMATIVE
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
    # Sensitivity + specificity - 1 of the labels, by which a change of the truth is larger than one
    # of the labels, above 0 up to 1.
    apart: float = 1.0
    mistakes: Numbers | None = None  # variance of each label's mistake; None: labels are right

    @classmethod
    def of(cls, table: PhotoTable, prediction: Numbers) -> Outcome:
        """Return the outcomes of n photos, given what is expected of each label, shape (n,)."""
        # Within the frame the sample stands for picks, too; their labels would count twice.
        alone = (table.picked & ~table.framed) | table.answered.all()
        expected = np.where(alone, table.label, prediction)
        chance = np.where(table.sampled, inclusion(table), np.nan)
        error = np.where(table.sampled, (table.label - expected) / chance, 0.0)
        return cls(expected, chance, expected + error, table.weight)

    def true(self, sensitivity: float, specificity: float) -> Outcome:
        """Return the outcomes that labels would be without errors (Rogan & Gladen 1978).

        Labels count s where the truth is 1 and 1 - c where it is 0, on average, so that (label - 1
        + c) / (s + c - 1) is the truth on average, whatever else is known of the photo.
        """
        apart = max(sensitivity + specificity - 1, LEAST_INFORMATIVE)
        p = np.clip((self.expected - 1 + specificity) / apart, 0.0, 1.0)
        mistakes = (
            p * sensitivity * (1 - sensitivity) + (1 - p) * specificity * (1 - specificity)
        ) / apart**2
        pseudo = (self.pseudo - 1 + specificity) / apart
        return replace(self, pseudo=pseudo, apart=apart, mistakes=mistakes)


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
