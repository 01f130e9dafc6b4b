"""How far scores shift between scanners and kinds of print: one photo shown in several ways."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from presslens.lab.training.showing import AS_IS
from presslens.lab.training.subjects.left_out import collection_of
from presslens.lab.training.subjects.readers import OutOfFoldReading

Numbers = NDArray[np.float64]

PERIOD = np.arange(0.0, 2.01, 0.05)
"""The grid of standard deviations, in logits."""

_WIDE = 2.0
"""Standard deviation of the normal prior of one shift: keeps it finite where all photos agree."""

_STEPS = 30
_SURE = 1e-6


def period_likelihood(judged: OutOfFoldReading) -> dict[str, Numbers]:
    """Return the log likelihood of a period's standard deviation, by collection.

    The shift of a collection's scores is estimated for each way of showing its photos; between two
    ways it differs by a normal of twice the period's variance, and by the error of the estimate,
    which the jackknife over events tells. Photos and labels are the same, so that it is small.

    Args:
        judged: Readings by readers that never saw the photos' collections.

    Returns:
        Values over ``PERIOD`` of each collection that was shown in several ways.
    """
    likelihood: dict[str, Numbers] = {}
    ways = dict.fromkeys(e.shown for e in judged.examples)
    for collection in dict.fromkeys(collection_of(e.photo) for e in judged.examples):
        rows = [i for i, e in enumerate(judged.examples) if collection_of(e.photo) == collection]
        part = judged.chosen(rows)
        plain = part.of(shown=AS_IS)
        for way in ways:
            other = part.of(shown=way)
            if way != AS_IS and len(other.truth) == len(plain.truth):
                shift, error = _difference(plain, other)
                variance = 2 * PERIOD**2 + error**2
                value = -(shift**2) / (2 * variance) - np.log(variance) / 2
                likelihood[collection] = likelihood.get(collection, 0.0) + value
    return likelihood


def _difference(plain: OutOfFoldReading, other: OutOfFoldReading) -> tuple[float, float]:
    """Return how much further scores are shifted in one way of showing, and its standard error."""
    events = np.array([e.photo.group for e in plain.examples])
    shifts = [
        _shift(other.probability[mask], other.truth[mask])
        - _shift(plain.probability[mask], plain.truth[mask])
        for mask in (np.ones(len(events), bool), *(events != name for name in np.unique(events)))
    ]
    left_out = np.array(shifts[1:])
    n = len(left_out)
    error = float(np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum()))
    return shifts[0], max(error, 1 / np.sqrt(len(events)))


def _shift(probability: Numbers, truth: NDArray[np.bool_]) -> float:
    """Return the shift, in logits, after which probabilities fit the truth best."""
    scores = np.clip(probability, _SURE, 1 - _SURE)
    odds, shift = np.log(scores / (1 - scores)), 0.0
    for _ in range(_STEPS):
        chance = expit(odds + shift)
        slope = float((chance * (1 - chance)).sum()) + _WIDE**-2
        step = (float((truth - chance).sum()) - shift / _WIDE**2) / slope
        shift += float(np.clip(step, -1.0, 1.0))
    return shift
