"""Scores whether a photo is composed around the leader or the facility, with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.estimators import load_estimators, save_estimators
from models.focus.contributions import contributions
from models.focus.features import NAMES, describe
from models.regression import ScaledRegression
from models.subjects.objects import object_scores
from models.vocabulary import (
    Focus,
    FocusReading,
    PhotoObservation,
    Sighting,
    SubjectReading,
)

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from models.focus.classifier import FocusClassifier

REASONS = 5
"""Number of reasons that are given."""

CLASSES = (Focus.FACILITY, Focus.LEADER, Focus.NEITHER)
"""The classifier's classes, in its order, which is alphabetic."""

_OWN_TYPES = ("models.focus.classifier.FocusClassifier",)
"""Types that a scorer's file may hold beside scikit-learn's and numpy's."""


class FocusScorer:
    """A scene classifier over what networks see, and a ``FocusClassifier`` over ``NAMES``."""

    def __init__(self, scene: Pipeline, verdict: FocusClassifier) -> None:
        """Take two fitted classifiers.

        Args:
            scene: Over ``scenery``; its class 1 is "composed around a facility".
            verdict: Over ``NAMES``, classes ``CLASSES``.
        """
        self.scene = scene
        self._verdict = verdict
        self._scenery = ScaledRegression.of(scene)
        self._verdicts = verdict.regression

    @classmethod
    def load(cls, path: Path) -> FocusScorer:
        """Read a scorer from a ``.skops`` file."""
        parts = load_estimators(path, trusted=_OWN_TYPES)
        return cls(parts["scene"], parts["verdict"])

    def save(self, path: Path) -> None:
        """Write the scorer to a ``.skops`` file."""
        save_estimators({"scene": self.scene, "verdict": self._verdict}, path)

    def score(
        self,
        photo: PhotoObservation,
        subjects: Sequence[SubjectReading],
        sightings: Sequence[Sighting],
        *,
        leaders: frozenset[str],
        margin: float,
    ) -> FocusReading:
        """Return the focus of one photo.

        Args:
            photo: Its observation.
            subjects: Its subject readings.
            sightings: Which enrolled figures it shows.
            leaders: Names of the enrolled figures who are leaders; where there are none, the
                leader's score is 0, since nobody could have been recognised.
            margin: The verdict is unsure when its score leads by less than this, 0–1.
        """
        scene = float(self._scenery.probabilities(scenery(photo)[None])[0, 1])
        row = describe(photo, subjects, sightings, leaders=leaders, scene=scene)
        scores = self.probabilities(row[None], enrolled=bool(leaders))[0]
        order = np.argsort(-scores, kind="stable")
        best = CLASSES[order[0]]
        sure = scores[order[0]] - scores[order[1]] >= margin
        reasons = self._reasons(row, best)
        return FocusReading(
            verdict=best if sure else Focus.UNSURE,
            leader=float(scores[CLASSES.index(Focus.LEADER)]),
            facility=float(scores[CLASSES.index(Focus.FACILITY)]),
            reasons=tuple((name, value) for name, value, _ in reasons),
            levels=tuple(level for _, _, level in reasons),
        )

    def probabilities(self, rows: NDArray[np.float64], *, enrolled: bool) -> NDArray[np.float64]:
        """Return the probability of each of ``CLASSES``, shape (n, 3).

        Args:
            rows: Features, shape (n, len(NAMES)).
            enrolled: Whether a leader could have been recognised.
        """
        scores = self._verdicts.probabilities(rows)
        if not enrolled:
            scores[:, CLASSES.index(Focus.LEADER)] = 0.0
        scaled: NDArray[np.float64] = scores / scores.sum(axis=1, keepdims=True)
        return scaled

    def _reasons(self, row: NDArray[np.float64], verdict: Focus) -> list[tuple[str, float, float]]:
        """Return the features for (+) and against (-) a verdict, strongest first.

        Each contribution comes with how far above the average training photo the feature lies,
        in standard deviations: a weight may be negative, so the contribution doesn't say it.
        """
        levels = self._verdicts.scaled(row[None])
        values = contributions(self._verdicts, levels)[0, CLASSES.index(verdict)]
        order = np.argsort(-np.abs(values), kind="stable")[:REASONS]
        return [(NAMES[i], float(values[i]), float(levels[0, i])) for i in order]


def scenery(photo: PhotoObservation) -> NDArray[np.float64]:
    """Return the features of a scene, shape (1390,): image features and scores of objects."""
    return np.concatenate([photo.features, object_scores(photo)]).astype(np.float64)
