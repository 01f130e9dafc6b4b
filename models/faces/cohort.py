"""Typical strangers: faces and references are compared with them, and not with each other alone.

Two networks that learned from the celebrities of the web find men of one region and age more alike
than others, and a blurred face like everybody. How like a face is to typical strangers, and how
like the references are to them, is what a likeness must exceed: the symmetric normalisation of
scores by a cohort (Matějka and others, Interspeech 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from presslens.models.faces.embedding import cosines, distances


class Resemblance(NamedTuple):
    """How like some faces are to the same persons, by both networks."""

    distance: NDArray[np.float64]  # by dlib's network, shape (n,)
    cosine: NDArray[np.float64]  # by faceres, whitened, shape (n,)


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Embeddings of typical strangers: averages over several persons, nobody's own."""

    embeddings: NDArray[np.float32]  # shape (k, 640)

    def resemblance(self, faces: NDArray[np.float32]) -> Resemblance:
        """Return the mean distance and cosine of faces to typical strangers.

        Args:
            faces: Embeddings, shape (n, 640).
        """
        far, alike = distances(faces, self.embeddings), cosines(faces, self.embeddings)
        return Resemblance(far.mean(axis=1), alike.mean(axis=1))
