"""Which photos of a newspaper are decided to show a measure: a score is not a decision.

A detector that ranks photos well may count double on a newspaper that it has never seen. Decided is
what is likely after the newspaper's own calibration; and where the likely photos are fewer or more
than that calibration expects, the threshold moves until about as many are decided. Where that is
so, precision and recall are about equal, which is near the highest F1 (Lipton, Elkan & Naryanaswamy
2014, doi 10.1007/978-3-662-44851-9_15).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import expit, logit

from presslens.models.message import Message
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.consensus import focus_of
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import LABEL, SUBJECTS
from presslens.pipelines.statistics.misfit import FEWEST_PHOTOS
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable

LEAST = 0.5
"""Share of the recipe's decision probability that every decided photo must reach."""

NEAR_POINTS, NEAR_SHARE = 0.02, 1 / 3
"""Up to so many points, or such a part of the expected share, the decided share agrees with it."""


OWN_VERDICT = Message(
    "photos are taken to show it by a face or a verdict of their own; the share adds up all"
    " probabilities"
)
FEW_PHOTOS = Message(
    "a photo is taken to show it from a fixed probability on, since fewer than %(n)s photos of this"
    " newspaper are known; the share adds up all probabilities",
    n=FEWEST_PHOTOS,
)
UNLIKELY = Message(
    "the share adds up small probabilities of many photos, too few of which are likely enough to be"
    " taken to show it"
)
TOGETHER = Message("many photos have one probability, and are taken to show it together")
PART = Message(
    "of the whole newspaper about as many photos are taken to show it as the share says, though not"
    " of these alone"
)
"""Why more or fewer photos are decided than a share says."""


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
    # Why verdicts of the machine about the focus decide nothing there, by verdict.
    undecided: Mapping[Focus, str] = field(default_factory=dict)

    def point(self, measure: str) -> float:
        """Return the lowest probability by the machine of a decided photo."""
        one = self.points.get(measure)
        return self.recipe if one is None else one.raw

    def focus(self, settled: Mapping[str, bool], verdict: Focus | None) -> Focus | None:
        """Return what a photo is composed around; None where the machine's verdict decides nothing.

        Args:
            settled: What people have settled, by measure.
            verdict: The machine's verdict; None until it has looked at the photo.
        """
        return focus_of(settled, verdict, decides=verdict not in self.undecided)

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


def why_apart(
    measure: str, point: DecisionPoint | None, share: float | None, decided: float | None
) -> Message | None:
    """Return why the part of some photos that is decided is not their share; None where it is.

    Args:
        point: The newspaper's decision point; None where no calibration decides.
        share: The estimated share of the photos, 0–1; None where it is not known.
        decided: The part of the photos that is decided to show the measure, 0–1; None likewise.
    """
    if share is None or decided is None or DecisionPoint(0.0, share, decided).agrees:
        return None
    if point is None:
        return FEW_PHOTOS if by_calibration(measure) else OWN_VERDICT
    if point.agrees:
        return PART
    return UNLIKELY if point.decided < point.expected else TOGETHER


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


def newspaper_point(photos: ShareEstimator, decision: float) -> DecisionPoint | None:
    """Return from where on the photos of a newspaper are decided that nobody answered.

    Args:
        photos: The estimator of all photos of the newspaper, each of which counts alike.
        decision: The recipe's decision probability, 0–1.

    Returns:
        The point, with shares of all photos, those that people answered as these say; None of
        fewer than ``FEWEST_PHOTOS``, which calibrate nothing.
    """
    table = photos.table
    if len(table) < FEWEST_PHOTOS:
        return None
    open_, yes = ~table.answered, float(np.nansum(table.label)) / len(table)
    point = decision_point(table.probability[open_], photos.calibrated[open_], decision=decision)
    part = float(open_.mean())
    return replace(point, expected=yes + part * point.expected, decided=yes + part * point.decided)


def decided_photos(table: PhotoTable, point: float) -> Mask:
    """Return which photos are taken to show a measure: by people, or else from a point on, (n,)."""
    return np.where(table.answered, table.label == 1.0, table.probability >= point)
