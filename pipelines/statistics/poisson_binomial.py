"""Sums of independent yes-or-no events on a lattice: of photos, or of their printed area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

CELLS = 512
"""Into how many steps the whole area of some photos is divided, where photos weigh their area."""

FEW = 16
"""Up to so many photos, each possible sum is told apart: more steps, and none is lost."""

_FINER = 4


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """The weights of n photos as whole steps.

    Attributes:
        steps: Of each photo, shape (n,).
        size: Weight of one step.
        error: Weight less its steps, in steps, shape (n,); at most a half.
    """

    steps: NDArray[np.int64]
    size: float
    error: Numbers

    @classmethod
    def of(cls, weights: Numbers) -> Lattice:
        """Put weights on a lattice; equal weights lie on it exactly, one step each."""
        if not len(weights) or (weights == weights[0]).all():
            size = float(weights[0]) if len(weights) else 1.0
            return cls(np.ones(len(weights), np.int64), size, np.zeros(len(weights)))
        cells = CELLS if len(weights) > FEW else CELLS * _FINER
        size = float(weights.sum()) / cells
        exact = weights / size
        steps = np.rint(exact).astype(np.int64)
        return cls(steps, size, exact - steps)

    def blur(self, probabilities: Numbers) -> Numbers:
        """Return by how many steps a sum may be off, shape (m,).

        Args:
            probabilities: Of each photo, 0–1, shape (m, n).
        """
        open_ = probabilities * (1 - probabilities)
        if len(self.steps) <= FEW:
            return np.asarray((np.abs(self.error) * (open_ > 0)).sum(axis=1))
        return np.asarray(np.sqrt(open_ @ self.error**2))


def distributions(probabilities: Numbers, steps: NDArray[np.int64]) -> Numbers:
    """Return the distribution of the sum of steps in each of r cases, shape (s + 1, r).

    Exact, photo by photo, for all cases at once.

    Args:
        probabilities: Of each photo in each case, 0–1, shape (n, r).
        steps: Of each photo, shape (n,); their sum is s.
    """
    found = np.zeros((int(steps.sum()) + 1, probabilities.shape[1]))
    found[0] = 1.0
    moved = np.empty_like(found)
    top = 1
    for p, step in zip(probabilities, steps.tolist(), strict=True):
        if step == 0:
            continue
        part = np.multiply(found[:top], p, out=moved[:top])
        found[:top] -= part
        found[step : top + step] += part
        top += step
    # What is left of a cell after subtraction may be a rounding error below 0.
    return np.maximum(found, 0.0, out=found)


def poisson_binomial(probabilities: Sequence[float]) -> Numbers:
    """Return the distribution of how many of n independent events happen, shape (n + 1,).

    Exact (Hong 2013, doi 10.1016/j.csda.2012.10.006).

    Args:
        probabilities: The probability of each event, 0–1.
    """
    n = len(probabilities)
    given = np.asarray(probabilities, dtype=float).reshape(n, 1)
    return distributions(given, np.ones(n, np.int64))[:, 0]
