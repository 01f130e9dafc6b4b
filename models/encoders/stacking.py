"""Fits corrections of our readers by what a user's image encoder sees, and measures them.

The photos that ours were trained on are not shipped. So ours stay, as one input: their log odds, of
photos that they never saw, have a slope and an intercept near 1 and 0, and the encoding adds a
ridge regression. All is a logistic regression with normal priors; how far the encoding may move the
log odds is chosen by the log loss on left-out groups of photos, among them "not at all". With few
answers, ours remain.

A correction is used only where it beats both ours and ours corrected without the encoding (slope
and intercept on the same answers), on left-out groups, by more than the standard error of the
difference and by a hundredth of the log loss: else what looks like a better eye is no more than a
calibration, or chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # which imports scipy.optimize when it is first used
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from presslens.models.encoders.readers import EncodedReader
from presslens.models.labels.training import SHOWN, Truth, folds_of_pictures

REACHES = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Prior standard deviations of what an encoding may add to the log odds."""

SLOPE, INTERCEPT = 0.5, 1.0
"""Prior standard deviations of the slope around 1, and of the intercept around 0."""

MATTERS = 0.01
"""A gain of a smaller share of the log loss is no reason for another recipe."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class AnsweredPhotos:
    """Photos with people's answers about one measure."""

    ours: Numbers  # log odds of readers that never saw these photos, shape (photos,)
    encodings: Numbers  # standardised, shape (photos, n)
    shows: Truth  # what people say
    group: NDArray[np.int64]  # photos of one group are left out together, shape (photos,)


@dataclass(frozen=True, slots=True)
class LeftOutFigures:
    """How well photos are told by readers that never saw their group."""

    log_loss: float
    ap: float  # average precision, 0-1
    auc: float  # area under the ROC curve, 0-1
    f1: float  # at probability 0.5, 0-1

    @classmethod
    def of(cls, y: Truth, odds: Numbers) -> LeftOutFigures:
        """Return the figures of log odds; some photos show the measure, and some don't."""
        return cls(
            float(_loss(y, odds).mean()),
            float(average_precision_score(y, odds)),
            float(roc_auc_score(y, odds)),
            float(f1_score(y, odds >= np.log(SHOWN / (1 - SHOWN)), zero_division=0.0)),
        )


@dataclass(frozen=True, slots=True)
class EncodedComparison:
    """The left-out figures of ours, of ours recalibrated, and of both eyes, on one grouping."""

    groups: int  # number of groups that were left out, some at a time
    ours: LeftOutFigures
    recalibrated: LeftOutFigures  # ours with slope and intercept of the other groups' answers
    both: LeftOutFigures
    gain: float  # of the mean log loss over the better of the other two
    gain_error: float  # the standard error of the gain, over groups

    @property
    def is_better(self) -> bool:
        """Whether the encoding helps by more than its standard error, and by what matters."""
        return self.gain > max(self.gain_error, MATTERS * (self.both.log_loss + self.gain))


def compare(photos: AnsweredPhotos) -> EncodedComparison | None:
    """Return how both eyes do on left-out groups beside ours; None where groups are too few."""
    reduced = _reduced(photos.encodings)[0]
    fold = folds_of_pictures(photos.shows, photos.group)
    if fold is None:
        return None
    y, ours = photos.shows, photos.ours
    recalibrated, both = np.zeros(len(y)), np.zeros(len(y))
    for part in np.unique(fold):
        learnt, out = fold != part, fold == part
        reach = _reach(ours[learnt], reduced[learnt], y[learnt], photos.group[learnt])
        for odds, far in ((recalibrated, 0.0), (both, reach)):
            slope, intercept, weights = _fit(ours[learnt], reduced[learnt], y[learnt], far)
            odds[out] = slope * ours[out] + intercept + reduced[out] @ weights
    losses = {name: _loss(y, odds) for name, odds in (("ours", ours), ("again", recalibrated))}
    better = min(losses.values(), key=lambda loss: float(loss.mean()))
    difference = better - _loss(y, both)
    return EncodedComparison(
        len(np.unique(photos.group)),
        LeftOutFigures.of(y, ours),
        LeftOutFigures.of(y, recalibrated),
        LeftOutFigures.of(y, both),
        float(difference.mean()),
        _error(difference, photos.group),
    )


def fit(measure: str, photos: AnsweredPhotos, *, version: str = "") -> EncodedReader:
    """Return the correction of a measure, fitted to all photos."""
    reduced, axes = _reduced(photos.encodings)
    reach = _reach(photos.ours, reduced, photos.shows, photos.group)
    slope, intercept, weights = _fit(photos.ours, reduced, photos.shows, reach)
    return EncodedReader(measure, slope, intercept, axes.T @ weights, version)


def _reach(ours: Numbers, X: Numbers, y: Truth, group: NDArray[np.int64]) -> float:
    """Return the reach with the least log loss on left-out groups; 0 where groups are too few."""
    fold = folds_of_pictures(y, group)
    if fold is None:
        return 0.0
    loss = dict.fromkeys(REACHES, 0.0)
    for part in np.unique(fold):
        learnt, out = fold != part, fold == part
        for reach in REACHES:
            slope, intercept, weights = _fit(ours[learnt], X[learnt], y[learnt], reach)
            odds = slope * ours[out] + intercept + X[out] @ weights
            loss[reach] += float(_loss(y[out], odds).sum())
    return min(REACHES, key=lambda reach: loss[reach])


def _fit(ours: Numbers, X: Numbers, y: Truth, reach: float) -> tuple[float, float, Numbers]:
    """Return slope, intercept and weights with the highest posterior density."""
    scaled = X * reach
    sign = np.where(y, 1.0, -1.0)

    def objective(values: Numbers) -> tuple[float, Numbers]:
        slope, intercept, weights = values[0], values[1], values[2:]
        odds = slope * ours + intercept + (scaled @ weights if reach else 0.0)
        margin = sign * odds
        slack = -sign / (1 + np.exp(np.clip(margin, -500, 500)))
        prior = np.concatenate(
            [[(slope - 1) / SLOPE**2, intercept / INTERCEPT**2], weights]
        )  # fmt: skip
        value = np.logaddexp(0, -margin).sum() + 0.5 * float(
            (slope - 1) ** 2 / SLOPE**2 + intercept**2 / INTERCEPT**2 + weights @ weights
        )
        pull = scaled.T @ slack if reach else np.zeros(len(weights))
        return float(value), np.concatenate([[slack @ ours, slack.sum()], pull]) + prior

    start = np.zeros(2 + X.shape[1])
    start[0] = 1.0
    best = scipy.optimize.minimize(
        objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}
    ).x
    return float(best[0]), float(best[1]), best[2:] * reach


def _reduced(encodings: Numbers) -> tuple[Numbers, Numbers]:
    """Return encodings on as many axes as there are photos at most, and these axes.

    What an encoding adds has about a standard deviation of 1 where all weights have: its numbers
    are divided by the root of their count. A ridge regression is the same on turned axes.
    """
    scaled = encodings / np.sqrt(max(1, encodings.shape[1]))
    if scaled.shape[0] >= scaled.shape[1]:
        return scaled, np.eye(scaled.shape[1]) / np.sqrt(max(1, encodings.shape[1]))
    u, s, axes = np.linalg.svd(scaled, full_matrices=False)
    return u * s, axes / np.sqrt(max(1, encodings.shape[1]))


def _loss(y: Truth, odds: Numbers) -> Numbers:
    return np.logaddexp(0, np.where(y, -odds, odds))


def _error(difference: Numbers, group: NDArray[np.int64]) -> float:
    """Return the standard error of a mean over photos that are alike within groups."""
    of = np.unique(group, return_inverse=True)[1]
    sums = np.bincount(of, difference - difference.mean())
    count = len(sums)
    return float(np.sqrt(count / max(1, count - 1) * (sums**2).sum()) / len(difference))
