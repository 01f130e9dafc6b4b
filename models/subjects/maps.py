"""Maps where in a photo fireworks, buildings and crowds are likely: a linear classifier a place.

It was trained on boxes drawn by hand, so that it sees a burst behind a speaker, a roof above trees
or a blurred crowd, where the mean over the whole photo, or a detector of persons, sees nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from presslens.models.estimators import load_estimators
from presslens.models.regression import unscaled
from presslens.models.vocabulary import Maps, Subject

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

MAPPED = (Subject.FIREWORKS, Subject.BUILDINGS, Subject.CROWD)
"""The mapped subjects, in the order of the maps."""

NUMBERS = ("peak", "top", "whole")
"""The numbers that ``summary`` returns for a map."""

ABSENT = -8.0
"""The log odds of a photo that was not mapped."""

_TOP = 4
"""So many places make the top of a map."""


class LinearMapper:
    """A classifier for each of ``MAPPED`` over the features of a place.

    Args:
        models: Pipelines of a scaler and a logistic regression.
    """

    def __init__(self, models: Mapping[Subject, Pipeline]) -> None:
        linear = [unscaled(models[subject]) for subject in MAPPED]
        self._weights = np.array([weights for weights, _ in linear], np.float32)
        self._biases = np.array([bias for _, bias in linear], np.float32)

    @classmethod
    def load(cls, path: Path) -> LinearMapper:
        """Read the classifiers from a ``.skops`` file."""
        models = load_estimators(path)
        return cls({subject: models[subject.value] for subject in MAPPED})

    def map(self, features: NDArray[np.float32]) -> Maps:
        """Return log odds, shape (3, rows, columns), from (1280, rows, columns) features."""
        odds = np.tensordot(self._weights, features, axes=1) + self._biases[:, None, None]
        return np.asarray(odds, np.float32)


def summary(odds: NDArray[np.float32]) -> tuple[float, float, float]:
    """Return ``NUMBERS`` of one map: its best place, its best four, and all taken together.

    The last is the logarithm of the mean odds over all places.
    """
    if not odds.size:
        return ABSENT, ABSENT, ABSENT
    places = np.sort(odds.ravel().astype(np.float64))
    whole = float(np.log(np.exp(np.clip(places, -30, 30)).mean()))
    return float(places[-1]), float(places[-_TOP:].mean()), whole


def covered(odds: NDArray[np.float32], *, least: float = 0.0) -> float:
    """Return the share of a map's places that have these log odds at least, 0–1."""
    return float((odds >= least).mean()) if odds.size else 0.0


def named(subjects: Sequence[Subject] = MAPPED) -> tuple[str, ...]:
    """Return the names of the numbers of all maps, in order: "fireworks_peak" and so on."""
    return tuple(f"{subject}_{name}" for subject in subjects for name in NUMBERS)
