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
from dataclasses import dataclass
from heapq import nsmallest
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]

LEAST = 2
"""Smallest number of drawn photos of a stratum: without two, its variance can't be estimated."""

DEFENSIVE = 0.5
"""Part of the sample that is shared out in proportion to the size of the strata, 0–1."""

DOUBT = 0.02
"""Probabilities are drawn together towards ½ by so much when the spread of answers is foreseen.

A photo of probability 0 is so taken to show it with 1 %: a stratum of which the machine is sure
gets its reviews too, and the foreseen width does not rest on the machine alone.
"""

PILOT = 10.0
"""Number of answers of a stratum that weigh as much as what is foreseen from probabilities."""


class Candidate(NamedTuple):
    """A photo or page of a frame; a tuple, as there are a hundred thousand.

    Attributes:
        id: Id of the photo or page.
        key: Identifies it in every copy of the archive: the key decides its rank.
        stratum: Index of its stratum, from 0.
        variance: Foreseen mean square of its weighed residual: of answer less probability.
        weight: 1, or its printed area in pages.
        probability: The machine's, 0–1; None for a page.
    """

    id: int
    key: str
    stratum: int
    variance: float
    weight: float = 1.0
    probability: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FrameStrata:
    """The strata of a frame, s of them.

    Attributes:
        size: Photos or pages of each stratum, shape (s,).
        variance: Sum of their foreseen square residuals, weighed, shape (s,).
        weight: Weight of the whole frame.
    """

    size: Counts
    variance: Numbers
    weight: float

    @classmethod
    def of(cls, candidates: Sequence[Candidate], count: int) -> FrameStrata:
        """Sum up a frame of ``count`` strata."""
        strata = np.array([candidate.stratum for candidate in candidates], np.int64)
        spread = np.array([candidate.variance for candidate in candidates], np.float64)
        return cls(
            np.bincount(strata, minlength=count).astype(np.int64),
            np.bincount(strata, spread, minlength=count).astype(np.float64),
            float(sum(candidate.weight for candidate in candidates)),
        )

    def learn(self, residuals: Sequence[Sequence[float]]) -> FrameStrata:
        """Return the strata with the variance that a pilot has shown.

        Args:
            residuals: Weighed residuals of the answers of each stratum, s lists.
        """
        n = np.array([len(of_stratum) for of_stratum in residuals], float)
        seen = np.array([float(np.square(of_stratum).sum()) for of_stratum in residuals])
        mean = self.variance / np.maximum(self.size, 1)
        return FrameStrata(self.size, self.size * (PILOT * mean + seen) / (PILOT + n), self.weight)


def foreseen_variance(probability: float, weight: float = 1.0) -> float:
    """Return the mean square of a photo's residual, answer less probability, by the machine.

    Args:
        probability: The machine's calibrated probability, 0–1; it is widened by ``DOUBT``.
        weight: Weight of the photo.
    """
    doubted = (1 - DOUBT) * probability + DOUBT / 2
    # E(y - p)² where y is 1 with the doubted probability.
    spread = doubted * (1 - probability) ** 2 + (1 - doubted) * probability**2
    return weight**2 * spread


def allocate(strata: FrameStrata, total: int, *, least: Sequence[int] | None = None) -> list[int]:
    """Share a sample out between strata, in whole numbers.

    Args:
        strata: The strata.
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


def foreseen_width(strata: FrameStrata, drawn: Sequence[int], confidence: float) -> float | None:
    """Return the width that the interval of the share is foreseen to have; None without weight.

    The variance is that of the difference estimator of a stratified sample, with the correction
    for the finite frame: the sum of (1 - π) / π² times the square residual over the drawn photos
    (Cochran 1977, ch. 5; Egami and others 2023).

    Args:
        strata: The strata of the frame.
        drawn: The sample of each stratum, s numbers, at least 1 where there are photos.
        confidence: Level of the interval, 0–1.
    """
    if strata.weight <= 0:
        return None
    n = np.maximum(np.array(drawn, float), 1e-9)
    left = np.clip(strata.size - n, 0.0, None)
    variance = float((left / n * strata.variance).sum())
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    return min(1.0, float(2 * z * variance**0.5 / strata.weight))


def smallest_sample(
    strata: FrameStrata, width: float, confidence: float, *, least: Sequence[int] | None = None
) -> int:
    """Return the smallest number of photos whose interval is foreseen to be no wider.

    Args:
        strata: The strata of the frame.
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
        wanted = left * weights / weights.sum()
        full = free & (wanted >= size)
        if not full.any():
            target += wanted
            return target
        target[full] = size[full]
        left -= float(size[full].sum())
        free &= ~full
    return target
