"""Totals of groups of photos by a validation sample: for the photos at hand, and for practice.

The total of the *frame* is the generalised regression estimator, sum of g + sum of (y - g) / pi,
which is unbiased by the design however wrong the model is (Särndal, Swensson & Wretman 1992): all
log odds of the model (``recalibration``) are shifted alike until the weighted residuals of the
drawn photos, sum of (1/pi - 1) (y - g), are zero (internal bias calibration: Firth & Bennett 1998,
doi 10.1111/1467-9868.00105). So each photo has one number, and groups of photos add up to the frame
(benchmarking: Rao & Molina 2015, ch. 6). The frame's interval inverts a score test: it holds every
shift t whose weighted residuals lie within Student's quantile of zero, given their variance
sum of (1 - pi) / pi² · g(t) (1 - g(t)). Where the machine tells nothing this is Wilson's interval
(1927, doi 10.1080/01621459.1927.10502953) with the finite population correction; so it holds for
rare subjects too, and cannot leave what is possible.

The error of a *group* is in part that of the frame, which the score test knows, and in part its
own: what the effects and the photos of the group leave open, given the frame's total.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray
from scipy.special import expit

from presslens.models.recipe import NONRESPONSE
from presslens.pipelines.statistics.effects import whole_levels
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable
from presslens.pipelines.statistics.recalibration import (
    LinearForms,
    Recalibration,
    averaged,
    inclusion,
)

DUST = 1e-9
"""Weight of photos that is none."""

MOST_PICKS = 2.0
"""Photos that the sample stands for must be so many times the picked ones, to make up for them."""

FARTHEST = 45.0
"""Largest shift that is considered, in logits: beyond it all photos are certain."""

CERTAIN = 1e-8
"""Variance, as a share of the square of what is possible, that is taken for none."""

NEAR = 1.0
"""Largest shift, in logits, that the spread of groups follows: beyond it, all answers agree."""


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """The weight of the photos that show the measure, by group; arrays of shape (k,)."""

    value: Numbers  # the estimate
    low: Numbers  # lower end of the interval
    high: Numbers  # upper end
    # Mean half-width by photos without an answer and outside of the frame: part of it.
    doubt: Numbers
    errors: GroupErrors  # how the errors of groups go together
    photos: Numbers  # probability of each of n photos, 0–1, that ``value`` sums up, shape (n,)

    def correlation(self, first: int, second: int, confidence: float) -> float:
        """Return the correlation of the errors of two groups, -1 to 1."""
        z = float(scipy.special.ndtri((1 + confidence) / 2))
        half = [float(self.high[k] - self.low[k]) / (2 * z) for k in (first, second)]
        if min(half) <= 0:
            return 0.0
        return float(np.clip(self.errors.covariance(first, second) / (half[0] * half[1]), -1, 1))


def benchmarked(value: Numbers, low: Numbers, high: Numbers, total: float) -> Numbers:
    """Return totals of groups that add up to a total, shape (k,).

    Each moves by its variance, and not beyond its interval (Wang, Fuller & Qu 2008, Survey
    Methodology 34:29).

    Args:
        value: The total of each group, shape (k,).
        low: Lower ends of their intervals.
        high: Upper ends.
        total: What they add up to, where the intervals have the room.
    """
    variance = (high - low) ** 2
    for _ in range(len(value)):
        gap = total - float(value.sum())
        room = high - value if gap > 0 else low - value
        loose = np.where(np.abs(room) > DUST, variance, 0.0)
        if abs(gap) <= DUST or not loose.any():
            break
        step = gap * loose / loose.sum()
        value = value + np.sign(gap) * np.minimum(np.abs(step), np.abs(room))
    return value


@dataclass(frozen=True, slots=True, eq=False)
class GroupErrors:
    """The errors of the totals of k groups, apart from that of the frame."""

    forms: LinearForms  # by the effects
    outside: Numbers  # the share of photos outside of the frame in one more error, shape (k,)
    frame: float  # variance of the frame's error
    share: Numbers  # the part of the frame's error that each group has, shape (k,)
    model: float  # what the model takes for the variance of the frame's error

    def covariance(self, first: int, second: int) -> float:
        """Return the covariance of the errors of two groups without photos in common."""
        own = self.forms.at(first).covariance(self.forms.at(second))[0, 0]
        own += self.outside[first] * self.outside[second]
        return float(own) + float(self.share[first] * self.share[second]) * (
            self.frame - self.model
        )


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """The shifts of a model's log odds that the draw accepts, in logits."""

    low: float
    drawn: float  # the weighted residuals of drawn photos are zero
    high: float
    middle: float  # likewise, and picks are taken off

    @classmethod
    def of(cls, table: PhotoTable, logits: Numbers, *, confidence: float) -> Balance:
        """Return the shifts that the draw accepts.

        A pick settles its own photo. The sample stands for picks too, so what a pick adds to its
        own edition is taken from the other photos: in the middle it counts with weight -1, and the
        total of the frame stays what the sample says.

        Args:
            logits: The model's log odds of each, shape (n,).
            confidence: Level of the test, 0.95 for instance.
        """
        at, pull = table.sampled, pulls(table)
        chance = inclusion(table)[at]
        weight, label, x = table.weight[at], table.label[at], logits[at]
        draws, picked = pull[at], pull < 0
        settled, y, taken = logits[picked], table.label[picked], pull[picked]

        def residual(shift: float) -> float:
            return float(draws @ (label - expit(x + shift)))

        drawn = middle = _root(residual)
        if picked.any():
            middle = _root(lambda shift: residual(shift) + taken @ (y - expit(settled + shift)))
        square = (1 - chance) / chance**2 * weight**2
        square *= _overdispersion(label, x + np.clip(drawn, -NEAR, NEAR), square)
        reach = float(scipy.special.stdtrit(max(1, at.sum() - 1), (1 + confidence) / 2))

        def beyond(shift: float, sign: float) -> float:
            g = expit(x + shift)
            return residual(shift) - sign * reach * float(np.sqrt(square @ (g * (1 - g))))

        low, high = (_root(partial(beyond, sign=sign)) for sign in (1.0, -1.0))
        return cls(min(low, drawn), drawn, max(high, drawn), middle)


@dataclass(frozen=True, slots=True, eq=False)
class FrameTotal:
    """The total of the photos that the sample stands for, and its error."""

    balance: Balance  # of what is likeliest, by which the draw is tested
    logits: Numbers  # balanced log odds of the mean probability of each of n photos, shape (n,)
    form: LinearForms  # their expected total, one form
    weight: Numbers  # of each photo in it, 0 of others, shape (n,)
    spread: Numbers  # variance of what each of them shows, 0–0.25, shape (n,)
    below: float  # how far the draw accepts a lower total
    above: float  # how far it accepts a higher one
    model: float  # what the model takes for the variance of its error

    @classmethod
    def of(cls, table: PhotoTable, model: Recalibration, *, confidence: float) -> FrameTotal:
        """Return the total of the frame.

        Args:
            table: The n photos of the model.
            model: The recalibration of these.
            confidence: Level of the score test, 0.95 for instance.
        """
        within = table.framed
        balance = Balance.of(table, model.logits, confidence=confidence)
        even = Balance.of(table, model.mean_logits, confidence=confidence).middle
        near = expit(model.logits + np.clip(balance.middle, -NEAR, NEAR))
        spread = near * (1 - near)
        rows = np.flatnonzero(within & ~table.answered)
        form = model.totals(rows, table.weight[rows], np.zeros(len(rows), np.int64), 1)
        # Picks count with their probability: what they show is no news of the photos that the
        # sample stands for, and their answers bound the totals.
        loose = within & ~table.sampled
        low, middle, high = (
            float(table.weight[loose] @ expit(model.logits[loose] + shift))
            for shift in (balance.low, balance.drawn, balance.high)
        )
        variance = float(form.variance[0] + (table.weight**2 * spread)[rows].sum())
        ends = middle - low, high - middle
        logits = model.mean_logits + even
        return cls(balance, logits, form, table.weight * within, spread, *ends, variance)


def pulls(table: PhotoTable) -> Numbers:
    """Return how each photo counts in the balance, shape (n,)."""
    at, picked = table.sampled, table.picked & table.framed
    pull = np.zeros(len(table))
    pull[at] = (1 / inclusion(table)[at] - 1) * table.weight[at]
    if pull.sum() >= MOST_PICKS * table.weight[picked].sum():  # else hardly any is left to take off
        pull[picked] = -table.weight[picked]
    return pull


def _root(falling: Callable[[float], float]) -> float:
    """Return where a function falls through zero; an end where it does not."""
    low, high = -FARTHEST, FARTHEST
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2


def _overdispersion(label: Numbers, odds: Numbers, square: Numbers) -> float:
    """Return the residuals' variance as a multiple of what the model expects, 1 to 4."""
    g = expit(odds)
    expected = float(square @ (g * (1 - g)))
    if expected <= 0:
        return 1.0
    left = max(1.0, len(label) - 2.0)
    shown = float(square @ (label - g) ** 2) / expected * len(label) / left
    return float(np.clip(shown, 1.0, 4.0))


def design_totals(
    table: PhotoTable,
    group: NDArray[np.int64],
    count: int,
    model: Recalibration,
    frame: FrameTotal,
    *,
    period: float,
    newspaper: float,
    confidence: float,
    nonresponse: float = NONRESPONSE,
) -> Totals:
    """Estimate the totals of groups of photos.

    Args:
        table: The photos of the frame, and others.
        group: Of each photo, 0 to count - 1, or -1 for none.
        count: Number of groups.
        model: The recalibration of these photos.
        frame: The total that the groups are parts of.
        period: Standard deviation of a period's calibration error, in logits: of photos outside of
            the frame, of editions that came later for instance.
        newspaper: Likewise of a newspaper's: of photos of one that nobody drew from.
        nonresponse: Factor of the odds by which photos without an answer may at most differ from
            answered ones, 1 or more.
    """
    z = float(scipy.special.ndtri((1 + confidence) / 2))
    inside, open_ = group >= 0, ~table.answered
    x, likely = frame.logits, model.logits + frame.balance.middle
    curve = table.weight * frame.spread
    noise = table.weight * curve

    def add(part: Numbers, mask: Mask) -> Numbers:
        at = mask & inside
        return np.bincount(group[at], part[at], count).astype(float)

    least = add(table.weight * np.nan_to_num(table.label), ~open_)
    most = least + add(table.weight, open_)
    value = np.clip(least + add(table.weight * expit(x), open_), least, most)

    rows = np.flatnonzero(inside & open_)
    forms = model.totals(rows, table.weight[rows], group[rows], count)
    strange = add(_strange(table, period, newspaper) * curve, open_ & ~table.framed)
    own = forms.variance + strange**2 + add(noise, open_)
    shared = forms.covariance(frame.form)[:, 0] + add(frame.weight * curve, open_)
    share = shared / frame.model if frame.model > 0 else np.zeros(count)
    rest = np.maximum(own - share**2 * frame.model, 0.0)
    slope = add(curve, open_)
    apart = ~model.effects.levels(table, group, count)
    if apart.any():
        shift, doubt = model.apart(
            table, np.where(inside & apart[group], group, -1), count, frame.weight
        )
        # An effect of the editions between two days; parts of editions add up without. Of one group
        # alone the likeliest effect is small: the ends lie about the mean.
        whole = apart & np.isfinite(whole_levels(group, count, table.edition))
        own_effect = inside & whole[group]
        x = np.where(own_effect, averaged(x + shift[group], doubt[group]), x)
        likely = np.where(own_effect, x, likely)
        g = expit(x)
        value = np.clip(least + add(table.weight * g, open_), least, most)
        moved = np.where(whole, add(table.weight * g * (1 - g), open_), slope)
        rest = rest * np.maximum(moved / np.maximum(slope, 1e-9), 1.0) ** 2
        rest = rest + moved**2 * (doubt + np.where(whole, 0.0, shift**2))
        slope = moved
    # What effects leave open moves all log odds of a group; what its photos do, each by itself.
    loose = add(noise, open_)
    reach = z * np.sqrt(np.maximum(rest - loose, 0.0)) / np.maximum(slope, 1e-9)
    ends = matched_bounds(value, np.minimum(rest, loose), least, most, confidence=confidence)
    down, up = (
        add(table.weight * (expit(likely + far[group]) - expit(likely)), open_)
        for far in (-reach, reach)
    )
    lost = _unanswered(table, x, group, count, nonresponse)
    parts = np.maximum(share, 0.0)
    off = (value - ends[0], down, parts * frame.below), (ends[1] - value, up, parts * frame.above)
    below, above = (_beyond(np.linalg.norm(half, axis=0), lost, confidence) for half in off)
    variance = ((frame.below + frame.above) / (2 * z)) ** 2
    return Totals(
        value,
        np.clip(value - below, least, most),
        np.clip(value + above, least, most),
        np.hypot(lost, z * strange),
        GroupErrors(forms, strange, variance, share, frame.model),
        expit(x),
    )


def _strange(table: PhotoTable, period: float, newspaper: float) -> Numbers:
    """Return how far the scores of each photo outside of the frame may be off, in logits, (n,).

    By the error of a period; of a newspaper that nobody drew from, by that of a newspaper.
    """
    papers = table.newspapers
    drawn = set(papers[table.edition[table.sampled]])
    return np.array([period if one in drawn else newspaper for one in papers])[table.edition]


def _beyond(half: Numbers, bound: Numbers, confidence: float) -> Numbers:
    """Return half-widths where an estimate may be off by up to a bound to either side, besides.

    The interval holds the truth with the level given, wherever within the bound it is (Imbens &
    Manski 2004, doi 10.1111/j.1468-0262.2004.00555.x).
    """
    z = float(scipy.special.ndtri((1 + confidence) / 2))
    apart = np.where(half > 0, 2 * bound * z / np.maximum(half, 1e-300), 0.0)
    low, high = np.full(len(half), float(scipy.special.ndtri(confidence))), np.full(len(half), z)
    for _ in range(40):
        c = (low + high) / 2
        enough = scipy.special.ndtr(c + apart) - scipy.special.ndtr(-c) >= confidence
        low, high = np.where(enough, low, c), np.where(enough, c, high)
    return np.asarray(bound + half * high / z)


def _unanswered(
    table: PhotoTable, x: Numbers, group: NDArray[np.int64], count: int, odds: float
) -> Numbers:
    """Return the half-width that photos without an answer add, by group."""
    lost = table.unanswered & (group >= 0)
    at, g = x[lost], expit(x[lost])
    apart = np.maximum(expit(at + np.log(odds)) - g, g - expit(at - np.log(odds)))
    return np.bincount(
        group[lost], table.weight[lost] * apart / table.inclusion[lost], count
    ).astype(float)


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
    open_ = (span > 0) & (v > CERTAIN) & (m > 0) & (m < 1)
    m, v = np.where(open_, m, 0.5), np.where(open_, v, 1 / 12)
    strength = np.maximum(m * (1 - m) / v - 1, 1e-3)
    tail = (1 - confidence) / 2
    a, b = m * strength, (1 - m) * strength
    low = np.where(open_, least + span * scipy.special.betaincinv(a, b, tail), mean)
    high = np.where(open_, least + span * scipy.special.betaincinv(a, b, 1 - tail), mean)
    return np.minimum(low, mean), np.maximum(high, mean)
