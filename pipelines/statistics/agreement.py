"""Agreement of coders with each other, and of the machine with their consensus.

Agreement is estimated from the random part: photos that were drawn by chance and coded by two or
more. Each counts by the inverse of the probability that it was drawn for that, so that alpha is
about all photos of the frame; coding what catches the eye twice shows how coders agree on that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from presslens.models.accuracy import wilson
from presslens.pipelines.result import Interval, Rounded, Served
from presslens.pipelines.statistics.misclassification import NOBODY, CoderAccuracy
from presslens.pipelines.statistics.paired import kappa
from presslens.pipelines.statistics.photo_table import Numbers

ALPHA = (
    "Krippendorff's alpha, nominal, of photos drawn by chance, weighed by 1 / the probability of "
    "being drawn; bootstrap over photos"
)
DRAWS = 1000
"""Number of bootstrap draws of an interval."""

MOST_UNDEFINED = 0.05
"""Largest share of draws without alpha, 0–1; with more of them there is no interval."""

PICKED_ONLY = (
    "all photos coded by two people were picked, which says nothing of others: have photos drawn "
    "by chance coded by two people"
)


AnswersByCoder = Mapping[str, bool | None]
"""The answer of each coder for one photo; None: the coder can't tell."""


@dataclass(frozen=True, slots=True)
class RatedPhoto:
    """The coders' answers to one measure of a photo."""

    answers: AnswersByCoder  # the latest answer of each coder; adjudications aside
    # 1 / the probability that the photo was drawn to be coded twice, in any unit; None: it was
    # picked.
    weight: float | None = None

    @property
    def given(self) -> dict[str, bool]:
        """The answers of the coders who can tell."""
        return {coder: shows for coder, shows in self.answers.items() if shows is not None}


@dataclass(frozen=True, slots=True)
class Agreement(Served):
    """The agreement of coders on one measure, under one codebook."""

    SERVED: ClassVar[str] = """
        names=coders photos coded_twice picked_twice agreement=percent alpha interval kappa
        reason accuracy
    """

    measure: str
    codebook: str  # the codebook that the coders followed
    photos: int  # photos that at least one coder could answer for
    # Photos of the random part that two or more could answer for: the statistics are about these.
    coded_twice: int
    picked_twice: int  # picked photos that two or more could answer for; they are in no statistic
    coders: tuple[str, ...]  # names of all coders with an answer
    agreed: int  # photos of ``coded_twice`` with one answer of all coders
    # Share of photos with one answer of all coders, 0–1, weighed; None without any.
    percent: Rounded | None
    # Krippendorff's alpha (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability), at most
    # 1; None where it is undefined.
    alpha: Rounded | None
    interval: Interval | None  # its bootstrap interval; None where it is undefined
    # Cohen's kappa (1960, doi 10.1177/001316446002000104), weighed; None unless there are exactly
    # two coders and it is defined.
    kappa: Rounded | None
    reason: str | None  # why there is no alpha or no interval of it; None if there are both
    accuracy: CoderAccuracy  # how often one coder is right, by all drawn photos


@dataclass(frozen=True, slots=True)
class AnswerAccuracy(Served):
    """The accuracy of one answer of the machine, against the consensus of the coders."""

    SERVED: ClassVar[str] = "n right share interval"

    n: int  # photos with a consensus for which the machine gave this answer
    right: int  # photos of these whose consensus is the same

    @property
    def share(self) -> Rounded | None:
        """``right`` of ``n``, 0–1; None without any."""
        return self.right / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's 95 % interval of ``share``."""
        return wilson(self.share or 0.0, self.n)


@dataclass(frozen=True, slots=True)
class Confusion(Served):
    """The machine's answers to one measure against the consensus of the coders."""

    SERVED: ClassVar[str] = "yes no found=recall"

    measure: str
    yes: AnswerAccuracy  # the photos for which the machine says yes
    no: AnswerAccuracy  # the photos for which the machine says no

    @property
    def recall(self) -> AnswerAccuracy:
        """The recall: of the photos with a consensus of yes, those where the machine says yes."""
        return AnswerAccuracy(self.yes.right + self.no.n - self.no.right, self.yes.right)


def agreement(
    measure: str,
    photos: Iterable[RatedPhoto],
    accuracy: CoderAccuracy,
    *,
    codebook: str = "",
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """Return the agreement of coders on a measure.

    Args:
        photos: The coders' answers for each photo, all under the same codebook.
        accuracy: How often one coder is right, from ``coders.coder_accuracy``.
        codebook: The codebook that the coders followed.
        seed: Of the bootstrap.
    """
    answered = [photo for photo in photos if photo.given]
    drawn = [photo for photo in answered if photo.weight is not None]
    twice = [photo for photo in drawn if len(photo.given) > 1]
    picked = sum(len(photo.given) > 1 for photo in answered if photo.weight is None)
    counts = np.array([_counted(photo) for photo in twice], int).reshape(-1, 2)
    weights = np.array([photo.weight for photo in twice], dtype=float)
    weights = weights / weights.mean() if len(weights) else weights
    alike = counts.min(axis=1) == 0
    alpha, interval, reason = _alpha(counts, weights, picked, seed, confidence)
    return Agreement(
        measure,
        codebook,
        len(answered),
        len(twice),
        picked,
        tuple(sorted({coder for photo in answered for coder in photo.given})),
        int(alike.sum()),
        float(weights @ alike / weights.sum()) if twice else None,
        alpha,
        interval,
        _kappa(twice),
        reason,
        accuracy,
    )


def _counted(photo: RatedPhoto) -> tuple[int, int]:
    """Return how many coders say no, and how many say yes."""
    given = list(photo.given.values())
    return given.count(False), given.count(True)


def confusion(measure: str, pairs: Iterable[tuple[bool, bool]]) -> Confusion:
    """Count pairs of (answer of the machine, consensus of the coders)."""
    pairs = list(pairs)
    sides = []
    for answer in (True, False):
        truths = [shows for machine, shows in pairs if machine is answer]
        sides.append(AnswerAccuracy(len(truths), truths.count(answer)))
    return Confusion(measure, *sides)


def _alpha(
    counts: NDArray[np.int64], weights: Numbers, picked: int, seed: int, confidence: float
) -> tuple[float | None, tuple[float, float] | None, str | None]:
    """Return alpha, its interval, and the reason for a missing one, from counts of no and yes."""
    if not len(counts):
        return None, None, NOBODY if not picked else PICKED_ONLY
    if not counts.any(axis=0).all():  # chance agrees fully, too
        answer = "yes" if counts[:, 1].any() else "no"
        return None, None, f"no variation: all answers are {answer}"
    value = float(_of_draws(counts, weights, np.arange(len(counts))[None])[0])
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(counts), (DRAWS, len(counts)))
    drawn = _of_draws(counts, weights, picks)
    if len(drawn) < DRAWS * (1 - MOST_UNDEFINED):
        return value, None, "too few photos differ for an interval"
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return value, (float(low), float(high)), None


def _of_draws(
    counts: NDArray[np.int64], weights: Numbers, picks: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return alpha of each draw of photos that has both answers.

    Of answers without an order, it is 1 less observed by expected disagreement (Krippendorff 2019,
    Content Analysis, ch. 12), both added up over photos. Weights of a draw have a mean of 1, so
    that the correction for few answers is that of as many answers.
    """
    coders = counts.sum(axis=1)
    apart = 2.0 * counts[:, 0] * counts[:, 1] / (coders - 1)
    scale = weights[picks].mean(axis=1)
    observed, no, yes = (
        (weights * part)[picks].sum(axis=1) / scale for part in (apart, counts[:, 0], counts[:, 1])
    )
    both = (no > 0) & (yes > 0)
    observed, no, yes = observed[both], no[both], yes[both]
    return np.asarray(1.0 - observed * (no + yes - 1) / (2 * no * yes))


def _kappa(twice: Sequence[RatedPhoto]) -> float | None:
    """Return Cohen's kappa; None unless exactly two coders have answered, and not all alike."""
    coders = sorted({coder for photo in twice for coder in photo.given})
    if len(coders) != 2:
        return None
    table = np.zeros((2, 2))
    for photo in twice:
        first, second = (int(photo.given[coder]) for coder in coders)
        table[first, second] += photo.weight or 0.0
    estimate = kappa(table)
    return None if estimate is None else estimate.value
