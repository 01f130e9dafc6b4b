"""Tells the faces of children, which are never embedded, by their heads and what is around them.

The object network sees the whole person and not the face: of a portrait it sees little, and of a
portrait in print less. The head is what tells there; of a small face it shows too little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from presslens.models.estimators import load_estimators, save_estimators
from presslens.models.instruments import FaceGate
from presslens.models.regression import ScaledRegression
from presslens.models.subjects.children import log_odds
from presslens.models.vocabulary import Face, Heads

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


LEAST = 24.0
"""Faces lower than this, in pixels, are judged by what is around them alone: a small head shows
that the picture is small before it shows a child."""


class HeadGate:
    """A ``FaceGate``: logistic regressions over ``described``, or over its first column alone.

    Args:
        heads: Judges faces of ``LEAST`` px or more, by all columns.
        around: Judges smaller ones, by what the object network's scores say of them.
    """

    def __init__(self, heads: Pipeline, around: Pipeline) -> None:
        self._stored = {"heads": heads, "around": around}
        self._heads, self._around = ScaledRegression.of(heads), ScaledRegression.of(around)

    @classmethod
    def load(cls, path: Path) -> HeadGate:
        """Read the regressions from a ``.skops`` file."""
        return cls(**load_estimators(path))

    def save(self, path: Path) -> None:
        """Write the regressions to a ``.skops`` file."""
        save_estimators(self._stored, path)

    def judge(self, faces: Sequence[Face], heads: Heads) -> list[float]:
        """Return the probability, 0–1, that each face is a child's.

        Args:
            faces: Faces with the probability that the object network's scores give.
            heads: What their heads show.
        """
        heights = [face.box.height for face in faces]
        return self.probabilities([face.child for face in faces], heads.ages, heights)

    def probabilities(
        self, child: Sequence[float], ages: NDArray[np.float32], heights: Sequence[float]
    ) -> list[float]:
        """Return the probability, 0–1, that each of n faces is a child's.

        Args:
            child: Probabilities by the object network's scores, 0–1.
            ages: From ``Heads``, shape (n, 256).
            heights: Of the faces, in pixels.
        """
        if not len(child):
            return []
        rows = described(child, ages)
        by_head = self._heads.probabilities(rows)[:, 1]
        by_place = self._around.probabilities(rows[:, :1])[:, 1]
        return [float(p) for p in np.where(np.array(heights) >= LEAST, by_head, by_place)]


def gated(faces: Sequence[Face], looked: Sequence[int], heads: Heads, gate: FaceGate) -> list[Face]:
    """Return the faces of a photo, those whose heads were looked at as the gate judges them.

    Args:
        faces: With the probability of a child that the object network's scores give.
        looked: Indices of the faces whose heads were looked at.
        heads: What these show.
        gate: Judges them.
    """
    judged = list(faces)
    for i, child in zip(looked, gate.judge([faces[i] for i in looked], heads), strict=True):
        judged[i] = replace(faces[i], child=child)
    return judged


def described(child: Sequence[float], ages: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return a row for each face, shape (n, 257).

    Args:
        child: Probabilities by the object network's scores, 0–1.
        ages: From ``Heads``, shape (n, 256).
    """
    return np.column_stack([log_odds(np.array(child, np.float64)), ages.astype(np.float64)])
