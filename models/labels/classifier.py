"""Classifies photos for labels: one weight for each image feature."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from presslens.models.encoders.readers import EncodedReaders
from presslens.models.estimators import load_estimators
from presslens.models.labels.vocabulary import in_order
from presslens.models.regression import unscaled
from presslens.models.vocabulary import LabelReading, PhotoObservation, Vector

if TYPE_CHECKING:  # scikit-learn takes a second, which those who only list labels do without
    from sklearn.pipeline import Pipeline


@dataclass(frozen=True, slots=True, eq=False)
class LabelClassifier:
    """One label, as plain numbers."""

    name: str
    coefficients: Vector  # weight of each image feature, shape (1280,)
    intercept: float  # log odds of a photo whose features are all 0

    def probability(self, features: Vector | NDArray[np.float64]) -> float:
        """Return how likely a photo with these image features, shape (1280,), shows it, 0–1."""
        weights = self.coefficients.astype(np.float64)
        odds = float(features.astype(np.float64, copy=False) @ weights) + self.intercept
        return float(1 / (1 + np.exp(-min(max(odds, -60.0), 60.0))))

    @property
    def version(self) -> str:
        """A hash of the name and all numbers, 64 hex digits."""
        weights = np.asarray(self.coefficients, "<f4").tobytes()
        head = json.dumps([self.name, float(self.intercept)]).encode()
        return hashlib.sha256(head + b"\0" + weights).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class LabelSet:
    """Some labels that photos are read for, each name once."""

    classifiers: tuple[LabelClassifier, ...] = ()

    @property
    def version(self) -> str:
        """A hash of the versions of all classifiers, 64 hex digits."""
        return set_version(classifier.version for classifier in self.classifiers)

    def read(
        self, photo: PhotoObservation, encoded: EncodedReaders | None = None
    ) -> list[LabelReading]:
        """Return how likely a photo shows each label, as ``in_order``.

        Args:
            encoded: Readers of a user's image encoder, which correct some of the labels.
        """
        features = photo.features.astype(np.float64)
        probabilities = {c.name: c.probability(features) for c in self.classifiers}
        if encoded is not None:
            versions = {classifier.name: classifier.version for classifier in self.classifiers}
            probabilities = encoded.labels(probabilities, versions, photo.encoding)
        return [LabelReading(name, probabilities[name]) for name in in_order(list(probabilities))]


def set_version(versions: Iterable[str]) -> str:
    """Return the hash of a set of labels by the versions of its classifiers, in any order."""
    return hashlib.sha256(json.dumps(sorted(versions)).encode()).hexdigest()


NO_LABELS = LabelSet()
"""The empty set of labels."""


def load_built_in(path: Path) -> tuple[LabelClassifier, ...]:
    """Read the built-in labels from a ``.skops`` file, a regression each."""
    heads = load_estimators(path)
    return tuple(plain(name, heads[name]) for name in in_order(list(heads)))


def plain(name: str, model: Pipeline) -> LabelClassifier:
    """Return the classifier of a fitted scaler and regression: one weight for each feature."""
    weights, intercept = unscaled(model)
    return LabelClassifier(name, weights.astype(np.float32), intercept)
