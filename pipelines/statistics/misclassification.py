"""Carries the errors of coders into shares that labels of photos estimate.

Labels that show a subject in a photo with probability s where it is there (sensitivity), and miss
none of a share c of the photos without it (specificity), count q = p·s + (1 - p)·(1 - c) where p is
true. Solved for p it is the estimator of Rogan & Gladen (1978,
doi 10.1093/oxfordjournals.aje.a112510). Its interval is a posterior: s and c are draws, p is flat
from 0 to 1 before the labels are seen, so that no end leaves what is possible (Lang & Reiczigel
2014, doi 10.1016/j.prevetmed.2013.09.015, compare such intervals with others).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import ArrayLike, NDArray

from presslens.models.message import Message
from presslens.pipelines.result import Interval, Rounded, Served
from presslens.pipelines.statistics.photo_table import Numbers

WITHOUT_ERROR = Message("coders' answers count as right: %(why)s")
"""The method where nothing tells how often coders err."""

NOBODY = Message("no photo was coded by two people")

LEAST_INFORMATIVE = 0.02
"""Smallest sensitivity + specificity - 1 that is divided by; below it labels say nothing."""

CONTRADICTED = Message(
    "coders who err as often as stated or measured would not label so: how often they err, or how "
    "photos were labelled, is different"
)
"""The note where the accuracy contradicts what was counted."""

MOST_PHOTOS = 1_000_000
"""Most photos that a rate is worth."""

_STATED = 4096
"""Draws of an accuracy that somebody states."""

_FEWEST_AGREE = 0.02
"""Smallest share of the draws, by effective number, that must agree with what was counted."""

_NARROWEST = 1e-9
"""Standard error of a share without sampling error."""


@dataclass(frozen=True, slots=True)
class PosteriorMean(Served):
    """The mean of a posterior with its 95 % interval."""

    value: Rounded
    interval: Interval

    @classmethod
    def of_draws(cls, draws: Numbers) -> Self:
        """Return the mean of draws from a posterior."""
        low, high = np.quantile(draws, (0.025, 0.975))
        return cls(float(draws.mean()), (float(low), float(high)))


class Rate(NamedTuple):
    """How often answers are right where the truth is one of two."""

    value: float  # 0–1
    # Photos whose truth was known that tell it, or as many as they are worth; None: it is certain.
    photos: float | None = None

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Return the rate of a text: 0.92, or 46/50, right answers of photos with a known truth.

        Raises:
            ValueError: It is neither, or not above a half and at most 1, or of too many photos.
        """
        right, slash, photos = text.partition("/")
        if slash and not 1 <= float(photos) <= MOST_PHOTOS:
            raise ValueError(f"{text} is not of 1 to {MOST_PHOTOS} photos")
        rate = cls(float(right) / float(photos), float(photos)) if slash else cls(float(text))
        if not 0.5 < rate.value <= 1.0:
            raise ValueError(f"{text} is not above a half and at most 1")
        return rate

    @classmethod
    def of_draws(cls, draws: Numbers) -> Rate:
        """Return the rate whose posterior has the mean and the variance of draws."""
        mean = float(draws.mean())
        if not np.ptp(draws):
            return cls(mean)
        # Both parameters of the beta together; floors that only more than ``MOST_PHOTOS`` reach.
        both = mean * max(1 - mean, 1e-12) / max(float(draws.var()), 1e-24) - 1
        both = min(max(both, 2.0), MOST_PHOTOS + 1)
        photos = round(both - 1, 3)
        return cls(min(1.0, round(mean * both - 0.5, 3) / photos), photos)

    @property
    def cell(self) -> str:
        """The text that ``parse`` makes the same rate of."""
        if self.photos is None:
            return repr(self.value)
        return f"{round(self.value * self.photos, 3)}/{self.photos}"

    def draws(self, at: Numbers) -> Numbers:
        """Return the quantiles of its posterior at levels, by the prior of Jeffreys."""
        if self.photos is None:
            return np.full(len(at), self.value)
        right = self.value * self.photos
        beta = scipy.special.betaincinv(right + 0.5, self.photos - right + 0.5, at)
        return np.asarray(beta, float)

    def __str__(self) -> str:
        """Return the rate in words."""
        if self.photos is None:
            return f"{self.value:g}"
        return f"{self.value:.2f} (of {self.photos:.0f} photos)"


@dataclass(frozen=True, slots=True, eq=False)
class CoderAccuracy(Served):
    """How often labels are right: draws of a posterior."""

    SERVED: ClassVar[str] = """
        sensitivity=mean_sensitivity specificity=mean_specificity n adjudicated method
    """

    sensitivity: Numbers  # probability of a yes where the photo shows it, 0–1, shape (d,)
    specificity: Numbers  # probability of a no where it does not, 0–1, shape (d,)
    n: int  # photos that two or more coded, or that were adjudicated; 0: nothing is known
    adjudicated: int  # photos of these that an adjudicator settled
    method: str  # how the posterior was made, or why there is none
    # What somebody states, or the posterior comes to; none: nothing is known.
    rates: tuple[Rate, Rate] | None = None
    stated: bool = False  # whether somebody stated it, in place of photos coded twice

    @classmethod
    def without_error(cls, why: str | None = None) -> CoderAccuracy:
        """Return the accuracy that corrects nothing, where nobody coded twice, or too little.

        Args:
            why: Why nothing is corrected; None: no photo was coded by two people.
        """
        return cls(np.ones(1), np.ones(1), 0, 0, Message(WITHOUT_ERROR, why=why or NOBODY))

    @property
    def measured(self) -> bool:
        """Whether anything tells how often coders err."""
        return self.n > 0

    @classmethod
    def of_rates(cls, sensitivity: Rate, specificity: Rate) -> CoderAccuracy:
        """Return the accuracy that somebody states, with its own uncertainty."""
        words = Message(
            "errors of coders taken out: sensitivity %(sensitivity)s, specificity %(specificity)s",
            sensitivity=str(sensitivity),
            specificity=str(specificity),
        )
        photos = round((sensitivity.photos or 0) + (specificity.photos or 0))
        spread = spread_levels(_STATED, 2, seed=1)
        draws = sensitivity.draws(spread[:, 0]), specificity.draws(spread[:, 1])
        rates = sensitivity, specificity
        return cls(*draws, max(1, photos), photos, words, rates, stated=True)

    @classmethod
    def of_cells(cls, sensitivity: str | None, specificity: str | None) -> CoderAccuracy | None:
        """Return the accuracy of texts of rates; one that nobody states is 1, of two it is None.

        Raises:
            ValueError: A text is no rate.
        """
        if not sensitivity and not specificity:
            return None
        return cls.of_rates(*(Rate.parse(text or "1") for text in (sensitivity, specificity)))

    @property
    def words(self) -> str:
        """What was done about errors of coders, in a sentence."""
        if self.stated or not self.measured:
            return self.method
        return Message(
            "errors of coders taken out, by %(n)s photos coded twice or adjudicated", n=self.n
        )

    @property
    def certain(self) -> bool:
        """Whether sensitivity and specificity are certain."""
        return float(np.ptp(self.sensitivity) + np.ptp(self.specificity)) == 0.0

    @property
    def typical(self) -> tuple[float, float]:
        """The medians of sensitivity and specificity, which a prior moves less than the means."""
        return float(np.median(self.sensitivity)), float(np.median(self.specificity))

    def carry(
        self,
        value: ArrayLike,
        low: ArrayLike,
        high: ArrayLike,
        *,
        confidence: float,
        photos: ArrayLike | None = None,
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Return (value, low, high) of shares as they would be with coders who never err.

        Values are linear in those given, so that editions still add up to their period, except
        where the correction would leave 0–1: there it is the median of the posterior. Where the
        accuracy contradicts what was counted the interval covers the one given, too.

        Args:
            value: Shares that labels estimate, 0–1, shape (k,) or a number.
            low: Low ends of their intervals.
            high: High ends; equal to the value where every photo was labelled.
            confidence: Level of the intervals, both those given and those returned.
            photos: Photos that each share is of: coders err by chance in so many. None: many.
        """
        value, low, high = (np.atleast_1d(np.asarray(x, dtype=float)) for x in (value, low, high))
        if not self.measured:
            return value, low, high
        finite = None if photos is None else np.broadcast_to(np.asarray(photos, float), value.shape)
        draws, weights = self._draws(value, low, high, confidence, finite)
        tail = (1 - confidence) / 2
        apart = _contradicted(weights)
        ends = weighted_quantiles(draws, np.where(apart, 1.0, weights), (tail, 0.5, 1 - tail))
        ends[0] = np.where(apart, np.minimum(ends[0], low), ends[0])
        ends[2] = np.where(apart, np.maximum(ends[2], high), ends[2])
        s, c = self.typical
        point = (value + c - 1) / max(s + c - 1, LEAST_INFORMATIVE)
        inside = (point > 0) & (point < 1)
        point = np.where(inside, point, ends[1])
        return point, np.minimum(ends[0], point), np.maximum(ends[2], point)

    def carry_difference(
        self,
        values: ArrayLike,
        lows: ArrayLike,
        highs: ArrayLike,
        *,
        confidence: float,
        photos: ArrayLike | None = None,
    ) -> tuple[float, float, float]:
        """Return (value, low, high) of the first share less the second, coded by the same coders.

        Args:
            values: The two shares, 0–1, of separate photos; shape (2,).
            lows: Low ends of their intervals.
            highs: High ends.
            photos: Photos of each share; None: many.
        """
        v, low, high = (np.asarray(x, dtype=float) for x in (values, lows, highs))
        if not self.measured:
            below, above = (
                np.hypot(v[0] - low[0], high[1] - v[1]),
                np.hypot(high[0] - v[0], v[1] - low[1]),
            )
            less = float(v[0] - v[1])
            return less, max(-1.0, less - float(below)), min(1.0, less + float(above))
        finite = None if photos is None else np.asarray(photos, dtype=float)
        draws, weights = self._draws(v, low, high, confidence, finite)
        point, _, _ = self.carry(v, low, high, confidence=confidence, photos=photos)
        less = float(point[0] - point[1])
        tail = (1 - confidence) / 2
        both = (weights[:, 0] * weights[:, 1])[:, None]
        both = np.where(_contradicted(both), 1.0, both)
        apart = (draws[:, 0] - draws[:, 1])[:, None]
        ends = weighted_quantiles(apart, both, (tail, 1 - tail))[:, 0]
        return less, min(float(ends[0]), less), max(float(ends[1]), less)

    def contradicts(
        self, value: float, low: float, high: float, *, confidence: float, photos: float
    ) -> bool:
        """Return whether hardly any draw agrees with a share that ``carry`` is given."""
        share, start, end, of = (np.array([x], float) for x in (value, low, high, photos))
        return bool(_contradicted(self._draws(share, start, end, confidence, of)[1])[0])

    @property
    def mean_sensitivity(self) -> PosteriorMean | None:
        """Share of the photos that show it that coders say show it."""
        return PosteriorMean.of_draws(self.sensitivity) if self.measured else None

    @property
    def mean_specificity(self) -> PosteriorMean | None:
        """Share of the photos that don't show it that coders say don't."""
        return PosteriorMean.of_draws(self.specificity) if self.measured else None

    def _draws(
        self, value: Numbers, low: Numbers, high: Numbers, confidence: float, photos: Numbers | None
    ) -> tuple[Numbers, Numbers]:
        """Return draws of the true shares, shape (d, k), and their weights."""
        s, c = self.sensitivity[:, None], self.specificity[:, None]
        slope = np.maximum(s + c - 1, LEAST_INFORMATIVE)
        reach = float(scipy.special.ndtri((1 + confidence) / 2))
        below, above = (value - low) / reach, (high - value) / reach
        if photos is not None:
            # Of N photos, each mistaken by chance: noise that a fixed population's error lacks.
            p = np.clip((value + c - 1) / slope, 0, 1)
            noise = (p * s * (1 - s) + (1 - p) * c * (1 - c)) / np.maximum(photos, 1)
            below, above = np.hypot(below, np.sqrt(noise)), np.hypot(above, np.sqrt(noise))
        below, above = np.maximum(below, _NARROWEST), np.maximum(above, _NARROWEST)

        def score(x: Numbers) -> Numbers:
            away = x - value
            return np.asarray(away / np.where(away < 0, below, above))

        least = 1 - c
        most = least + slope  # what p = 0 and p = 1 count
        start, end = scipy.special.ndtr(score(least)), scipy.special.ndtr(score(most))
        tail = (1 - confidence) / 2
        possible = ((start < 1 - tail) & (end > tail)).mean(axis=0) >= _FEWEST_AGREE
        weights = possible * (end - start) / slope
        uniform = spread_levels(*weights.shape)
        z = scipy.special.ndtri(np.clip(start + uniform * (end - start), 1e-12, 1 - 1e-12))
        counted = value + z * np.where(z < 0, below, above)
        return np.clip((counted - least) / slope, 0.0, 1.0), weights


def spread_levels(d: int, k: int, seed: int = 0) -> Numbers:
    """Return k columns of d evenly spread numbers in 0–1, in orders that go with nothing else.

    Args:
        d: Number of rows.
        k: Number of columns.
        seed: Another one where two are drawn together: alike, they would go with each other.
    """
    order = np.random.default_rng(seed).permutation(d)
    turned = (np.arange(d)[:, None] + 997 * np.arange(k)) % d
    return np.asarray((order[turned] + 0.5) / d)


def _contradicted(weights: Numbers) -> NDArray[np.bool_]:
    """Return whether hardly any draw of the accuracy agrees with what was counted, shape (k,)."""
    total = weights.sum(axis=0)
    agree = total**2 / np.maximum((weights**2).sum(axis=0), np.finfo(float).tiny)
    return np.asarray(agree < _FEWEST_AGREE * len(weights))


def weighted_quantiles(draws: Numbers, weights: Numbers, levels: tuple[float, ...]) -> Numbers:
    """Return weighted quantiles of each column, shape (levels, k)."""
    order = np.argsort(draws, axis=0)
    ranked = np.take_along_axis(draws, order, axis=0)
    mass = np.cumsum(np.take_along_axis(weights, order, axis=0), axis=0)
    mass /= mass[-1]
    places = [(mass < level).sum(axis=0).clip(0, len(draws) - 1) for level in levels]
    columns = np.arange(draws.shape[1])
    return np.stack([ranked[rows, columns] for rows in places])
