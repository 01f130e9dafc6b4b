"""Scores whether a photo is composed around the leader or the facility, with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from presslens.models.estimators import load_estimators, save_estimators
from presslens.models.focus.features import NAMES, SCENES, describe
from presslens.models.regression import ScaledRegression, contributions
from presslens.models.subjects.objects import object_scores
from presslens.models.vocabulary import Focus, FocusReading, PhotoObservation, Sighting

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from presslens.models.focus.classifier import FocusClassifier

REASONS = 5
"""Number of reasons that are given."""

CLASSES = (Focus.FACILITY, Focus.LEADER, Focus.NEITHER)
"""The classifier's classes, in its order, which is alphabetic."""


class FocusScorer:
    """Classifiers of scenes over a photo's objects, and a ``FocusClassifier`` over ``NAMES``."""

    def __init__(self, scenes: Mapping[str, Pipeline], verdict: FocusClassifier) -> None:
        """Take fitted classifiers.

        Args:
            scenes: One of each of ``SCENES``, over ``object_scores``; class 1 is that it looks so.
            verdict: Over ``NAMES``, classes ``CLASSES``.
        """
        self._scenes = {name: scenes[name] for name in SCENES}
        self._verdict = verdict
        self._scenery = [ScaledRegression.of(scene) for scene in self._scenes.values()]
        self._verdicts = ScaledRegression.of_steps(verdict.scaler_, verdict.linear_)

    @classmethod
    def load(cls, path: Path) -> FocusScorer:
        """Read a scorer from a ``.skops`` file."""
        parts = load_estimators(path)
        return cls(parts, parts["verdict"])

    def save(self, path: Path) -> None:
        """Write the scorer to a ``.skops`` file."""
        save_estimators({**self._scenes, "verdict": self._verdict}, path)

    def score(
        self,
        photo: PhotoObservation,
        sightings: Sequence[Sighting],
        doubts: Mapping[str, float],
        *,
        leaders: frozenset[str],
        margin: float,
    ) -> FocusReading:
        """Return the focus of one photo.

        Args:
            sightings: Which enrolled figures it shows.
            doubts: Probability of the figures without a sighting that they are there, 0–1.
            leaders: Names of the enrolled figures who are leaders; where there are none, the
                leader's score is 0, since nobody could have been recognised.
            margin: The verdict is unsure when its score leads by less than this, 0–1.
        """
        doubt = max((p for name, p in doubts.items() if name in leaders), default=0.0)
        scenes = self.scenes(object_scores(photo).astype(np.float64)[None])[0].tolist()
        row = describe(photo, sightings, leaders=leaders, doubt=doubt, scenes=scenes)
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

    def scenes(self, objects: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each of ``SCENES``, shape (n, len(SCENES)).

        Args:
            objects: ``object_scores`` of some photos, shape (n, 110).
        """
        columns = [scene.probabilities(objects)[:, 1] for scene in self._scenery]
        return np.column_stack(columns)

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
