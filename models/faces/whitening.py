"""Whitens embeddings: takes out what faces of strangers have in common.

Persons who look alike to a network (men of one age in one kind of photo) differ from each other in
few directions. Taking the mean of strangers off and dividing by their spread makes those
directions count: strangers of the corpus become the measure, as in the normalisation of scores
against impostors (Auckenthaler and others, 2000) and in within-class whitening.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from presslens.models.estimators import load_estimators, save_estimators

SHRINKAGE = 1.0
"""Share of the mean variance that is added to each: directions of few strangers are unsure."""


@dataclass(frozen=True, slots=True, eq=False)
class Whitening:
    """An affine map of raw embeddings."""

    mean: NDArray[np.float32]  # of the strangers' embeddings, shape (1024,)
    # Directions by falling variance, each divided by its spread, shape (1024, 512).
    axes: NDArray[np.float32]

    @classmethod
    def fit(cls, raw: NDArray[np.float32], *, axes: int) -> Whitening:
        """Learn the map from strangers.

        Args:
            raw: The network's answers to faces of many persons, shape (n, 1024).
            axes: Number of directions.
        """
        unit = _unit(np.asarray(raw, np.float64))
        mean = unit.mean(axis=0)
        variance, directions = np.linalg.eigh(np.cov((unit - mean).T))
        spread = np.sqrt(variance + SHRINKAGE * variance.mean())
        scaled = (directions / spread)[:, ::-1][:, :axes]
        return cls(mean.astype(np.float32), scaled.astype(np.float32))

    @classmethod
    def load(cls, path: Path) -> Whitening:
        """Read a map from a ``.skops`` file."""
        parts = load_estimators(path)
        return cls(parts["mean"], parts["axes"])

    def save(self, path: Path) -> None:
        """Write the map to a ``.skops`` file."""
        save_estimators({"mean": self.mean, "axes": self.axes}, path)

    def apply(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return embeddings of length one, shape (n, 512), of raw ones, shape (n, 1024)."""
        return _unit((_unit(raw) - self.mean) @ self.axes)


def _unit(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-9), rows.dtype)
