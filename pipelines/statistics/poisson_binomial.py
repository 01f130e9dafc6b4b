"""Sums of independent yes-or-no events on a lattice: of photos, or of their printed area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

CELLS = 512
"""Number of steps of the summed area of photos, where photos weigh their area."""

FEW = 16
"""Largest number of photos whose possible sums are all kept distinct: more steps."""

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
        """Round weights to a lattice; equal weights lie on it exactly, one step each."""
        if not len(weights) or (weights == weights[0]).all():
            size = float(weights[0]) if len(weights) else 1.0
            return cls(np.ones(len(weights), np.int64), size, np.zeros(len(weights)))
        cells = CELLS if len(weights) > FEW else CELLS * _FINER
        size = float(weights.sum()) / cells
        exact = weights / size
        steps = np.rint(exact).astype(np.int64)
        return cls(steps, size, exact - steps)

    def blur(self, probabilities: Numbers) -> Numbers:
        """Return the error of a sum in steps, shape (m,).

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
    mass = np.zeros((int(steps.sum()) + 1, probabilities.shape[1]))
    mass[0] = 1.0
    moved = np.empty_like(mass)
    top = 1
    for p, step in zip(probabilities, steps.tolist(), strict=True):
        if step == 0:
            continue
        part = np.multiply(mass[:top], p, out=moved[:top])
        mass[:top] -= part
        mass[step : top + step] += part
        top += step
    # What is left of a cell after subtraction may be a rounding error below 0.
    return np.maximum(mass, 0.0, out=mass)


def poisson_binomial(probabilities: Sequence[float]) -> Numbers:
    """Return the distribution of the number of n independent events, shape (n + 1,).

    Exact (Hong 2013, doi 10.1016/j.csda.2012.10.006).

    Args:
        probabilities: The probability of each event, 0–1.
    """
    n = len(probabilities)
    column = np.asarray(probabilities, dtype=float).reshape(n, 1)
    return distributions(column, np.ones(n, np.int64))[:, 0]
