"""Plans and draws validation samples: how many photos or pages of which stratum, in which order.

The frame is parted into strata, by the machine's probability for photos. Half of the sample is
shared out in proportion to the size of the strata, half by Neyman's allocation (1934,
doi 10.2307/2342192). This is a defensive mixture (Hesterberg 1995,
doi 10.1080/00401706.1995.10484303; Cochran 1977, *Sampling Techniques*, ch. 5): where the machine
is right, rare photos are reviewed where they are; where it is wrong, no stratum has less than half
of its part of a blind sample.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from typing import NamedTuple, TypeVar

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

from presslens.pipelines.statistics.photo_table import Numbers

Counts = NDArray[np.int64]
AmountT = TypeVar("AmountT", float, Numbers)

LEAST = 2
"""Smallest number of drawn photos of a stratum: without two, its variance can't be estimated."""

DEFENSIVE = 0.5
"""Part of the sample that is shared out in proportion to the size of the strata, 0–1."""

DOUBT = 0.01
"""Probabilities are drawn together towards ½ by so much when the spread of answers is foreseen.

A photo of probability 0 is so taken to show it with 0.5 %: a stratum of which the machine is sure
gets its reviews too, and the foreseen width does not rest on the machine alone.
"""

CELLS = 200
"""Photos of one stratum whose probabilities differ by less than 1 / CELLS are taken together."""

FARTHEST = 20.0
"""Largest shift of the log odds that is considered, in logits."""

PILOT = 10.0
"""Number of answers of a stratum that weigh as much as what is foreseen from probabilities."""


class Candidate(NamedTuple):
    """A photo or page of a frame; a tuple, as there are a hundred thousand."""

    id: int  # id of the photo or page
    key: str  # identifies it in every copy of the archive: the key decides its rank
    stratum: int  # index of its stratum, from 0
    variance: float  # foreseen mean square of its weighed residual: of answer less probability
    weight: float = 1.0  # 1, or its printed area in pages
    probability: float | None = None  # the machine's, 0–1; None for a page


@dataclass(frozen=True, slots=True, eq=False)
class FrameStrata:
    """The strata of a frame, s of them, and their photos in c cells of like probability."""

    size: Counts  # photos or pages of each stratum, shape (s,)
    variance: Numbers  # sum of their foreseen square residuals, weighed, shape (s,)
    # What a pilot has shown of that as a multiple of what the machine foresees, (s,).
    excess: Numbers
    stratum: Counts  # stratum of each cell, shape (c,)
    probability: Numbers  # of its photos to show the measure, widened by ``DOUBT``, 0–1, shape (c,)
    weight: Numbers  # sum of their weights, shape (c,)
    square: Numbers  # sum of their square weights, shape (c,)
    # Photos of each stratum whose drawn answers count beside those of a sample, shape (s,); None:
    # there are none.
    known: Counts | None = None
    # Log odds by which the probabilities are off, as an estimate says, where a width is foreseen.
    off: float = 0.0

    @classmethod
    def of(cls, candidates: Sequence[Candidate], count: int) -> FrameStrata:
        """Sum up a frame of ``count`` strata."""
        strata = np.array([candidate.stratum for candidate in candidates], np.int64)
        spread = np.array([candidate.variance for candidate in candidates], np.float64)
        weight = np.array([candidate.weight for candidate in candidates], np.float64)
        p = np.array([candidate.probability or 0.0 for candidate in candidates], np.float64)
        return cls._summed(strata, spread, p, weight, count)

    @classmethod
    def of_photos(cls, strata: Counts, p: Numbers, weight: Numbers, count: int) -> FrameStrata:
        """Sum up the n photos of a frame of ``count`` strata.

        Args:
            strata: Stratum of each photo, shape (n,).
            p: The machine's probability of each, 0–1, shape (n,).
            weight: Weight of each, shape (n,).
        """
        return cls._summed(strata, foreseen_variance(p, weight), p, weight, count)

    @classmethod
    def _summed(
        cls, strata: Counts, spread: Numbers, p: Numbers, weight: Numbers, count: int
    ) -> FrameStrata:
        bins = strata * CELLS + np.minimum((p * CELLS).astype(np.int64), CELLS - 1)
        filled, cell = np.unique(bins, return_inverse=True)
        n = np.bincount(cell, minlength=len(filled))
        return cls(
            np.bincount(strata, minlength=count).astype(np.int64),
            np.bincount(strata, spread, minlength=count).astype(np.float64),
            np.ones(count),
            filled // CELLS,
            doubted(np.bincount(cell, p) / np.maximum(n, 1)),
            np.bincount(cell, weight).astype(np.float64),
            np.bincount(cell, weight**2).astype(np.float64),
        )

    def learn(
        self,
        stratum: Counts,
        p: Numbers,
        weight: Numbers,
        label: Numbers,
        *,
        share: float | None = None,
    ) -> FrameStrata:
        """Return the strata with what m answers have shown of the machine's errors.

        A width is foreseen about the probabilities as the share calibrates them, for so an
        estimate takes them; the variance, by which a sample is shared out, about the machine's own.

        Args:
            stratum: Stratum of each answered photo, shape (m,).
            p: The machine's probability of each, 0–1, shape (m,).
            weight: Weight of each, shape (m,).
            label: The answers, 0 and 1, shape (m,).
            share: As the archive estimates it, 0–1; None: the probabilities do.
        """
        of = self if share is None else self.calibrated(share)

        def shown(residual: Numbers, mean: Numbers) -> Numbers:
            seen = np.bincount(stratum, residual**2, len(mean))
            number = np.bincount(stratum, minlength=len(mean))
            return np.asarray((PILOT * mean + seen) / (PILOT + number))

        size = np.maximum(self.size, 1)
        cell = scipy.special.expit(scipy.special.logit(self.probability) + of.off)
        at = scipy.special.expit(scipy.special.logit(doubted(p)) + of.off)
        mean = np.bincount(self.stratum, self.square * cell * (1 - cell), len(size)) / size
        excess = shown(weight * (label - at), mean) / np.maximum(mean, 1e-12)
        variance = self.size * shown(weight * (label - p), self.variance / size)
        return replace(of, variance=variance, excess=np.where(mean > 0, excess, 1.0))

    def calibrated(self, share: float) -> FrameStrata:
        """Return the strata with probabilities that are off by what makes their mean a share.

        Args:
            share: As an estimate states it, 0–1.
        """
        low, high = -FARTHEST, FARTHEST
        x, target = scipy.special.logit(self.probability), share * float(self.weight.sum())
        for _ in range(60):
            middle = (low + high) / 2
            less = float(self.weight @ scipy.special.expit(x + middle)) < target
            low, high = (middle, high) if less else (low, middle)
        return replace(self, off=high)

    def answered(self, drawn: Sequence[float]) -> Numbers:
        """Return how many photos have an answer once a sample is coded, shape (s,).

        A sample draws some photos again whose answers are known.

        Args:
            drawn: The sample of each stratum, s numbers.
        """
        known = np.zeros(len(self.size)) if self.known is None else self.known
        again = np.minimum(known / np.maximum(self.size, 1), 1.0)
        return np.asarray(known + np.array(drawn, float) * (1 - again))


def doubted(probability: AmountT) -> AmountT:
    """Return the machine's probability, 0–1, or many, widened by ``DOUBT``."""
    return (1 - DOUBT) * probability + DOUBT / 2


def foreseen_variance(probability: AmountT, weight: AmountT) -> AmountT:
    """Return the mean square of a photo's residual, answer less probability, by the machine.

    Args:
        probability: The machine's calibrated probability, 0–1, or many; it is widened by ``DOUBT``.
        weight: Weight of the photo, or of as many.
    """
    p = doubted(probability)
    # E(y - p)² where y is 1 with the doubted probability.
    spread = p * (1 - probability) ** 2 + (1 - p) * probability**2
    return weight**2 * spread


def allocate(strata: FrameStrata, total: int, *, least: Sequence[int] | None = None) -> list[int]:
    """Share a sample out between strata, in whole numbers.

    Args:
        total: Photos or pages in all.
        least: Those of each stratum that are drawn already; none is taken back.

    Returns:
        The sample of each stratum; together ``total``, more where ``least`` or ``LEAST`` asks for
        it, or the whole frame.
    """
    size = strata.size
    total = min(total, int(size.sum()))
    bottom = np.minimum(size, LEAST)
    if least is not None:
        bottom = np.maximum(bottom, np.minimum(size, least))
    needs = np.sqrt(size * strata.variance)
    parts = DEFENSIVE * _shares(size.astype(float)) + (1 - DEFENSIVE) * _shares(needs)
    target = _capped(parts, size, total)
    got = np.maximum(bottom, np.floor(target).astype(np.int64))
    while got.sum() < total:
        open_ = np.where(got < size, target - got, -np.inf)
        got[int(np.argmax(open_))] += 1
    while got.sum() > total and (got > bottom).any():
        over = np.where(got > bottom, got - target, -np.inf)
        got[int(np.argmax(over))] -= 1
    return [int(n) for n in got]


def foreseen_width(strata: FrameStrata, drawn: Sequence[float], confidence: float) -> float | None:
    """Return the width that the interval of the share is foreseen to have; None without weight.

    It is the score interval of ``design.design_totals`` for labels as the machine foresees them:
    shifts t of the log odds are accepted as long as the weighted residuals, the sum over the frame
    of (1 - π) (g - g(t)), lie within Student's quantile of zero, given their variance, the sum of
    (1 - π) / π · g(t) (1 - g(t)). So it is wider than by the normal approximation where the
    measure is rare.

    Args:
        drawn: The sample of each stratum, s numbers.
        confidence: Level of the interval, 0–1.
    """
    total = float(strata.weight.sum())
    if total <= 0:
        return None
    answered = strata.answered(drawn)
    chance_ = np.minimum(1.0, answered / np.maximum(strata.size, 1))
    if (chance_[strata.size > 0] >= 1).all():
        return 0.0
    if (chance_[strata.size > 0] <= 0).any() or answered.sum() < LEAST:
        return 1.0
    at = chance_[strata.stratum]
    left = (1 - at) * strata.weight
    share = (1 - at) / at * strata.square * strata.excess[strata.stratum]
    x = scipy.special.logit(strata.probability) + strata.off
    expected = scipy.special.expit(x)
    reach = float(scipy.special.stdtrit(answered.sum() - 1, 0.5 + confidence / 2))

    def rejected(shift: float, sign: float) -> bool:
        g = scipy.special.expit(x + shift)
        score = float(left @ (expected - g))
        return bool(score > sign * reach * np.sqrt(share @ (g * (1 - g))))

    ends = []
    for sign in (1.0, -1.0):
        low, high = -FARTHEST, FARTHEST
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if rejected(middle, sign) else (low, middle)
        ends.append(float(left @ scipy.special.expit(x + high)))
    return min(1.0, (ends[1] - ends[0]) / total)


def smallest_sample(
    strata: FrameStrata, width: float, confidence: float, *, least: Sequence[int] | None = None
) -> int:
    """Return the smallest number of photos whose interval is foreseen to be no wider.

    Args:
        width: The wished width of the interval, 0–1.
        confidence: Level of the interval, 0–1.
        least: Photos of each stratum that are drawn already.
    """
    low, high = sum(least or (0,)), int(strata.size.sum())
    while low < high:
        middle = (low + high) // 2
        foreseen = foreseen_width(strata, allocate(strata, middle, least=least), confidence)
        if foreseen is None or foreseen <= width:
            high = middle
        else:
            low = middle + 1
    return sum(allocate(strata, low, least=least))


def draw(
    candidates: Sequence[Candidate],
    numbers: Sequence[int],
    *,
    salt: str,
    before: Sequence[int] | None = None,
) -> list[Candidate]:
    """Draw a sample, in the order in which it is to be coded.

    Within a stratum every order of its photos is equally likely: they are sorted by a hash of
    their key. So the draw can be made again, and a larger one goes on where a smaller one stops.
    The first two of each stratum come first, and strata are mixed evenly then, so that coders who
    stop early leave all of them coded.

    Args:
        candidates: The frame.
        numbers: The sample of each stratum, from ``allocate``.
        salt: Seed and purpose: another one gives another order.
        before: Those of each stratum that were drawn before, and are omitted.
    """
    groups: list[list[Candidate]] = [[] for _ in numbers]
    for candidate in candidates:
        groups[candidate.stratum].append(candidate)
    order = []
    for i, group in enumerate(groups):
        start = before[i] if before else 0
        chosen = nsmallest(numbers[i], group, key=lambda one: rank(one.key, salt))[start:]
        # Where two come at once, the stratum in which what is rare is likelier goes first.
        order += [
            (0.0 if j + start < LEAST else (j + 0.5) / len(chosen), -i, one)
            for j, one in enumerate(chosen)
        ]
    order.sort(key=lambda place: place[:2])
    return [one for *_, one in order]


def rank(key: str, salt: str) -> bytes:
    """Return the reproducible random sort key of a photo or page."""
    return hashlib.blake2b(f"{salt}\0{key}".encode(), digest_size=16).digest()


def chance(key: str, salt: str) -> float:
    """Return a reproducible random number of a photo or page, 0–1."""
    return int.from_bytes(rank(key, salt)[:6]) / 2**48


def _shares(needs: Numbers) -> Numbers:
    total = float(needs.sum())
    return needs / total if total > 0 else np.zeros(len(needs))


def _capped(parts: Numbers, size: Counts, total: int) -> Numbers:
    """Return ``total`` shared out by parts; what a stratum can't hold goes to the others."""
    target = np.zeros(len(parts))
    free = size > 0
    left = float(total)
    while left > 0 and free.any():
        weights = np.where(free, np.maximum(parts, 1e-12), 0.0)
        target_share = left * weights / weights.sum()
        full = free & (target_share >= size)
        if not full.any():
            target += target_share
            return target
        target[full] = size[full]
        left -= float(size[full].sum())
        free &= ~full
    return target
