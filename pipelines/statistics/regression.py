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
doi 10.1162/REST_a_00552). Where residuals of neighbouring editions go together, blocks of editions
are the clusters if that is wider (Bester, Conley & Hansen 2011, doi 10.1016/j.jeconom.2011.01.007).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # which imports scipy.stats when it is first used

from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.moments import Model, Outcome, solve
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable
from presslens.pipelines.statistics.practice import FEWEST
from presslens.pipelines.statistics.regression_errors import (
    LEAST_DRAWN,
    doubt_of_unanswered,
    errors_of_practice,
    errors_of_these,
)


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient with its interval."""

    name: str  # its column
    value: float  # change of the share, 0-1, or of its log odds, for one more of the column
    error: float  # standard error
    low: float  # lower end of the interval
    high: float  # upper end of the interval
    p_value: float  # two-sided, of the hypothesis that the coefficient is 0


@dataclass(frozen=True, slots=True)
class Regression:
    """The coefficients of a regression, or why there are none."""

    coefficients: tuple[Coefficient, ...]  # one for each column; none where refused
    model: Model  # linear or logit
    inference: Inference  # about these editions, or about practice
    n: int  # photos
    editions: int  # editions with photos
    drawn: int  # photos that were drawn and labelled
    picked: int  # photos that were labelled and not drawn
    method: str  # how the intervals were made, in a sentence
    # Why there is no honest interval, and what would help; None where there is one.
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
    outcome = Outcome.of(table, prediction)
    refused = _refusal(table, X, names, inference)
    fit = None if refused else solve(outcome, X, model)
    if fit is None and refused is None:
        refused = (
            "the sample tells no finite log odds: a group has only photos that show it, or none "
            "that does; use the linear model, or draw more photos of the group"
        )
    coefficients: tuple[Coefficient, ...] = ()
    how = str(inference)
    if fit is not None:
        by = errors_of_these if inference is Inference.THESE else errors_of_practice
        error, freedom, how = by(outcome, table, X, fit)
        half = error * scipy.stats.t.ppf(0.5 + confidence / 2, freedom)
        half = np.hypot(half, doubt_of_unanswered(outcome, table, X, fit))
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
        f"{model} regression by design-based supervised learning: {table.sampled.sum()} drawn "
        f"photos; {how}; {100 * confidence:g} %",
        refused,
    )


def _refusal(
    table: PhotoTable, X: Numbers, names: Sequence[str], inference: Inference
) -> str | None:
    """Return why there is no honest interval, and what would help; None where there is one."""
    editions, k = len(np.unique(table.edition)), X.shape[1]
    if inference is Inference.PRACTICE and editions < FEWEST + k - 1:
        return (
            f"{counted(editions, 'edition')} can't tell how editions vary: ask for these editions,"
            f" or add {FEWEST + k - 1 - editions}"
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
            f"{counted(int(outside.sum()), 'photo')} could not be drawn when the sample was: draw"
            f" from their {counted(len(np.unique(table.edition[outside])), 'edition')} too, or"
            " leave them out"
        )
    if drawn.sum() < least:
        return f"too few drawn photos, {drawn.sum()}: draw {least - drawn.sum()} more"
    for column, name in zip(X.T, names, strict=True):
        for value in (0, 1):
            group = column == value
            got, of = int((drawn & group).sum()), int(group.sum())
            if np.isin(column, (0, 1)).all() and got < min(LEAST_DRAWN, of):
                return (
                    f"only {got} of {counted(of, 'photo')} with {name} = {value} drawn: draw "
                    f"{min(LEAST_DRAWN, of) - got} more of them"
                )
    return None


def _coefficients(
    names: Sequence[str], b: Numbers, half: Numbers, freedom: Numbers, confidence: float
) -> tuple[Coefficient, ...]:
    error = half / scipy.stats.t.ppf(0.5 + confidence / 2, freedom)
    sure = error <= 0
    ratio = np.divide(np.abs(b), error, out=np.where(b == 0, 0.0, np.inf), where=~sure)
    p = 2 * scipy.stats.t.sf(ratio, freedom)
    rows = np.stack([b, error, b - half, b + half, p], axis=1).tolist()
    return tuple(Coefficient(name, *row) for name, row in zip(names, rows, strict=True))
