"""The enrolled figures, and how far faces are from each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.faces.embedding import cosines, distances

LEADER = "leader"
"""The role of a figure whose photos are counted as the leader's."""

_NEAREST = 3
"""One poor reference photo must not speak for a figure, and must not silence the good ones."""


@dataclass(frozen=True, slots=True, eq=False)
class EnrolledFigure:
    """A public person whom faces are matched with.

    Attributes:
        name: The figure's name.
        role: What the figure is to the paper, ``LEADER`` for instance.
        embeddings: One row per reference photo, shape (k, 640).
    """

    name: str
    role: str
    embeddings: NDArray[np.float32]

    def compare(
        self, faces: NDArray[np.float32]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the mean distance and cosine of faces to the three nearest references.

        Args:
            faces: Embeddings, shape (n, 640).
        """
        near = np.sort(distances(faces, self.embeddings), axis=1)[:, :_NEAREST]
        like = -np.sort(-cosines(faces, self.embeddings), axis=1)[:, :_NEAREST]
        return near.mean(axis=1), like.mean(axis=1)


class Gallery:
    """All enrolled figures. Names are unique."""

    def __init__(self, figures: Sequence[EnrolledFigure] = ()) -> None:
        self.figures = tuple(figures)
        names = [figure.name for figure in self.figures]
        if len(set(names)) < len(names):
            raise ValueError("two figures of a gallery have the same name")

    @property
    def leaders(self) -> frozenset[str]:
        """The names of the figures whose role is ``LEADER``."""
        return frozenset(figure.name for figure in self.figures if figure.role == LEADER)
