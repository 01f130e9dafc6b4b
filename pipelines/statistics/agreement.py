"""How far coders agree with each other, and the machine with what they have settled."""

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
"""Bootstrap draws of an interval."""

MOST_UNDEFINED = 0.05
"""Share of draws that may have no alpha, 0–1; with more of them there is no interval."""

AnswersByCoder = Mapping[str, bool | None]
"""What each coder says of one photo; None: he can't tell."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far coders agree on one measure.

    Attributes:
        measure: What they were asked.
        photos: Photos that at least one coder could tell.
        coded_twice: Those that two or more could tell: the figures are about these.
        coders: Names of all who could tell any.
        agreed: Of ``coded_twice``, those in which all said the same.
        alpha: Krippendorff's alpha (Krippendorff 2011, Computing Krippendorff's
            Alpha-Reliability), at most 1; None where it is undefined.
        interval: Its bootstrap interval; None where it can't be told.
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
    """How often an answer of the machine is what was settled.

    Attributes:
        n: Settled photos to which it gave this answer.
        right: Those of them in which the settled answer is the same.
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
    """The machine's answers on one measure beside the settled ones.

    Attributes:
        measure: What was asked.
        yes: Where the machine says yes.
        no: Where the machine says no.
    """

    measure: str
    yes: AnswerAccuracy
    no: AnswerAccuracy

    @property
    def found(self) -> AnswerAccuracy:
        """Of the photos in which it is settled to be shown, those where the machine says so."""
        return AnswerAccuracy(self.yes.right + self.no.n - self.no.right, self.yes.right)

    def to_json(self) -> dict[str, Any]:
        """Return the confusion as it is served."""
        return {
            "yes": self.yes.to_json(),
            "no": self.no.to_json(),
            "found": self.found.to_json(),
        }


def agreement(
    measure: str, photos: Iterable[AnswersByCoder], *, seed: int = 0, confidence: float = 0.95
) -> Agreement:
    """Return how far coders agree on a measure.

    Args:
        measure: What they were asked.
        photos: Of each photo, what each coder last said; adjudications aside.
        seed: Of the bootstrap.
        confidence: Level of the interval.
    """
    told = [{c: v for c, v in said.items() if v is not None} for said in photos]
    told = [said for said in told if said]
    twice = [said for said in told if len(said) > 1]
    counts = np.array(
        [[list(said.values()).count(value) for value in (False, True)] for said in twice], int
    ).reshape(-1, 2)
    alpha, interval, reason = _alpha(counts, seed, confidence)
    return Agreement(
        measure,
        len(told),
        len(twice),
        tuple(sorted({coder for said in told for coder in said})),
        int((counts.min(axis=1) == 0).sum()) if twice else 0,
        alpha,
        interval,
        _kappa(twice),
        reason,
    )


def confusion(measure: str, pairs: Iterable[tuple[bool, bool]]) -> Confusion:
    """Count (what the machine says, what is settled) of photos."""
    pairs = list(pairs)
    sides = []
    for answer in (True, False):
        settled = [shows for machine, shows in pairs if machine is answer]
        sides.append(AnswerAccuracy(len(settled), settled.count(answer)))
    return Confusion(measure, *sides)


def _alpha(
    counts: NDArray[np.int64], seed: int, confidence: float
) -> tuple[float | None, tuple[float, float] | None, str | None]:
    """Return alpha, its interval, and what is missing of them; counts of no and yes a photo."""
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
    """Return alpha of each draw of photos in which both answers are, thousands of times faster.

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
    found = kappa(table)
    return None if found is None else found.value
