"""Agreement of coders with each other, and of the machine with their consensus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import krippendorff
import numpy as np
from numpy.typing import NDArray

from models.accuracy import wilson
from pipelines.statistics.paired import kappa
from pipelines.statistics.rounding import rounded, rounded_interval

ALPHA = "Krippendorff's alpha, nominal; bootstrap over photos"
DRAWS = 1000
"""Number of bootstrap draws of an interval."""

MOST_UNDEFINED = 0.05
"""Largest share of draws without alpha, 0–1; with more of them there is no interval."""

AnswersByCoder = Mapping[str, bool | None]
"""The answer of each coder for one photo; None: the coder can't tell."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement of coders on one measure.

    Attributes:
        measure: The measure.
        photos: Photos that at least one coder could answer for.
        coded_twice: Photos that two or more could answer for: the statistics are about these.
        coders: Names of all coders with an answer.
        agreed: Photos of ``coded_twice`` with one answer of all coders.
        alpha: Krippendorff's alpha (Krippendorff 2011, Computing Krippendorff's
            Alpha-Reliability), at most 1; None where it is undefined.
        interval: Its bootstrap interval; None where it is undefined.
        kappa: Cohen's kappa (1960, doi 10.1177/001316446002000104); None unless there are
            exactly two coders and it is defined.
        reason: Why there is no alpha or no interval of it; None if there are both.
    """

    measure: str
    photos: int
    coded_twice: int
    coders: tuple[str, ...]
    agreed: int
    alpha: float | None
    interval: tuple[float, float] | None
    kappa: float | None
    reason: str | None

    @property
    def percent(self) -> float | None:
        """Share of the photos coded twice in which all answers are the same, 0–1; or None."""
        return self.agreed / self.coded_twice if self.coded_twice else None

    def to_json(self) -> dict[str, Any]:
        """Return the agreement as it is served."""
        return {
            "names": list(self.coders),
            "photos": self.photos,
            "coded_twice": self.coded_twice,
            "agreement": rounded(self.percent),
            "alpha": rounded(self.alpha),
            "interval": rounded_interval(self.interval),
            "kappa": rounded(self.kappa),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class AnswerAccuracy:
    """The accuracy of one answer of the machine, against the consensus of the coders.

    Attributes:
        n: Photos with a consensus for which the machine gave this answer.
        right: Photos of these whose consensus is the same.
    """

    n: int
    right: int

    @property
    def share(self) -> float | None:
        """``right`` of ``n``, 0–1; None without any."""
        return self.right / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of ``share``."""
        return wilson(self.share or 0.0, self.n)

    def to_json(self) -> dict[str, Any]:
        """Return the accuracy as it is served."""
        return {
            "n": self.n,
            "right": self.right,
            "share": rounded(self.share),
            "interval": rounded_interval(self.interval),
        }


@dataclass(frozen=True, slots=True)
class Confusion:
    """The machine's answers to one measure against the consensus of the coders.

    Attributes:
        measure: The measure.
        yes: The photos for which the machine says yes.
        no: The photos for which the machine says no.
    """

    measure: str
    yes: AnswerAccuracy
    no: AnswerAccuracy

    @property
    def recall(self) -> AnswerAccuracy:
        """The recall: of the photos with a consensus of yes, those where the machine says yes."""
        return AnswerAccuracy(self.yes.right + self.no.n - self.no.right, self.yes.right)

    def to_json(self) -> dict[str, Any]:
        """Return the confusion as it is served."""
        return {
            "yes": self.yes.to_json(),
            "no": self.no.to_json(),
            "found": self.recall.to_json(),
        }


def agreement(
    measure: str, photos: Iterable[AnswersByCoder], *, seed: int = 0, confidence: float = 0.95
) -> Agreement:
    """Return the agreement of coders on a measure.

    Args:
        measure: The measure.
        photos: The latest answer of each coder, for each photo; adjudications aside.
        seed: Of the bootstrap.
        confidence: Level of the interval.
    """
    answered = [{c: v for c, v in answers.items() if v is not None} for answers in photos]
    answered = [answers for answers in answered if answers]
    twice = [answers for answers in answered if len(answers) > 1]
    counts = np.array(
        [[list(answers.values()).count(value) for value in (False, True)] for answers in twice], int
    ).reshape(-1, 2)
    alpha, interval, reason = _alpha(counts, seed, confidence)
    return Agreement(
        measure,
        len(answered),
        len(twice),
        tuple(sorted({coder for answers in answered for coder in answers})),
        int((counts.min(axis=1) == 0).sum()) if twice else 0,
        alpha,
        interval,
        _kappa(twice),
        reason,
    )


def confusion(measure: str, pairs: Iterable[tuple[bool, bool]]) -> Confusion:
    """Count pairs of (answer of the machine, consensus of the coders)."""
    pairs = list(pairs)
    sides = []
    for answer in (True, False):
        settled = [shows for machine, shows in pairs if machine is answer]
        sides.append(AnswerAccuracy(len(settled), settled.count(answer)))
    return Confusion(measure, *sides)


def _alpha(
    counts: NDArray[np.int64], seed: int, confidence: float
) -> tuple[float | None, tuple[float, float] | None, str | None]:
    """Return alpha, its interval, and the reason for a missing one, from counts of no and yes."""
    if not len(counts):
        return None, None, "no photo is coded by two"
    value = _defined(counts)
    if value is None:
        answer = "yes" if counts[:, 1].any() else "no"
        return None, None, f"no variation: all answers are {answer}"
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(counts), (DRAWS, len(counts)))
    drawn = _of_draws(counts, picks)
    if len(drawn) < DRAWS * (1 - MOST_UNDEFINED):
        return value, None, "too few photos differ for an interval"
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return value, (float(low), float(high)), None


def _defined(counts: NDArray[np.int64]) -> float | None:
    """Return alpha; None where all answers are the same, so that chance agrees fully too."""
    if not counts.any(axis=0).all():
        return None
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


def _of_draws(counts: NDArray[np.int64], picks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return alpha of each draw of photos that has both answers, thousands of times faster.

    Of answers without an order, it is 1 less observed by expected disagreement (Krippendorff 2019,
    Content Analysis, ch. 12), both added up over photos.
    """
    coders = counts.sum(axis=1)
    apart = 2.0 * counts[:, 0] * counts[:, 1] / (coders - 1)
    observed = apart[picks].sum(axis=1)
    no, yes = (counts[:, i][picks].sum(axis=1).astype(float) for i in (0, 1))
    both = (no > 0) & (yes > 0)
    observed, no, yes = observed[both], no[both], yes[both]
    return np.asarray(1.0 - observed * (no + yes - 1) / (2 * no * yes))


def _kappa(twice: list[dict[str, bool]]) -> float | None:
    """Return Cohen's kappa; None unless exactly two coders have answered, and not all alike."""
    coders = sorted({coder for answers in twice for coder in answers})
    if len(coders) != 2:
        return None
    table = np.zeros((2, 2), np.int64)
    for answers in twice:
        table[int(answers[coders[0]]), int(answers[coders[1]])] += 1
    estimate = kappa(table)
    return None if estimate is None else estimate.value
