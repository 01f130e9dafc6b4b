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

from presslens.models.estimators import load_estimators
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
    """A ``FaceGate``: a logistic regression over ``described``, for faces of ``LEAST`` px or more.

    Args:
        model: A scaler and a logistic regression (see ``models/cards/gate.md``).
    """

    def __init__(self, model: Pipeline) -> None:
        self._regression = ScaledRegression.of(model)

    @classmethod
    def load(cls, path: Path) -> HeadGate:
        """Read the classifier from a ``.skops`` file."""
        return cls(load_estimators(path))

    def judge(self, faces: Sequence[Face], heads: Heads) -> list[float]:
        """Return the probability, 0–1, that each face is a child's.

        Args:
            faces: Faces with the probability that the object network's scores give.
            heads: What their heads show.
        """
        child = [face.child for face in faces]
        large = [i for i, face in enumerate(faces) if face.box.height >= LEAST]
        if large:
            rows = described([child[i] for i in large], heads.ages[large])
            for i, p in zip(large, self._regression.probabilities(rows)[:, 1], strict=True):
                child[i] = float(p)
        return child


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
