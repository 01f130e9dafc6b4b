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
from enum import StrEnum

import numpy as np
import scipy  # which imports scipy.special and scipy.stats when they are first used

from pipelines.statistics.cluster_sandwich import cluster_sandwich
from pipelines.statistics.design import ODDS
from pipelines.statistics.measure import Inference
from pipelines.statistics.photo_table import CERTAIN, Numbers, PhotoTable
from pipelines.statistics.practice import FEWEST
from pipelines.statistics.recalibration import inclusion


class Model(StrEnum):
    """What the columns of a regression add up to."""

    LINEAR = "linear"
    LOGIT = "logit"


LEAST_DRAWN = 10
"""Drawn photos that each value of a column of zeros and ones needs at least."""

_STEPS = 50
"""Newton's steps at most; a logit that exists takes fewer than ten."""

_FLAT = 1e12
"""Condition from which on the log odds run off to infinity."""

_TINY = 1e-150
"""Keeps photos whose fitted mean is certain from dividing by nothing."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient with its interval.

    Attributes:
        name: Its column.
        value: Change of the share, 0-1, or of its log odds, for one more of the column.
        error: Standard error.
        low: Lower end of the interval.
        high: Upper end of the interval.
        p_value: Two-sided, of the hypothesis that the coefficient is 0.
    """

    name: str
    value: float
    error: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Regression:
    """The coefficients of a regression, or why there are none.

    Attributes:
        coefficients: One for each column; none where refused.
        model: Linear or logit.
        inference: About these editions, or about practice.
        n: Photos.
        editions: Editions with photos.
        drawn: Photos that were drawn and labelled.
        picked: Photos that were labelled and not drawn.
        method: How the intervals were made, in a sentence.
        refused: Why there is no honest interval, and what would help; None where there is one.
    """

    coefficients: tuple[Coefficient, ...]
    model: Model
    inference: Inference
    n: int
    editions: int
    drawn: int
    picked: int
    method: str
    refused: str | None = None


def regress(
    table: PhotoTable,
    prediction: Numbers,
    X: Numbers,
    names: Sequence[str],
    *,
    model: Model = Model.LINEAR,
    inference: Inference = Inference.THESE,
    confidence: float = 0.95,
) -> Regression:
    """Return the regression of whether a photo shows a measure on columns of numbers.

    Args:
        table: The n photos. A picked label changes nothing: it is not of the draw.
        prediction: What is expected of each photo, 0-1, shape (n,): of
            ``pipelines.statistics.recalibration``, or the machine's own.
        X: The columns, shape (n, k); the first is usually all ones.
        names: Names of the k columns.
        model: Linear: coefficients are differences of shares; logit: of log odds.
        inference: About these editions, or about editions such as these.
        confidence: Level of the intervals.

    Raises:
        ValueError: A column is a sum of others, or there are more columns than photos.
    """
    if np.linalg.matrix_rank(X) < X.shape[1]:
        raise ValueError(f"columns {', '.join(names)} say the same twice: leave one out")
    outcome = _Outcome.of(table, prediction)
    refused = _refusal(table, X, names, inference)
    fit = None if refused else _solve(outcome, X, model)
    if fit is None and refused is None:
        refused = (
            "the sample tells no finite log odds: a group has only photos that show it, or none "
            "that does; use the linear model, or draw more photos of the group"
        )
    coefficients: tuple[Coefficient, ...] = ()
    if fit is not None:
        by = _of_these if inference is Inference.THESE else _of_practice
        error, freedom = by(outcome, table, X, fit)
        half = error * scipy.stats.t.ppf(0.5 + confidence / 2, freedom)
        half = np.hypot(half, _unanswered(outcome, table, X, fit))
        coefficients = _coefficients(names, fit.b, half, freedom, confidence)
    editions = len(np.unique(table.edition))
    return Regression(
        coefficients,
        model,
        inference,
        len(table),
        editions,
        int(table.sampled.sum()),
        int(table.picked.sum()),
        _method(model, inference, int(table.sampled.sum()), editions, confidence),
        refused,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """The outcomes that the regression is of; arrays of shape (n,).

    Attributes:
        expected: The predictions, 0-1; the label where no draw stands for it.
        chance: Probability of being drawn and answered; NaN for other photos.
        pseudo: The predictions corrected by the draw; not bound to 0-1.
        weight: How much each photo counts.
    """

    expected: Numbers
    chance: Numbers
    pseudo: Numbers
    weight: Numbers

    @classmethod
    def of(cls, table: PhotoTable, prediction: Numbers) -> _Outcome:
        # Within the frame the sample stands for picks, too; their labels would count twice.
        alone = (table.picked & ~table.framed) | table.answered.all()
        expected = np.where(alone, table.label, prediction)
        chance = np.where(table.sampled, inclusion(table), np.nan)
        error = np.where(table.sampled, (table.label - expected) / chance, 0.0)
        return cls(expected, chance, expected + error, table.weight)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """The solution: coefficients, fitted means, the means' slopes, and the sandwich's bread."""

    b: Numbers
    mean: Numbers
    slope: Numbers
    bread: Numbers


def _refusal(
    table: PhotoTable, X: Numbers, names: Sequence[str], inference: Inference
) -> str | None:
    """Return why there is no honest interval, and what would help; None where there is one."""
    editions, k = len(np.unique(table.edition)), X.shape[1]
    if inference is Inference.PRACTICE and editions < FEWEST + k - 1:
        return (
            f"{editions} editions do not tell how editions vary: ask for these editions, or "
            f"add {FEWEST + k - 1 - editions}"
        )
    if table.answered.all():
        return None  # a census
    drawn, least = table.sampled, LEAST_DRAWN * k
    if not drawn.any():
        return (
            "no photo was drawn by chance: the machine alone does not tell a change of the "
            f"newspaper from a change of its scans; draw and label {least} photos or more"
        )
    outside = ~table.framed & ~table.answered
    if outside.any():
        return (
            f"{outside.sum()} photos could not be drawn when the sample was: draw from their "
            f"{len(np.unique(table.edition[outside]))} editions too, or leave them out"
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
    return None


def _solve(outcome: _Outcome, X: Numbers, model: Model) -> _Fit | None:
    """Return the solution of the moment conditions; None where no finite one exists.

    Newton's method: the conditions are the gradient of a concave function, also for outcomes
    outside of 0-1.
    """
    y, w = outcome.pseudo, outcome.weight
    if model is Model.LINEAR:
        bread = np.asarray(np.linalg.inv(X.T @ (w[:, None] * X)), float)
        b = bread @ (X.T @ (w * y))
        return _Fit(b, X @ b, np.ones(len(y)), bread)
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
            return _Fit(np.asarray(b / scale), mean, np.asarray(slope), bread)
        b = b + step / max(1.0, length)
    return None


def _of_these(
    outcome: _Outcome, table: PhotoTable, X: Numbers, fit: _Fit
) -> tuple[Numbers, Numbers]:
    """Return standard errors and degrees of freedom where only the draw is by chance.

    What the predictions expect of the labels' errors counts like ``LEAST_DRAWN`` photos more where
    it is larger than what was seen: a few drawn photos that all say "no" do not make it sure.
    """
    drawn = table.sampled
    pi, g = outcome.chance[drawn], outcome.expected[drawn]
    m, k = int(drawn.sum()), X.shape[1]
    share = (1 - pi) / pi**2 * outcome.weight[drawn] ** 2
    seen, expected = (table.label[drawn] - g) ** 2, g * (1 - g)
    if share @ expected > share @ seen:
        seen = (m * seen + LEAST_DRAWN * expected) / (m + LEAST_DRAWN)
    rows = X[drawn] @ fit.bread * np.sqrt(share * seen)[:, None]
    freedom = max(1, m - k)
    return np.sqrt((rows**2).sum(axis=0) * m / freedom), np.full(k, float(freedom))


def _of_practice(
    outcome: _Outcome, table: PhotoTable, X: Numbers, fit: _Fit
) -> tuple[Numbers, Numbers]:
    """Return standard errors and degrees of freedom where editions are by chance, too."""
    root = np.sqrt(outcome.weight * fit.slope)
    residual = outcome.weight * (outcome.pseudo - fit.mean) / np.maximum(root, _TINY)
    return cluster_sandwich(X * root[:, None], residual, table.edition, root)


def _unanswered(outcome: _Outcome, table: PhotoTable, X: Numbers, fit: _Fit) -> Numbers:
    """Return by how much photos that were drawn and not answered may move each coefficient."""
    lost = table.unanswered
    g = scipy.special.logit(np.clip(outcome.expected[lost], CERTAIN, 1 - CERTAIN))
    apart = scipy.special.expit(g + np.log(ODDS)) - scipy.special.expit(g - np.log(ODDS))
    moved = outcome.weight[lost] / table.inclusion[lost] * apart / 2
    return np.asarray(np.abs(X[lost] @ fit.bread).T @ moved)


def _coefficients(
    names: Sequence[str], b: Numbers, half: Numbers, freedom: Numbers, confidence: float
) -> tuple[Coefficient, ...]:
    error = half / scipy.stats.t.ppf(0.5 + confidence / 2, freedom)
    sure = error <= 0
    ratio = np.divide(np.abs(b), error, out=np.where(b == 0, 0.0, np.inf), where=~sure)
    p = 2 * scipy.stats.t.sf(ratio, freedom)
    rows = np.stack([b, error, b - half, b + half, p], axis=1).tolist()
    return tuple(Coefficient(name, *row) for name, row in zip(names, rows, strict=True))


def _method(
    model: Model, inference: Inference, drawn: int, editions: int, confidence: float
) -> str:
    who = (
        "these editions, the draw alone is by chance"
        if inference is Inference.THESE
        else f"practice, {editions} editions as clusters (CR2)"
    )
    return (
        f"{model} regression by design-based supervised learning: {drawn} drawn photos; {who}; "
        f"{100 * confidence:g} %"
    )
