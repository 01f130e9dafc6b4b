"""The enrolled figures, and the distances of faces to their references."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from presslens.models.faces.cohort import Resemblance
from presslens.models.faces.embedding import LENGTH, cosines, distances
from presslens.models.vocabulary import Vector


class Role(StrEnum):
    """The role of a figure in the paper; photos of leaders are counted as the leader's."""

    LEADER = "leader"
    HEIR = "heir"
    OFFICIAL = "official"
    OTHER = "other"


LEADER = Role.LEADER
"""The role of a figure whose photos are counted as the leader's."""

_NEAREST = 3
"""One poor reference photo must not speak for a figure, and must not silence the good ones."""


@dataclass(frozen=True, slots=True, eq=False)
class EnrolledFigure:
    """A public person with reference embeddings that faces are matched with.

    Raises:
        ValueError: There are not as many weights as references.
    """

    name: str  # the figure's name
    role: str  # what the figure is to the paper, a ``Role``
    embeddings: NDArray[np.float32]  # one row per reference photo, shape (k, 640)
    # How much each reference counts, 0–1, shape (k,); 1 each if they are not given.
    weights: NDArray[np.float32] = field(default_factory=lambda: np.ones(0, np.float32))

    def __post_init__(self) -> None:
        count = len(self.embeddings)
        if len(self.weights) == 0 < count:
            object.__setattr__(self, "weights", np.ones(count, np.float32))
        if len(self.weights) != count:
            raise ValueError(f"{self.name} has {count} references and {len(self.weights)} weights")

    @classmethod
    def of(cls, name: str, role: str, references: Sequence[tuple[Vector, float]]) -> EnrolledFigure:
        """Return a figure with references, each an embedding and how much it counts, 0–1."""
        if not references:
            return cls(name, role, np.empty((0, LENGTH), np.float32))
        vectors, weights = zip(*references, strict=True)
        return cls(name, role, np.stack(vectors), np.array(weights, np.float32))

    @property
    def counting(self) -> NDArray[np.float32]:
        """The references that have a weight, shape (n, 640)."""
        return self.embeddings[self.weights > 0]

    def compare(self, faces: NDArray[np.float32]) -> Resemblance:
        """Return the weighted mean distance and cosine of faces to the three nearest references.

        References without weight are passed over; without any others all are as far as can be.

        Args:
            faces: Embeddings, shape (n, 640).
        """
        references, weights = self.counting, self.weights[self.weights > 0]
        if not len(references):
            return Resemblance(np.full(len(faces), np.inf), np.full(len(faces), -1.0))
        far = _nearest(distances(faces, references), weights)
        return Resemblance(far, -_nearest(-cosines(faces, references), weights))


def _nearest(between: NDArray[np.float64], weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the weighted mean of the three least values of each row."""
    order = np.argsort(between, axis=1, kind="stable")[:, :_NEAREST]
    values = np.take_along_axis(between, order, axis=1)
    return np.asarray(np.average(values, axis=1, weights=weights[order]), np.float64)


class Gallery:
    """All enrolled figures. Names are unique."""

    def __init__(self, figures: Sequence[EnrolledFigure] = ()) -> None:
        self.figures = tuple(figures)
        names = [figure.name for figure in self.figures]
        if len(set(names)) < len(names):
            raise ValueError("two figures of a gallery have the same name")

    @property
    def leaders(self) -> frozenset[str]:
        """The names of the figures whose role is ``Role.LEADER``."""
        return frozenset(figure.name for figure in self.figures if figure.role == Role.LEADER)
