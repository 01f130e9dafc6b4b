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

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray
from scipy.special import expit, logit

from pipelines.statistics.beta import matched_bounds
from pipelines.statistics.photo_table import Numbers, PhotoTable
from pipelines.statistics.recalibration import EXTREME, Recalibration, inclusion

SUPPORTED = 30
"""Drawn and answered photos from which on a group stands on its own draws."""

ODDS = 2.0
"""Factor of the odds, two standard deviations, by which photos without an answer may differ from
answered ones of the same machine probability (pattern mixture: Rubin 1977,
doi 10.1080/01621459.1977.10480610)."""

FEWEST = 2


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """The weight of the photos that show the measure, by group; arrays of shape (k,).

    Attributes:
        value: The estimate.
        low: Lower end of the interval.
        high: Upper end.
        own: Whether the group's own draws make the interval; otherwise its block's do.
    """

    value: Numbers
    low: Numbers
    high: Numbers
    own: NDArray[np.bool_]


def design_totals(
    table: PhotoTable,
    group: NDArray[np.int64],
    count: int,
    model: Recalibration,
    *,
    edition_spread: float,
    confidence: float,
) -> Totals:
    """Estimate the totals of groups of photos of a sample's frame.

    Args:
        table: The photos of the frame.
        group: Of each photo, 0 to count - 1, or -1 for none.
        count: Number of groups.
        model: The recalibration of the whole frame.
        edition_spread: Standard deviation of an edition's calibration error, in logits.
        confidence: Level of the intervals.
    """
    inside = group >= 0
    group, weight, y = group[inside], table.weight[inside], table.label[inside]
    edition = table.edition[inside]
    sampled, picked = table.sampled[inside], table.picked[inside]
    x = model.logits(table)[inside]
    draws = 1 / inclusion(table)[inside] - 1
    open_ = ~sampled & ~picked
    known = sampled | picked

    def add(mask: NDArray[np.bool_], part: Numbers) -> Numbers:
        return np.bincount(group[mask], part[mask], count).astype(float)

    g = expit(x)
    yes = add(known, weight * y)
    most = yes + add(open_, weight)
    value = yes + add(open_, weight * g)
    drawn = add(sampled, np.ones_like(x))
    own = (drawn >= SUPPORTED) | ((drawn >= FEWEST) & (drawn == table.sampled.sum()))
    # Groups that cut across blocks get what is left of their own draws. An edition doesn't: its
    # deviation holds that already, and editions add up to their period.
    residual = add(sampled, draws * weight * (y - g)) - add(picked, weight * (y - g))
    value = np.where(own & (_editions(group, edition, count) > 1), value + residual, value)
    value = np.clip(value, yes, most)
    terms = _Score(group[sampled], count, draws[sampled], weight[sampled], y[sampled], x[sampled])
    excess = terms.overdispersion(table, model)
    low, high = terms.bounds(drawn, excess, confidence)
    shifted = [
        yes + add(open_, weight * expit(np.clip(_free(x) + t[group], -700, 700)))
        for t in (low, high)
    ]
    # What picks took from the others (see ``recalibration``) moves both ends alike.
    moved = np.where(own, -add(picked, weight * (y - g)), 0.0)
    shared = _shared(group, count, open_, weight, x, model, table, inside, yes, most, value, excess, confidence)
    ends = [np.where(own, end + moved, other) for end, other in zip(shifted, shared, strict=True)]
    ends = [np.minimum(ends[0], value), np.maximum(ends[1], value)]
    doubt = _unanswered(table, inside, group, count, weight, x)
    below, above = (np.hypot(np.abs(end - value), doubt) for end in ends)
    return Totals(
        value,
        np.clip(value - below, yes, most),
        np.clip(value + above, yes, most),
        own,
    )


def _editions(
    group: NDArray[np.int64], edition: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Return the number of editions of each group."""
    pairs = np.unique(np.stack([group, edition]), axis=1)
    return np.bincount(pairs[0], minlength=count)


def _free(x: Numbers) -> Numbers:
    """Return log odds without an intercept that stands for certainty: a shift can then move them."""
    return np.where(x < -EXTREME / 2, x + EXTREME, np.where(x > EXTREME / 2, x - EXTREME, x))


@dataclass(frozen=True, slots=True, eq=False)
class _Score:
    """The score test of each group; arrays of the drawn and answered photos."""

    group: NDArray[np.int64]
    count: int
    draws: Numbers
    weight: Numbers
    label: Numbers
    logits: Numbers

    def overdispersion(self, table: PhotoTable, model: Recalibration) -> float:
        """Return the residuals' variance as a multiple of what the model expects, 1 or more."""
        sample = table.at(table.sampled)
        g = expit(model.logits(sample))
        draws = 1 / inclusion(table)[table.sampled] - 1
        share = (draws**2 + draws) * sample.weight**2
        expected = float(share @ (g * (1 - g)))
        left = max(1.0, len(sample) - len(model.intercept) - 1.0)
        if expected <= 0:
            return 1.0
        return float(np.clip(share @ (sample.label - g) ** 2 / expected * len(sample) / left, 1, 4))

    def bounds(self, drawn: Numbers, excess: float, confidence: float) -> tuple[Numbers, Numbers]:
        """Return the lowest and highest accepted shift of each group, shape (count,) each."""
        reach = scipy.special.stdtrit(np.maximum(drawn - 1, 1), (1 + confidence) / 2)
        x = _free(self.logits)
        c = (self.draws**2 + self.draws) * self.weight**2 * excess

        def excessive(t: Numbers, sign: float) -> NDArray[np.bool_]:
            g = expit(x + t[self.group])
            score = np.bincount(
                self.group, self.draws * self.weight * (self.label - g), self.count
            )
            variance = np.bincount(self.group, c * g * (1 - g), self.count)
            return np.asarray(sign * score > reach * np.sqrt(variance))

        ends = []
        for sign in (1.0, -1.0):
            near, far = np.zeros(self.count), np.zeros(self.count)
            near -= sign * 45.0  # beyond: rejected, unless all labels agree
            far += sign * 45.0
            for _ in range(50):
                middle = (near + far) / 2
                rejected = excessive(middle, sign)
                near = np.where(rejected, middle, near)
                far = np.where(rejected, far, middle)
            ends.append((near + far) / 2)
        return ends[0], ends[1]


def _shared(group, count, open_, weight, x, model, table, inside, yes, most, value, excess, confidence):
    """Return the ends of groups with few draws of their own, by their block and editions."""
    g = expit(x)
    curve = weight * g * (1 - g)
    edition = table.edition[inside]
    sample = table.at(table.sampled)
    own = expit(model.logits(sample))
    draws = 1 / inclusion(table)[table.sampled] - 1
    size = len(model.intercept)
    at = model.block[sample.edition]
    slope = np.bincount(at, draws * sample.weight * own * (1 - own), size)
    noise = np.bincount(at, (draws * sample.weight) ** 2 * own * (1 - own), size) * excess
    block = noise / np.maximum(slope, 1e-9) ** 2
    block = np.minimum(np.where(slope > 0, block, 9.0), 9.0)
    cells = group * len(model.block) + edition
    by_edition = np.bincount(cells[open_], curve[open_], count * len(model.block))
    by_edition = by_edition.reshape(count, -1)
    by_block = np.zeros((count, size))
    np.add.at(by_block.T, model.block, by_edition.T)
    variance = (
        np.bincount(group[open_], (weight * curve)[open_], count)
        + by_block**2 @ block
        + by_edition**2 @ model.doubt**2
    )
    return matched_bounds(value, variance, yes, most, confidence=confidence)


def _unanswered(table, inside, group, count, weight, x):
    """Return by how much photos without an answer may move the total of each group."""
    lost = table.unanswered[inside]
    stand_for = np.where(lost, 1 / table.inclusion[inside], 0.0)
    g = expit(x)
    apart = np.maximum(expit(x + np.log(ODDS)) - g, g - expit(x - np.log(ODDS)))
    return np.bincount(group[lost], (stand_for * weight * apart)[lost], count)
