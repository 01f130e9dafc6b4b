"""Which photos of a newspaper are decided to show a measure: a score is not a decision.

A detector that ranks photos well may count double on a newspaper that it has never seen. Decided is
what is likely after the newspaper's own calibration; and where the likely photos are fewer or more
than that calibration expects, the threshold moves until about as many are decided. Where that is
so, precision and recall are about equal, which is near the highest F1 (Lipton, Elkan & Naryanaswamy
2014, doi 10.1007/978-3-662-44851-9_15).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit, logit

from presslens.pipelines.statistics.measure import LABEL, SUBJECTS
from presslens.pipelines.statistics.photo_table import Numbers

LEAST = 0.5
"""Share of the recipe's decision probability that every decided photo must reach."""

NEAR_POINTS, NEAR_SHARE = 0.02, 1 / 3
"""Up to so many points, or such a part of the expected share, the decided share agrees with it."""


def by_calibration(measure: str) -> bool:
    """Return whether a newspaper's calibration decides about a measure.

    Figures and the focus have verdicts of their own: a name is given by a face.
    """
    return measure in SUBJECTS or measure.startswith(LABEL)


@dataclass(frozen=True, slots=True)
class Decisions:
    """From where on photos of a newspaper are decided to show measures."""

    # Probability by the machine from which on photos that nobody calibrated are decided, 0–1.
    recipe: float
    points: Mapping[str, DecisionPoint] = field(default_factory=dict)  # by measure

    def point(self, measure: str) -> float:
        """Return the lowest probability by the machine of a decided photo."""
        one = self.points.get(measure)
        return self.recipe if one is None else one.raw

    def lowest(self, measure: str, least: float) -> float:
        """Return the probability by the machine that stands for one of a photo that is decided.

        The recipe's stands for the decision point, and others lie as far from it in log odds.
        """
        point = self.point(measure)
        if least == self.recipe or point == self.recipe or not 0.0 < least < 1.0 or point >= 1.0:
            return least if point == self.recipe or least in (0.0, 1.0) else point
        return float(expit(logit(point) + logit(least) - logit(self.recipe)))

    def shows(self, measure: str, probability: float | None) -> bool:
        """Return whether a photo with this probability is decided to show a measure."""
        return probability is not None and probability >= self.point(measure)


@dataclass(frozen=True, slots=True)
class DecisionPoint:
    """From where on photos of a newspaper are decided to show a measure."""

    raw: float  # probability by the machine from which on photos are decided; above 1: none
    expected: float  # mean probability of the photos after the newspaper's calibration, 0–1
    decided: float  # share of the photos that are decided, 0–1

    @property
    def agrees(self) -> bool:
        """Whether about as many photos are decided as are expected."""
        return abs(self.decided - self.expected) < _tolerance(self.expected)


def _tolerance(expected: float) -> float:
    """Return how far the decided share may lie from the expected one."""
    return max(NEAR_POINTS, NEAR_SHARE * expected)


def decision_point(probability: Numbers, calibrated: Numbers, *, decision: float) -> DecisionPoint:
    """Return from where on photos of a newspaper are decided to show a measure.

    Args:
        probability: The machine's probability of each photo, 0–1, shape (n,).
        calibrated: The probability after the newspaper's calibration, which rises with it.
        decision: The recipe's decision probability, 0–1, from which on a photo is likely to show
            the measure. No photo is decided with less than ``LEAST`` of it.
    """
    if not len(probability):
        return DecisionPoint(decision, 0.0, 0.0)
    order = np.argsort(-probability, kind="stable")
    raw, rest = probability[order], calibrated[order]
    expected = float(calibrated.sum())
    # Photos with one probability are decided together.
    last = np.append(np.flatnonzero(np.diff(raw)), len(raw) - 1)
    last = last[rest[last] >= LEAST * decision]
    counts = np.append(0, last + 1)
    likely = int((calibrated >= decision).sum())
    off = abs(counts - expected)
    near = off < _tolerance(expected / len(raw)) * len(raw)
    # Of the numbers that agree the nearest to that of likely photos; without any the nearest to it.
    order = np.lexsort((np.where(near, abs(counts - likely), off), ~near))
    n = int(counts[order[0]])
    # Half way to the next photo, so that rounding moves none.
    before, after = (raw[n - 1] if n else 2.0), (raw[n] if n < len(raw) else 0.0)
    return DecisionPoint(float(before + after) / 2, expected / len(raw), n / len(raw))
