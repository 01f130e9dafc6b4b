"""Trains a label's classifier on photos with and without the label, and measures it.

A logistic regression over standardised image features ranks; Platt scaling, fitted on scores of
photos that the regression did not see, makes its answer a probability. Both are linear, so what
is kept is one regression. The metrics come from photos that neither has seen, nor another print
of their picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.models.accuracy import calibration_error
from presslens.models.labels.vocabulary import LabelMetrics

FOLDS = 5
"""Parts of the photos; so many with and without the label are needed at least."""

PENALTY = 0.003
"""C of the regression over 1280 features, by the cross-validated log loss of built-in labels."""

SHOWN = 0.5
"""Probability from which F1 takes it that a photo shows a label."""

_FREE = 1e6
"""C of the scaling, which has two parameters and needs no penalty."""

FeatureMatrix = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """A label that was learnt."""

    model: Pipeline  # scaler and regression; its answer is calibrated
    # Of each photo, by classifiers that never saw it, shape (n,), 0–1.
    probability: NDArray[np.float64]


def learn(X: FeatureMatrix, y: Truth, fold: NDArray[np.int64]) -> Learnt:
    """Fit a label on all photos, and judge each by a classifier that never saw its fold.

    Args:
        X: Image features, shape (n, 1280).
        y: Which photos show the label, shape (n,); some do and some don't outside of every fold.
        fold: The part that each photo is in, shape (n,).
    """
    scores = np.zeros(len(y))
    for part in np.unique(fold):
        learnt, left_out = fold != part, fold == part
        model = _fit(X[learnt], y[learnt])
        scores[left_out] = model.decision_function(X[left_out])
    probability = np.zeros(len(y))
    for part in np.unique(fold):
        learnt, left_out = fold != part, fold == part
        slope, offset = platt(scores[learnt], y[learnt])
        probability[left_out] = 1 / (1 + np.exp(-(slope * scores[left_out] + offset)))
    return Learnt(_scaled(_fit(X, y), *platt(scores, y)), probability)


def stratified(y: Truth) -> NDArray[np.int64]:
    """Return a fold for each photo; every fold has its share of those that show the label."""
    return _folds(StratifiedKFold(FOLDS, shuffle=True, random_state=0), y, None)


def grouped(
    y: Truth, groups: Sequence[str] | NDArray[np.int64], folds: int = FOLDS
) -> NDArray[np.int64]:
    """Return the same, photos of one group in one fold."""
    return _folds(StratifiedGroupKFold(folds, shuffle=True, random_state=0), y, groups)


def folds_of_pictures(y: Truth, picture: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Return a fold for each photo, all prints of a picture in one; None if that can't be.

    There are ``FOLDS`` folds, or fewer where fewer pictures show the label, or don't. Outside of
    each fold some photos show it and some don't.

    Args:
        y: Which photos show the label, shape (n,).
        picture: The picture of each photo, as ``models.reprints.pictures`` has it, shape (n,).
    """
    for folds in range(min(FOLDS, *(len(set(picture[side])) for side in (y, ~y))), 1, -1):
        fold = grouped(y, picture, folds)
        if all(len(set(y[fold != part])) == 2 for part in set(fold)):
            return fold
    return None


def _folds(
    splitter: StratifiedKFold | StratifiedGroupKFold,
    y: Truth,
    groups: Sequence[str] | NDArray[np.int64] | None,
) -> NDArray[np.int64]:
    fold = np.zeros(len(y), np.int64)
    for i, (_, members) in enumerate(splitter.split(np.zeros((len(y), 1)), y, groups)):
        fold[members] = i
    return fold


def label_metrics(y: Truth, probability: NDArray[np.float64], method: str) -> LabelMetrics | None:
    """Return how well photos are told; None unless some show the label and some don't."""
    if not 0 < int(y.sum()) < len(y):
        return None
    return LabelMetrics(
        n=len(y),
        positive=int(y.sum()),
        ap=float(average_precision_score(y, probability)),
        f1=float(f1_score(y, probability >= SHOWN, zero_division=0.0)),
        calibration_error=calibration_error(y, probability),
        method=method,
    )


def metric_intervals(
    y: Truth, probability: NDArray[np.float64], picture: NDArray[np.int64], *, draws: int = 500
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the 95 % intervals of average precision and F1, by a bootstrap over pictures.

    A picture is drawn with all its prints. Pictures of which a print shows the label and the others
    are drawn apart; a draw without a photo of one kind is passed over.

    Args:
        y: Which photos show the label, shape (n,); some do and some don't.
        probability: Of each, by classifiers that never saw it, shape (n,), 0–1.
        picture: The picture of each photo, shape (n,).
    """
    rng = np.random.default_rng(0)
    of = np.unique(picture, return_inverse=True)[1]
    shows = np.bincount(of, y) > 0
    times = np.zeros((draws, len(shows)), np.int64)
    for side in map(np.flatnonzero, (shows, ~shows)):
        if len(side):
            times[:, side] = rng.multinomial(len(side), np.full(len(side), 1 / len(side)), draws)
    order = np.argsort(-probability, kind="stable")
    drawn, truth, sure = times[:, of[order]], y[order], probability[order]
    both = (drawn[:, truth].sum(1) > 0) & (drawn[:, ~truth].sum(1) > 0)
    scores = np.stack([_precision_and_f1(row, truth, sure) for row in drawn[both]])
    low, high = np.quantile(scores, (0.025, 0.975), axis=0)
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def _precision_and_f1(
    times: NDArray[np.int64], y: Truth, probability: NDArray[np.float64]
) -> tuple[float, float]:
    """Return average precision and F1 of photos that count so many times, the surest first."""
    last = np.append(np.diff(probability) != 0, True)  # equal ones are told apart by nothing
    hits, seen = np.cumsum(times * y)[last], np.cumsum(times)[last]
    precision = hits / np.maximum(seen, 1)
    average = float(np.diff(hits, prepend=0) @ precision) / hits[-1]
    chosen = probability >= SHOWN
    right = int((times * (chosen & y)).sum())
    f1 = 2 * right / ((times * chosen).sum() + hits[-1])
    return average, float(f1)


def platt(scores: NDArray[np.float64], y: Truth) -> tuple[float, float]:
    """Return slope (0 or more) and offset that turn scores into log odds.

    Each photo counts a little as of the other kind too, as Platt has it, so that scores that part
    the photos perfectly don't become certainty. Scores that rank the wrong way round tell nothing:
    the slope is 0 then, and the answer the share of photos that show the label.
    """
    positive, negative = int(y.sum()), int((~y).sum())
    shows = np.where(y, (positive + 1) / (positive + 2), 1 / (negative + 2))
    X = np.concatenate([scores, scores])[:, None]
    both = np.repeat([True, False], len(y))
    model = LogisticRegression(C=_FREE, max_iter=1000)
    model.fit(X, both, sample_weight=np.concatenate([shows, 1 - shows]))
    slope = float(model.coef_[0, 0])
    if slope > 0:
        return slope, float(model.intercept_[0])
    return 0.0, float(np.log(shows.sum() / (1 - shows).sum()))


def _fit(X: FeatureMatrix, y: Truth) -> Pipeline:
    regression = LogisticRegression(C=PENALTY, class_weight="balanced", max_iter=2000)
    model = make_pipeline(StandardScaler(), regression)
    return model.fit(X, y)


def _scaled(model: Pipeline, slope: float, offset: float) -> Pipeline:
    """Return a model whose log odds are slope × its score + offset."""
    regression = model[-1]
    regression.coef_ = regression.coef_ * slope
    regression.intercept_ = regression.intercept_ * slope + offset
    return model
