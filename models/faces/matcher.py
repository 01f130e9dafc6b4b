"""Which faces are an enrolled figure's, with a calibrated probability."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from models.faces.gallery import Gallery
from models.vocabulary import Face, Sighting

_SIDES = (8.0, 64.0)
"""Faces beyond these sides, in pixels, say no less and no more than those at them."""


class Matcher:
    """Turns distances between embeddings into probabilities, and those into sightings.

    Only enrolled figures are ever named: a face that is nobody's is dropped, and so is one
    without an embedding.
    """

    def __init__(self, model: Pipeline) -> None:
        """Take a classifier over ``evidence`` whose class 1 is "the figure's face"."""
        self._model = model

    @classmethod
    def load(cls, path: Path) -> Matcher:
        """Read a matcher from a ``.skops`` file."""
        return cls(skops.io.load(path, trusted=[]))

    def probabilities(
        self, distances: NDArray[np.float64], sides: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the probability, 0–1, that each face is the figure's.

        Args:
            distances: From the face to the figure, as ``EnrolledFigure.distance`` has it.
            sides: Of the face, in pixels of its photo.
        """
        found = np.zeros(len(distances))
        known = np.isfinite(distances)
        if known.any():
            rows = evidence(distances[known], sides[known])
            found[known] = self._model.predict_proba(rows)[:, 1]
        return found

    def sightings(
        self, faces: Sequence[Face], gallery: Gallery, *, threshold: float
    ) -> list[Sighting]:
        """Return the enrolled figures among the faces of one photo, the surest first.

        A figure is seen at most once, and a face is at most one figure's.

        Args:
            faces: The faces of one photo; those without an embedding are passed over.
            gallery: Whom to look for.
            threshold: Lowest probability that is a sighting, 0–1.
        """
        known = [(face, face.embedding) for face in faces if face.embedding is not None]
        if not known or not gallery.figures:
            return []
        sides = np.array([side(face) for face, _ in known])
        table = np.array(
            [
                self.probabilities(np.array([figure.distance(e) for _, e in known]), sides)
                for figure in gallery.figures
            ]
        )
        return [
            Sighting(gallery.figures[row].name, float(table[row, column]), known[column][0].box)
            for row, column in assign(table, threshold=threshold)
        ]


def evidence(distances: NDArray[np.float64], sides: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a face's probability is read from, shape (n, 3).

    The columns are the distance, the logarithm of the face's side (small faces say less), and
    their product, which lets the distance weigh less in small faces.
    """
    size = np.log2(np.clip(sides, *_SIDES))
    return np.column_stack([distances, size, distances * size])


def side(face: Face) -> float:
    """Return the side of a square as large as the face, in pixels."""
    return float(np.sqrt(face.box.area))


def assign(table: NDArray[np.float64], *, threshold: float) -> list[tuple[int, int]]:
    """Return (row, column) pairs, highest value first, no row and no column twice.

    Args:
        table: Probability of each figure (row) for each face (column), 0–1.
        threshold: Lower values are left out.
    """
    pairs: list[tuple[int, int]] = []
    for flat in np.argsort(-table, axis=None, kind="stable"):
        row, column = divmod(int(flat), table.shape[1])
        if table[row, column] < threshold:
            break
        if all(row != r and column != c for r, c in pairs):
            pairs.append((row, column))
    return pairs
