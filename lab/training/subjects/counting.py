"""Training of the people counter, on photos whose people were counted by eye."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.lab.training import split
from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.subjects.examples import SubjectExample
from presslens.lab.training.subjects.labels import counted_people
from presslens.models.subjects.counting import (
    CONFIDENCE,
    EDGES,
    SEEN,
    PeopleCounter,
    described,
    seen,
    stratum,
)
from presslens.models.subjects.features import LENGTH
from presslens.models.vocabulary import PhotoObservation

FEW = 60
"""Photos with fewer people train the weights of detections."""

MANY = 8
"""Photos with as many people or more train the counting of crowds: where these end is not clear."""

GROUP = 16
"""Where so many people are, the mean relative error of the counting of crowds is made smallest."""

FACTORS = np.linspace(0.5, 1.2, 71)
"""By one of these the counts of crowds are multiplied."""

FEATURES = 0.06
"""Weight of the image features in a crowd."""

PENALTY = 30.0
"""Strength of the crowd's ridge."""

_DOMAIN = 3.0
"""What a state-media photo weighs."""

_WIDEST = 1.5
"""The error of the logarithm where too little was counted to learn it from."""


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """A photo whose people were counted.

    Attributes:
        example: The photo.
        observation: Its observation.
        crowd: Whether it is read as a crowd, out of fold.
        people: The count of people.
    """

    example: SubjectExample
    observation: PhotoObservation
    crowd: bool
    people: float


def counted(
    examples: Sequence[SubjectExample],
    observations: Sequence[PhotoObservation],
    crowd: NDArray[np.float64],
) -> list[Counted]:
    """Return the photos whose people were counted.

    Args:
        examples: Photos.
        crowd: The probability that each shows a crowd, 0–1.
    """
    return [
        Counted(example, observation, bool(p >= 0.5), count.best)
        for example, observation, p in zip(examples, observations, crowd, strict=True)
        if (count := counted_people(example.photo)) is not None
    ]


def fit(photos: Sequence[Counted]) -> PeopleCounter:
    """Return a counter fitted on photos, its errors and its factor from photos of other events."""
    groups = [photo.example.photo.group for photo in photos]
    people = np.array([photo.people for photo in photos])
    crowd = np.array([photo.crowd for photo in photos])
    few, many = np.empty(len(photos)), np.empty(len(photos))
    for fitted, left_out in GroupKFold(split.FOLDS).split(photos, groups=groups):
        counter = _fit([photos[i] for i in fitted], np.zeros(len(EDGES) + 1))
        for i in left_out:
            few[i] = counter.expected(photos[i].observation, crowd=False)
            many[i] = counter.expected(photos[i].observation, crowd=True)
    factor = least_relative_error(many[people >= GROUP], people[people >= GROUP])
    expected = np.where(crowd, many * factor, few)
    return _fit(photos, errors(expected, people), factor)


def least_relative_error(expected: NDArray[np.float64], people: NDArray[np.float64]) -> float:
    """Return the factor of ``FACTORS`` by which expected counts have the least relative error.

    A regression of logarithms errs as often upwards as downwards, but twice as many people are an
    error of 100 %, half as many one of 50 %: a little less than the middle is better.

    Args:
        expected: Counts of photos that were not learned from, n of them; 1 is returned without any.
        people: The true counts, at least 1.
    """
    if not len(people):
        return 1.0
    relative = np.abs(FACTORS[:, None] * expected - people) / people
    return float(FACTORS[relative.mean(axis=1).argmin()])


def out_of_fold(photos: Sequence[Counted]) -> list[PeopleCounter]:
    """Return for each photo a counter that was fitted without its event."""
    return split.out_of_fold(fit, photos, photos, group=lambda photo: photo.example.photo.group)


def errors(expected: NDArray[np.float64], people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each range of counts the error that a share ``CONFIDENCE`` stays within.

    The quantile is the one of conformal prediction, a little above the plain one (Lei et al.,
    "Distribution-free predictive inference for regression", 2018).
    """
    strata = np.array([stratum(value) for value in expected])
    distances = np.abs(np.log1p(np.maximum(expected, 0)) - np.log1p(people))
    errors_by_stratum = np.full(len(EDGES) + 1, _WIDEST)
    for k in range(len(errors_by_stratum)):
        own = distances[strata == k]
        level = CONFIDENCE * (1 + 1 / len(own)) if len(own) else 1.0
        if level < 1:
            errors_by_stratum[k] = np.quantile(own, level)
    return errors_by_stratum


def _fit(
    photos: Sequence[Counted], errors: NDArray[np.float64], factor: float = 1.0
) -> PeopleCounter:
    few = [photo for photo in photos if photo.people < FEW]
    crowd = _crowd([photo for photo in photos if photo.people >= MANY])
    crowd[-1].intercept_ += np.log(factor)
    return PeopleCounter(_worth(few), crowd, errors)


def _worth(photos: Sequence[Counted]) -> NDArray[np.float64]:
    """Return the weight of each number of ``counting.seen``, by relative least squares."""
    X = np.array([seen(photo.observation) for photo in photos]).reshape(-1, SEEN)
    people = np.array([photo.people for photo in photos])
    weight = np.sqrt(_domain(photos)) / (people + 1)
    worth, _ = nnls(X * weight[:, None], people * weight)
    return np.asarray(worth, np.float64)


def _crowd(photos: Sequence[Counted]) -> Pipeline:
    X = np.array([described(photo.observation) for photo in photos])
    y = np.log1p([photo.people for photo in photos])
    blocks = [
        ("features", StandardScaler(), slice(0, LENGTH)),
        ("numbers", StandardScaler(), slice(LENGTH, None)),
    ]
    model = make_pipeline(
        ColumnTransformer(blocks, transformer_weights={"features": FEATURES, "numbers": 1.0}),
        Ridge(PENALTY),
    )
    return model.fit(X, y, ridge__sample_weight=_domain(photos))


def _domain(photos: Sequence[Counted]) -> NDArray[np.float64]:
    return np.array([_DOMAIN if p.example.photo.dataset in STATE_MEDIA else 1.0 for p in photos])
