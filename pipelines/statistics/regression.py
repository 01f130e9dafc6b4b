"""Regressions of what photos show, from the machine's predictions and a drawn sample of labels.

Taking predictions for labels biases every coefficient that the machine's errors go along with.
Design-based supervised learning (Egami, Hinck, Stewart & Wei 2023, Using imperfect surrogates for
downstream inference, arXiv 2306.04746; 2024, Using large language model annotations for the social
sciences, a working paper) puts in their place

    y~_i = g_i + R_i / pi_i (y_i - g_i),

with the prediction g, the label y and R = 1 where a photo was drawn, which chance did with
probability pi. Its mean over draws is y_i whatever g is, so the moment conditions

    sum_i w_i x_i (y~_i - mu(x_i b)) = 0,   mu(t) = t (linear) or 1 / (1 + exp(-t)) (logit),

are those of labels of all photos, on average over draws; a better g makes them less noisy.

Two questions are answered. *These editions*: the coefficients that labels of all these photos would
have. Only the draw is by chance: the sandwich's middle is the sum over drawn photos of
(1 - pi) / pi² w² (y - g)² x x' (Horvitz & Thompson 1952, doi 10.1080/01621459.1952.10483446; for
difference estimators Särndal, Swensson & Wretman 1992, ch. 6). *Practice*: the coefficients of
editions such as these. Editions are the clusters; the sandwich is bias-reduced (CR2) with
Satterthwaite's degrees of freedom (Bell & McCaffrey 2002, Survey Methodology 28(2), 169-181), in
which photos of an edition are as alike as residuals say (Imbens & Kolesár 2016,
doi 10.1162/REST_a_00552).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy  # which imports scipy.special and scipy.stats when they are first used
from numpy.typing import NDArray

from pipelines.statistics.cluster_sandwich import cluster_sandwich

Numbers = NDArray[np.float64]
Model = Literal["linear", "logit"]
Estimand = Literal["these", "practice"]

LEAST_DRAWN = 10
"""Drawn photos that each value of a column of zeros and ones needs at least."""

LEAST_EDITIONS = 3
"""Editions beyond one for each coefficient that are the least to judge practice by."""

_STEPS = 50
"""Newton's steps at most; a logit that exists takes fewer than ten."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What is known of n photos: whether each shows the measure.

    Attributes:
        prediction: What the machine expects, 0-1, shape (n,); recalibrated on the sample or not.
        label: 1 or 0; NaN without one, shape (n,).
        inclusion: Probability, above 0 to 1, with which a photo was drawn; NaN where it was not
            drawn, shape (n,). A label without one was picked: it settles its own photo.
        weight: How much a photo counts: 1, or its printed area, shape (n,).
        edition: Number of its edition, shape (n,).
    """

    prediction: Numbers
    label: Numbers
    inclusion: Numbers
    weight: Numbers
    edition: NDArray[np.int64]

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Which photos were drawn and labelled, shape (n,)."""
        return ~np.isnan(self.label) & ~np.isnan(self.inclusion)

    @property
    def picked(self) -> NDArray[np.bool_]:
        """Which photos were labelled and not drawn, shape (n,)."""
        return ~np.isnan(self.label) & np.isnan(self.inclusion)

    @property
    def pseudo(self) -> Numbers:
        """The outcomes corrected by the draw, shape (n,); not bound to 0-1."""
        drawn = self.drawn
        outcome = np.where(self.picked, self.label, self.prediction)
        outcome[drawn] += (self.label[drawn] - self.prediction[drawn]) / self.inclusion[drawn]
        return outcome


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient with its interval.

    Attributes:
        name: Its column.
        value: Change of the share, 0-1, or of its log odds, for one more of the column.
        error: Standard error.
        low: Lower end of the interval.
        high: Upper end of the interval.
        p: Two-sided p-value of the hypothesis that the coefficient is 0.
    """

    name: str
    value: float
    error: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Regression:
    """The coefficients of a regression, or why there are none.

    Attributes:
        coefficients: One for each column; none where refused.
        model: "linear" or "logit".
        estimand: "these" or "practice".
        n: Photos.
        editions: Editions with photos.
        drawn: Photos that were drawn and labelled.
        picked: Photos that were labelled and not drawn.
        method: How the intervals were made, in a sentence.
        refused: Why there is no honest interval, and what would help; None where there is one.
    """

    coefficients: tuple[Coefficient, ...]
    model: Model
    estimand: Estimand
    n: int
    editions: int
    drawn: int
    picked: int
    method: str
    refused: str | None = None


def regress(
    outcome: Outcome,
    X: Numbers,
    names: Sequence[str],
    *,
    model: Model = "linear",
    estimand: Estimand = "these",
    confidence: float = 0.95,
) -> Regression:
    """Return the regression of whether a photo shows a measure on columns of numbers.

    Args:
        outcome: What is known of the n photos.
        X: The columns, shape (n, k); the first is usually all ones.
        names: Names of the k columns.
        model: "linear": coefficients are differences of shares; "logit": of log odds.
        estimand: "these": these editions; "practice": editions such as these.
        confidence: Level of the intervals.

    Raises:
        ValueError: A column is a sum of others, or there are more columns than photos.
    """
    used = outcome.weight > 0
    if np.linalg.matrix_rank(X[used]) < X.shape[1]:
        raise ValueError(f"columns {', '.join(names)} say the same twice: leave one out")
    solved = None
    refused = _refusal(outcome, X, names, estimand)
    if refused is None:
        solved = _solve(outcome, X, model)
        if solved is None:
            refused = (
                "the sample tells no finite log odds: a group has only photos that show it, or "
                "none that does; use the linear model, or draw more photos of the group"
            )
    coefficients: tuple[Coefficient, ...] = ()
    if solved is not None:
        b, fitted, slope = solved
        if estimand == "these":
            error, freedom = _of_these(outcome, X, slope)
        else:
            root = np.sqrt(outcome.weight * slope)
            residual = outcome.weight * (outcome.pseudo - fitted)
            error, freedom = cluster_sandwich(
                X * root[:, None],
                np.divide(residual, root, out=np.zeros_like(root), where=root > 0),
                outcome.edition,
                root,
            )
        coefficients = _coefficients(names, b, error, freedom, confidence)
    return Regression(
        coefficients,
        model,
        estimand,
        len(used),
        len(np.unique(outcome.edition[used])),
        int(outcome.drawn.sum()),
        int(outcome.picked.sum()),
        _method(model, estimand, outcome, confidence),
        refused,
    )


def _refusal(outcome: Outcome, X: Numbers, names: Sequence[str], estimand: Estimand) -> str | None:
    """Return why there is no honest interval, and what would help; None where there is one."""
    settled = np.isnan(outcome.inclusion) | (outcome.inclusion >= 1)
    if estimand == "these" and (~np.isnan(outcome.label) & settled).all():
        return None  # a census
    drawn = outcome.drawn
    least = LEAST_DRAWN * X.shape[1]
    if not drawn.any():
        return (
            "no photo was drawn by chance: the machine alone does not tell a change of the "
            f"newspaper from a change of its scans; draw and label {least} photos or more"
        )
    if drawn.sum() < least:
        return f"{drawn.sum()} drawn photos are too few: draw {least - drawn.sum()} more"
    for column, name in zip(X.T, names, strict=True):
        for value in (0, 1):
            group = column == value
            got, of = int((drawn & group).sum()), int(group.sum())
            if np.isin(column, (0, 1)).all() and got < min(LEAST_DRAWN, of):
                return (
                    f"only {got} of {of} photos with {name} = {value} were drawn: draw "
                    f"{min(LEAST_DRAWN, of) - got} more of them"
                )
    editions = len(np.unique(outcome.edition))
    if estimand == "practice" and editions < X.shape[1] + LEAST_EDITIONS:
        return (
            f"{editions} editions do not tell how editions vary: ask for these editions, or "
            f"add {X.shape[1] + LEAST_EDITIONS - editions}"
        )
    return None


def _solve(outcome: Outcome, X: Numbers, model: Model) -> tuple[Numbers, Numbers, Numbers] | None:
    """Return coefficients, fitted means and their slopes; None where no finite ones exist.

    Newton's method: the conditions are the gradient of a concave function, also for outcomes
    outside of 0-1.
    """
    y, w = outcome.pseudo, outcome.weight
    if model == "linear":
        b = np.asarray(np.linalg.solve(X.T @ (w[:, None] * X), X.T @ (w * y)), float)
        return b, X @ b, np.ones(len(y))
    scale = np.sqrt((w[:, None] * X**2).sum(axis=0) / w.sum())
    Z = X / scale  # columns of like size: a step's size means the same for each
    b = np.zeros(X.shape[1])
    for _ in range(_STEPS):
        mean = scipy.special.expit(Z @ b)
        slope = mean * (1 - mean)
        hessian = Z.T @ ((w * slope)[:, None] * Z)
        if not np.isfinite(hessian).all() or np.linalg.cond(hessian) > 1e12:
            return None
        step = np.linalg.solve(hessian, Z.T @ (w * (y - mean)))
        length = float(np.abs(step).max())
        b = b + step / max(1.0, length)
        if length < 1e-10:
            mean = scipy.special.expit(Z @ b)
            return np.asarray(b / scale), mean, np.asarray(mean * (1 - mean))
    return None


def _of_these(outcome: Outcome, X: Numbers, slope: Numbers) -> tuple[Numbers, Numbers]:
    """Return standard errors and degrees of freedom where only the draw is by chance.

    What the predictions expect of the labels' errors counts like ``LEAST_DRAWN`` photos more where
    it is larger than what was seen: a few drawn photos that all say "no" do not make it sure.
    """
    drawn = outcome.drawn
    pi, g = outcome.inclusion[drawn], outcome.prediction[drawn]
    m, k = int(drawn.sum()), X.shape[1]
    share = (1 - pi) / pi**2 * outcome.weight[drawn] ** 2
    seen, expected = (outcome.label[drawn] - g) ** 2, g * (1 - g)
    if share @ expected > share @ seen:
        seen = (m * seen + LEAST_DRAWN * expected) / (m + LEAST_DRAWN)
    bread = np.linalg.inv(X.T @ ((outcome.weight * slope)[:, None] * X))
    rows = X[drawn] @ bread * np.sqrt(share * seen)[:, None]
    freedom = max(1, m - k)
    variance = (rows**2).sum(axis=0) * m / freedom
    return np.sqrt(variance), np.full(k, float(freedom))


def _coefficients(
    names: Sequence[str], b: Numbers, error: Numbers, freedom: Numbers, confidence: float
) -> tuple[Coefficient, ...]:
    half = error * scipy.stats.t.ppf(0.5 + confidence / 2, freedom)
    certain = error <= 0
    ratio = np.divide(b, error, out=np.full(len(b), np.inf), where=~certain)
    p = np.where(certain & (b == 0), 1.0, 2 * scipy.stats.t.sf(np.abs(ratio), freedom))
    rows = np.stack([b, error, b - half, b + half, p], axis=1).tolist()
    return tuple(Coefficient(name, *row) for name, row in zip(names, rows, strict=True))


def _method(model: Model, estimand: Estimand, outcome: Outcome, confidence: float) -> str:
    what = "linear" if model == "linear" else "logit"
    who = (
        "these editions: the error of the draw alone"
        if estimand == "these"
        else f"practice: {len(np.unique(outcome.edition))} editions as clusters, CR2"
    )
    drawn = int(outcome.drawn.sum())
    return (
        f"design-based supervised learning, {what}, {drawn} drawn photos, {who}, "
        f"{100 * confidence:g} %"
    )
