"""Totals of groups of photos by a validation sample: for the photos at hand, and for practice.

For *these* photos the only chance is which of them were drawn. The interval of a group inverts a
score test: it holds every common shift t of the recalibrated log odds whose weighted residuals
sum of (1/pi - 1) (y - g(t)) lie within Student's quantile of zero, given their variance
sum of (1 - pi) / pi² · g(t) (1 - g(t)). Where the machine tells nothing this is Wilson's interval
(1927, doi 10.1080/01621459.1927.10502953) with the finite population correction; so it holds for
rare subjects too, and cannot leave what is possible.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray
from scipy.special import expit

from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable
from presslens.pipelines.statistics.recalibration import EITHER, EXTREME, Recalibration, inclusion

SUPPORTED = 30
"""Drawn and answered photos from which on a group stands on its own draws."""

ODDS = 2.0
"""Factor of the odds, two standard deviations, by which photos without an answer may differ from
answered ones of the same machine probability (pattern mixture: Rubin 1977,
doi 10.1080/01621459.1977.10480610)."""

FEWEST = 2
"""Drawn and answered photos below which a group never stands on its own."""

BALANCED = 1e-6
"""Sum of weighted residuals, as a share of the weights, that is taken for zero."""

FARTHEST = 45.0
"""Largest shift that is considered, in logits: beyond it all photos are certain."""


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """The weight of the photos that show the measure, by group; arrays of shape (k,)."""

    value: Numbers  # the estimate
    low: Numbers  # lower end of the interval
    high: Numbers  # upper end
    # Whether the group's own draws make the interval; otherwise its block's do.
    own: NDArray[np.bool_]
    # Mean half-width by photos without an answer and outside of the frame: part of it.
    doubt: Numbers


def design_totals(
    table: PhotoTable,
    group: NDArray[np.int64],
    count: int,
    model: Recalibration,
    *,
    period: float,
    newspaper: float,
    confidence: float,
    adds_up: bool = True,
) -> Totals:
    """Estimate the totals of groups of photos.

    Photos outside of the frame, of editions that came later for instance, are estimated by the same
    recalibration, and may be off by the error of a period and of their editions.

    Args:
        table: The photos of the frame, and others.
        group: Of each photo, 0 to count - 1, or -1 for none.
        count: Number of groups.
        model: The recalibration of the whole frame.
        period: Standard deviation of a period's calibration error, in logits: of photos outside of
            the frame.
        newspaper: Likewise of a newspaper's: of photos of one that nobody drew from.
        confidence: Level of the intervals.
        adds_up: Whether totals of whole editions are the sums of their editions' totals; means of
            editions' shares are not: their weights are others than those of the recalibration.
    """
    photos = _Grouped.of(table, group, count, model)
    own = photos.own
    low, middle, high = _score_shifts(photos, confidence)
    value = photos.value(middle, adds_up=adds_up)
    shifts = photos.block_shifts(model, confidence)
    ends = [
        np.where(own, photos.shifted(shift), shared)
        for shift, shared in zip(
            (low, high), photos.shared(model, value, shifts, confidence), strict=True
        )
    ]
    lost = photos.unanswered()
    down, up = (
        np.hypot(lost, part)
        for part in photos.outside(model, shifts, period, newspaper, confidence)
    )
    below = np.hypot(np.maximum(value - ends[0], 0.0), down)
    above = np.hypot(np.maximum(ends[1] - value, 0.0), up)
    return Totals(
        value,
        np.clip(value - below, photos.least, photos.most),
        np.clip(value + above, photos.least, photos.most),
        own,
        (down + up) / 2,
    )


@dataclass(frozen=True, eq=False)
class _Grouped:
    """The photos of the groups, and what all intervals of their totals need.

    ``loose`` are the log odds ``x`` without the intercepts that stand for certainty: a shift moves
    them.
    """

    table: PhotoTable
    group: NDArray[np.int64]
    count: int
    x: Numbers
    loose: Numbers
    draws: Numbers
    block: NDArray[np.int64]
    every: PhotoTable
    excess: float

    @classmethod
    def of(
        cls, table: PhotoTable, group: NDArray[np.int64], count: int, model: Recalibration
    ) -> _Grouped:
        inside = group >= 0
        photos, draws = table.at(inside), 1 / inclusion(table) - 1
        excess = _overdispersion(table.at(table.sampled), draws[table.sampled], model)
        block, x = model.block[photos.edition], model.logits(photos)
        certain = np.where(np.abs(model.intercept) > EXTREME / 2, model.intercept, 0.0)
        loose = x - certain[block]
        return cls(photos, group[inside], count, x, loose, draws[inside], block, table, excess)

    def add(self, part: Numbers, mask: Mask) -> Numbers:
        """Return the sum over the photos of a mask, by group, shape (count,)."""
        return np.bincount(self.group[mask], part[mask], self.count).astype(float)

    @cached_property
    def open(self) -> Mask:
        return ~self.table.answered

    @cached_property
    def least(self) -> Numbers:
        """The weight of the photos that coders say show the measure."""
        return self.add(self.table.weight * self.table.label, self.table.answered)

    @cached_property
    def most(self) -> Numbers:
        """That weight and the weight of all photos without an answer."""
        return self.least + self.add(self.table.weight, self.open)

    @cached_property
    def drawn(self) -> Numbers:
        return self.add(np.ones(len(self.x)), self.table.sampled)

    @cached_property
    def own(self) -> Mask:
        """Whether a group stands on its own draws."""
        every = self.every.sampled.sum()
        return np.asarray(
            (self.drawn >= SUPPORTED) | ((self.drawn >= FEWEST) & (self.drawn == every))
        )

    @cached_property
    def balanced(self) -> Mask:
        """Whether the recalibration fits a group's own draws: one of whole blocks, for instance.

        It does if the weighted residuals sum to zero in each block, the picks taken off or not
        (``recalibration``).
        """
        size = int(self.block.max(initial=0)) + 1
        cell = self.group * size + self.block
        drawn, picked = self.table.sampled, self.table.picked & self.table.framed
        weight = self.table.weight * np.where(drawn, self.draws, 1.0)
        off = weight * (self.table.label - expit(self.x))
        draws, picks, scale = (
            np.bincount(cell[mask], part[mask], self.count * size)
            for part, mask in ((off, drawn), (off, picked), (weight, drawn | picked))
        )
        near = np.minimum(np.abs(draws), np.abs(draws - picks)) <= BALANCED * scale
        return np.asarray(near.reshape(self.count, size).all(axis=1))

    def value(self, shift: Numbers, *, adds_up: bool) -> Numbers:
        """Return the estimates, given the shift of each group that its own draws ask for."""
        value = self.least + self.add(self.table.weight * expit(self.x), self.open)
        # Groups of parts of editions, such as all front pages, get an intercept of their own, and
        # so do periods that cut across blocks, where they have the labels for it. Others don't:
        # editions add up to months, and months to the period.
        shifts = self._parts | self._labelled if adds_up else self._several
        value = np.where(self.own & shifts & ~self.balanced, self.shifted(shift), value)
        return np.asarray(np.clip(value, self.least, self.most))

    @cached_property
    def _parts(self) -> Mask:
        """Whether a group takes some photos of an edition and leaves others."""
        whole = np.bincount(self.every.edition, minlength=len(self.every.editions))
        counted = self._by_edition(np.ones(len(self.x)), np.ones(len(self.x), bool))
        return np.asarray(((counted > 0) & (counted < whole)).any(axis=1))

    @cached_property
    def _labelled(self) -> Mask:
        """Whether a group has as many labels of either answer as a block."""
        at, label = self.table.sampled, self.table.label
        counts = (self.add(np.ones(len(label)), at & (label == answer)) for answer in (0, 1))
        return np.asarray(self._several & (np.minimum(*counts) >= EITHER))

    @cached_property
    def _several(self) -> Mask:
        """Whether a group has photos of more than one edition."""
        pairs = np.unique(np.stack([self.group, self.table.edition]), axis=1)
        return np.asarray(np.bincount(pairs[0], minlength=self.count) > 1)

    def shifted(self, shift: Numbers) -> Numbers:
        """Return the totals where the log odds of each group are shifted, shape (count,).

        Picks count with their probability: what they show is no news of the photos that the sample
        stands for, and their answers bound the totals.
        """
        table, weight = self.table, self.table.weight
        g = expit(self.loose + shift[self.group])
        certain = self.add(weight * table.label, table.sampled | (table.picked & ~table.framed))
        moved = self.add(weight * g, table.framed & ~table.sampled)
        rest = self.add(weight * expit(self.x), self.open & ~table.framed)
        return certain + moved + rest

    def shared(
        self,
        model: Recalibration,
        value: Numbers,
        shifts: tuple[Numbers, Numbers],
        confidence: float,
    ) -> tuple[Numbers, Numbers]:
        """Return the ends of groups with few draws of their own: by their blocks and editions.

        What the draws of a block accept as a shift moves the group; the deviations of its editions,
        and its photos as such, are on top.
        """
        g = expit(self.x)
        weight, mask = self.table.weight, self.open & self.table.framed
        by_edition = self._by_edition(weight * g * (1 - g), mask)
        variance = self.add(weight**2 * g * (1 - g), mask) + by_edition**2 @ model.doubt**2
        own = matched_bounds(value, variance, self.least, self.most, confidence=confidence)
        down, up = (
            np.abs(self.add(weight * (expit(self.loose + shift) - g), mask)) for shift in shifts
        )
        return value - np.hypot(value - own[0], down), value + np.hypot(own[1] - value, up)

    def block_shifts(self, model: Recalibration, confidence: float) -> tuple[Numbers, Numbers]:
        """Return the lowest and highest shift that the draws of each photo's block accept, (n,)."""
        frame = self.every.at(self.every.framed)
        blocks = len(model.intercept)
        every = _Grouped.of(frame, model.block[frame.edition], blocks, model)
        low, _, high = _score_shifts(every, confidence)
        return low[self.block], high[self.block]

    def _strange(self, period: float, newspaper: float) -> Numbers:
        """Return how far the scores of each photo's edition may be off, in logits, shape (n,).

        By the error of a period; of a newspaper that nobody drew from, by that of a newspaper.
        """
        papers = np.array([cells[0] if cells else "" for cells in self.every.periods])
        drawn = np.unique(papers[self.every.edition[self.every.sampled]])
        return np.where(np.isin(papers, drawn), period, newspaper)[self.table.edition]

    def outside(
        self,
        model: Recalibration,
        shifts: tuple[Numbers, Numbers],
        period: float,
        newspaper: float,
        confidence: float,
    ) -> tuple[Numbers, Numbers]:
        """Return how far photos outside of the frame widen a total down and up, by group."""
        mask = self.open & ~self.table.framed
        if not mask.any():
            return np.zeros(self.count), np.zeros(self.count)
        weight, g = self.table.weight, expit(self.x)
        by_edition = self._by_edition(weight * g * (1 - g), mask)
        # The frame's editions are a few of those that the newspaper might have printed.
        seen = len(np.unique(self.every.edition[self.every.sampled]))
        block = float(_block_variance(self, model).max()) + model.spread**2 / seen
        z = float(scipy.special.ndtri((1 + confidence) / 2))
        strange = self._strange(period, newspaper)
        common = z * np.sqrt(strange**2 + block)
        # A block whose draws all agree is certain of its frame's photos, not of others: from what
        # its draws accept, the error of a period leads on.
        sure = self.x - self.loose
        least, most = shifts
        down = np.where(sure > 0, least - z * strange - sure, -common)
        up = np.where(sure < 0, most + z * strange - sure, common)
        own = z**2 * (self.add(weight**2 * g * (1 - g), mask) + by_edition**2 @ model.doubt**2)
        low, high = (
            np.sqrt(own + self.add(weight * (expit(self.x + shift) - g), mask) ** 2)
            for shift in (down, up)
        )
        return low, high

    def unanswered(self) -> Numbers:
        """Return the half-width that photos without an answer add, by group."""
        lost = self.table.unanswered
        g = expit(self.x)
        apart = np.maximum(expit(self.x + np.log(ODDS)) - g, g - expit(self.x - np.log(ODDS)))
        return self.add(self.table.weight * apart / self.table.inclusion, lost)

    def _by_edition(self, part: Numbers, mask: Mask) -> Numbers:
        e = len(self.table.editions)
        cell = self.group * e + self.table.edition
        sums = np.bincount(cell[mask], part[mask], self.count * e).astype(float)
        return sums.reshape(self.count, e)


def _overdispersion(sample: PhotoTable, draws: Numbers, model: Recalibration) -> float:
    """Return the residuals' variance as a multiple of what the model expects, 1 to 4."""
    g = expit(model.logits(sample))
    share = (draws**2 + draws) * sample.weight**2
    expected = float(share @ (g * (1 - g)))
    left = max(1.0, len(sample) - len(model.intercept) - 1.0)
    if expected <= 0:
        return 1.0
    shown = float(share @ (sample.label - g) ** 2) / expected * len(sample) / left
    return float(np.clip(shown, 1.0, 4.0))


def _block_variance(photos: _Grouped, model: Recalibration) -> Numbers:
    """Return the variance of each block's intercept, in logits²; 9 where nothing is known."""
    every = photos.every
    sample = every.at(every.sampled)
    draws = 1 / inclusion(every)[every.sampled] - 1
    g = expit(model.logits(sample))
    at, size = model.block[sample.edition], len(model.intercept)
    slope = np.bincount(at, draws * sample.weight * g * (1 - g), size)
    noise = np.bincount(at, (draws * sample.weight) ** 2 * g * (1 - g), size) * photos.excess
    return np.where(slope > 0, np.minimum(noise / np.maximum(slope, 1e-9) ** 2, 9.0), 9.0)


def _score_shifts(photos: _Grouped, confidence: float) -> tuple[Numbers, Numbers, Numbers]:
    """Return the lowest, likeliest and highest shift that each group's draws accept."""
    at = photos.table.sampled
    group, draws, x = photos.group[at], photos.draws[at], photos.loose[at]
    weight, label, count = photos.table.weight[at], photos.table.label[at], photos.count
    reach = scipy.special.stdtrit(np.maximum(photos.drawn - 1, 1), (1 + confidence) / 2)
    share = (draws**2 + draws) * weight**2 * photos.excess

    def rejected(shift: Numbers, sign: float) -> Mask:
        g = expit(x + shift[group])
        score = np.bincount(group, draws * weight * (label - g), count)
        variance = np.bincount(group, share * g * (1 - g), count)
        return np.asarray(score > sign * reach * np.sqrt(variance))

    ends = []
    for sign in (1.0, 0.0, -1.0):
        # Where all labels agree every shift to one side is accepted, out to the farthest.
        low, high = np.full(count, -FARTHEST), np.full(count, FARTHEST)
        for _ in range(50):
            middle = (low + high) / 2
            below = rejected(middle, sign)
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        ends.append((low + high) / 2)
    return ends[0], ends[1], ends[2]


def matched_bounds(
    mean: Numbers, variance: Numbers, least: Numbers, most: Numbers, *, confidence: float
) -> tuple[Numbers, Numbers]:
    """Return (low, high) of bounded quantities, by a beta of equal mean and variance.

    Args:
        mean: Of each quantity, shape (k,).
        least: The smallest that each can be.
        most: The largest.
        confidence: Level, 0.95 for instance.

    Returns:
        Two arrays of shape (k,), the mean between them; both are the mean where nothing is open.
    """
    span = most - least
    scale = np.where(span > 0, span, 1.0)
    m = np.clip((mean - least) / scale, 0.0, 1.0)
    v = variance / scale**2
    open_ = (span > 0) & (v > 0) & (m > 0) & (m < 1)
    m, v = np.where(open_, m, 0.5), np.where(open_, v, 1 / 12)
    strength = np.maximum(m * (1 - m) / v - 1, 1e-3)
    tail = (1 - confidence) / 2
    a, b = m * strength, (1 - m) * strength
    low = np.where(open_, least + span * scipy.special.betaincinv(a, b, tail), mean)
    high = np.where(open_, least + span * scipy.special.betaincinv(a, b, 1 - tail), mean)
    return np.minimum(low, mean), np.maximum(high, mean)
