"""The decision that two photos are prints of one picture, by how far they agree."""

from __future__ import annotations

import math
from dataclasses import dataclass

REPRINT = 0.8
"""Probability from which two photos are taken for prints of one picture.

It was chosen on one half of the labelled photos, so that one pair of photos of different events in
100,000 reaches it; pairs of one event do so far more often. ``presslens models evaluate reprints``
measures both on the other half.
"""

LEAST_PLACES = 5
"""Places that agree in prints of one picture at least: four do by chance in one pair of a hundred.
"""

_PLACES, _LIKENESS, _OFFSET = 1.8, 14.5, -12.3
"""Logistic regression of the log of the places, and of the likeness, on the same half."""


@dataclass(frozen=True, slots=True)
class PrintAgreement:
    """How far two photos agree."""

    places: int  # number of places that look alike, and lie as they would in prints of one picture
    likeness: float  # correlation of the two as small pictures, laid on each other so, -1 to 1

    @property
    def probability(self) -> float:
        """The probability that they are prints of one picture, 0–1."""
        if self.places < LEAST_PLACES:
            return 0.0
        score = _PLACES * math.log(self.places) + _LIKENESS * self.likeness + _OFFSET
        return 1 / (1 + math.exp(-score))

    @property
    def is_reprint(self) -> bool:
        """Whether they are taken for prints of one picture."""
        return self.probability >= REPRINT
