"""Shares of measures of which each photo shows exactly one, as one multinomial.

Each measure by itself has a probability for each photo; those of one photo are scaled to add up to
1, times factors of the measures that balance them by the draw: the weighted residuals of the drawn
photos are zero for each measure (internal calibration of a multinomial regression: Firth & Bennett
1998, doi 10.1111/1467-9868.00105). So each total is what the draw says, and their sum is the number
of photos.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable

RAKINGS = 100
"""Rounds of raking, after which totals add up to ten digits."""

_ROUNDS = 200
_NEAR = 1e-11
_LEAST = 1e-30
"""Smallest probability that is scaled."""

_STEP = 3.0
"""Longest step of the logarithm of a factor."""


def shared_out(alone: Numbers, label: Numbers, factor: Numbers | None = None) -> Numbers:
    """Return probabilities that add up to 1 in each photo, shape (n, j).

    Args:
        alone: Probability of each of j measures by itself, 0–1, shape (n, j).
        label: 1 or 0 where coders answered, NaN elsewhere, shape (n, j). A yes excludes the other
            measures; a photo that does not show one shows one of the others.
        factor: Logarithm of each measure's factor, shape (j,); None: 0.
    """
    log = np.log(np.maximum(alone, _LEAST)) + (0.0 if factor is None else factor)
    log = log - log.max(axis=1, keepdims=True)
    yes, no = label == 1, label == 0
    allowed = np.where(yes.any(axis=1, keepdims=True), yes, ~no)
    # Answers that exclude every measure say nothing of which one it is.
    allowed |= ~allowed.any(axis=1, keepdims=True)
    log = np.where(allowed, log, -np.inf)
    part = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(part / part.sum(axis=1, keepdims=True))


def raked(totals: Numbers, of_measures: Numbers, of_groups: Numbers) -> Numbers:
    """Return totals of measures by group that add up both ways.

    (Deming & Stephan 1940, Annals of Mathematical Statistics 11:427.)

    Args:
        totals: Of j measures of which each photo shows one, in k groups, 0 or more, shape (j, k).
        of_measures: The total of each measure, shape (j,).
        of_groups: The weight of all photos of each group, shape (k,).
    """
    for _ in range(RAKINGS):
        totals = totals * (of_measures / np.maximum(totals.sum(axis=1), _LEAST))[:, None]
        totals = totals * (of_groups / np.maximum(totals.sum(axis=0), _LEAST))
    return totals


def balanced_factors(alone: Numbers, label: Numbers, pull: Numbers) -> Numbers:
    """Return the logarithm of each measure's factor, shape (j,): the draw balances all of them.

    Newton's method; where an answer leaves open which of two measures a photo shows, the answer is
    what the probabilities expect (Dempster, Laird & Rubin 1977).

    Args:
        alone: As of ``shared_out``.
        label: Likewise.
        pull: How each photo counts in the balance, from ``design.pulls``, shape (n,).
    """
    at: NDArray[np.int64] = np.flatnonzero((pull != 0) & ~np.isnan(label).all(axis=1))
    alone, label, pull = alone[at], label[at], pull[at]
    factor = np.zeros(alone.shape[1])
    nothing = np.full(label.shape, np.nan)
    for _ in range(_ROUNDS):
        q = shared_out(alone, nothing, factor)
        off = pull @ (shared_out(alone, label, factor) - q)
        if np.abs(off).max(initial=0.0) <= _NEAR * max(1.0, np.abs(pull).sum()):
            break
        curve = np.diag(pull @ q) - (q * pull[:, None]).T @ q
        step = np.linalg.lstsq(curve, off, rcond=1e-12)[0]
        factor = factor + step * min(1.0, _STEP / max(float(np.abs(step).max()), 1e-300))
    return factor


def joined(table: PhotoTable) -> list[PhotoTable]:
    """Return the tables beside one, each with all the others beside it, in its weights."""
    every = (replace(table, beside=()), *table.beside)
    return [
        replace(one, weight=table.weight, beside=(*every[: i + 1], *every[i + 2 :]))
        for i, one in enumerate(table.beside)
    ]


def labels_of(table: PhotoTable) -> Numbers:
    """Return the answers to a measure and those beside it, shape (n, j)."""
    return np.stack([table.label, *(one.label for one in table.beside)], axis=1)
