"""Recalibrates the machine's probabilities by a sample: the basis of design-based totals.

The sample drew photo i with inclusion probability pi_i. A logistic regression of its labels on the
machine's log odds is fitted with weights 1/pi_i - 1 and an intercept, so that the weighted
residuals sum to zero. Then

    sum of predictions of the photos outside of the sample  +  sum of labels of the sample

*is* the generalised regression estimator of the total, sum of g + sum of (y - g) / pi, which is
unbiased by the design however wrong the machine is (Särndal, Swensson & Wretman 1992; internal bias
calibration: Firth & Bennett 1998, doi 10.1111/1467-9868.00105). It is the estimator of design-based
supervised learning (Egami, Hinck, Stewart & Wei 2023, arXiv:2306.04746) with a fitted model in the
place of the machine's output, and as a sum over photos it adds up: editions to months, months to
the period.

Each block of editions has an intercept of its own wherever it has enough labels, and each edition a
deviation from that, shrunk as a random effect.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from presslens.pipelines.statistics.measure import STRATA, strata
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable

EITHER = 10
"""Labels of either answer that a block needs for an intercept of its own (ten events a parameter:
Peduzzi et al. 1996, doi 10.1016/S0895-4356(96)00236-3)."""

SLOPE = 0.5
"""Standard deviation of the prior of the slope of the log odds about 1."""

MOST_PICKS = 2.0
"""Photos that the sample stands for must be so many times the picked ones, to make up for them."""

EXTREME = 30.0
"""Log odds further out than this are certainty."""

_ROUNDS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Recalibration:
    """The fitted model."""

    block: NDArray[np.int64]  # index of each edition's block, shape (e,)
    intercept: Numbers  # of each block, in logits
    slope: float  # factor of the machine's log odds
    spread: float  # standard deviation of editions about their block, in logits
    deviation: Numbers  # of each edition from its block, in logits, shape (e,)
    doubt: Numbers  # posterior standard deviation of each edition's deviation, shape (e,)

    def logits(self, table: PhotoTable) -> Numbers:
        """Return the recalibrated log odds of photos, shape (n,)."""
        own = self.intercept[self.block] + self.deviation
        return own[table.edition] + self.slope * table.logits


def inclusion(table: PhotoTable) -> Numbers:
    """Return the probability of being drawn and answered, shape (n,); NaN for photos not drawn.

    Photos without an answer are made up for within their stratum of probability (weighting classes:
    Little & Rubin 2019, ch. 3).
    """
    return table.inclusion * response(table)[strata(table.probability)]


def response(table: PhotoTable) -> Numbers:
    """Return the share of the drawn photos that were answered, by stratum of probability."""
    drawn, at = table.drawn, strata(table.probability)
    count = np.bincount(at[drawn], minlength=len(STRATA) + 1)
    answered = np.bincount(at[table.sampled], minlength=len(STRATA) + 1)
    every = answered.sum() / max(1, count.sum())
    return np.where(answered > 0, answered / np.maximum(count, 1), every)


def recalibrate(table: PhotoTable, *, edition_spread: float) -> Recalibration:
    """Fit the model to the photos that were drawn and answered.

    Args:
        table: The photos of the sample's frame.
        edition_spread: Prior median of the standard deviation of an edition's calibration error, in
            logits, above 0; the sample's own editions decide with it.
    """
    sample = table.at(table.sampled)
    weight = (1 / inclusion(table)[table.sampled] - 1) * sample.weight
    block = blocks(table)
    # Relative weights: the shrinkage knows how many photos were seen, not how many they stand for.
    relative = weight / max(float(weight.mean()), 1e-12)
    fits = [
        _fit(sample, relative, block, edition_spread * factor) for factor in (0.5, 1.0, 2.0, 4.0)
    ]
    fit = max(fits, key=lambda fit: fit.evidence - np.log(fit.spread / edition_spread) ** 2)
    return Recalibration(
        block=block,
        intercept=_balanced(fit, table, block),
        slope=fit.slope,
        spread=fit.spread,
        deviation=fit.deviation,
        doubt=fit.doubt,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """A fit under one spread of editions, with its log evidence by Laplace's approximation."""

    intercept: Numbers
    slope: float
    spread: float
    deviation: Numbers
    doubt: Numbers
    evidence: float


def _fit(sample: PhotoTable, weight: Numbers, block: NDArray[np.int64], spread: float) -> _Fit:
    at, edition = block[sample.edition], sample.edition
    e, size = len(block), int(block.max()) + 1
    y, x = sample.label, sample.logits
    intercept, slope, deviation = np.zeros(size), 1.0, np.zeros(e)
    precision = 1 / spread**2

    def slopes() -> tuple[Numbers, Numbers]:
        g = expit(intercept[at] + deviation[edition] + slope * x)
        return weight * (y - g), weight * np.maximum(g * (1 - g), 1e-9)

    for _ in range(_ROUNDS):
        off, curve = slopes()
        curves = np.bincount(edition, curve, e) + precision
        deviation = deviation + (np.bincount(edition, off, e) - precision * deviation) / curves
        off, curve = slopes()
        step = _newton(off, curve, x, at, size, slope)
        intercept = np.clip(intercept + step[:-1], -EXTREME, EXTREME)
        slope = float(np.clip(slope + step[-1], 0.05, 3.0))
        if np.abs(step).max() < 1e-6:
            break
    odds = intercept[at] + deviation[edition] + slope * x
    g = expit(odds)
    seen = np.bincount(edition, g * (1 - g), e)
    evidence = log_expit(np.where(y == 1, odds, -odds)).sum()
    evidence -= (deviation**2).sum() * precision / 2 + np.log1p(seen / precision).sum() / 2
    doubt = 1 / np.sqrt(precision + seen)
    return _Fit(intercept, slope, spread, deviation, doubt, float(evidence))


def _newton(
    off: Numbers, curve: Numbers, x: Numbers, at: NDArray[np.int64], size: int, slope: float
) -> Numbers:
    """Return the step of the intercepts and of the slope, shape (size + 1,)."""
    own = np.bincount(at, curve, size)
    cross = np.bincount(at, curve * x, size)
    score = np.append(np.bincount(at, off, size), off @ x - (slope - 1) / SLOPE**2)
    full = np.zeros((size + 1, size + 1))
    full[np.arange(size), np.arange(size)] = own + 1e-9
    full[:-1, -1] = full[-1, :-1] = cross
    full[-1, -1] = curve @ x**2 + 1 / SLOPE**2
    return np.asarray(np.clip(np.linalg.solve(full, score), -2.0, 2.0))


def _balanced(fit: _Fit, table: PhotoTable, block: NDArray[np.int64]) -> Numbers:
    """Return intercepts with which the weighted residuals of each block sum to zero exactly.

    A pick settles its own photo. The sample stands for picks too, so what a pick adds to its own
    edition is taken from the other photos of the block: in the sum it counts with weight -1, and
    the total of the block stays what the sample says.
    """
    balanced = fit.intercept.copy()
    answered = table.at(table.sampled | (table.picked & table.framed))
    weight = (
        np.where(
            answered.picked,
            -1.0,
            1 / inclusion(table)[table.sampled | (table.picked & table.framed)] - 1,
        )
        * answered.weight
    )
    offset = fit.deviation[answered.edition] + fit.slope * answered.logits
    at = block[answered.edition]
    for b in range(len(balanced)):
        here, picked = at == b, answered.picked & (at == b)
        drawn = here & ~picked
        if weight[drawn].sum() < MOST_PICKS * -weight[picked].sum():
            here = drawn  # hardly any photo is left to take it from
        y, w, o = answered.label[here], weight[here], offset[here]
        if not len(y) or w.max() <= 0:
            continue
        low, high = -2 * EXTREME, 2 * EXTREME
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if w @ (y - expit(middle + o)) > 0 else (low, middle)
        balanced[b] = np.clip((low + high) / 2, -EXTREME, EXTREME)
    return balanced


def blocks(table: PhotoTable) -> NDArray[np.int64]:
    """Return the block of each edition, shape (e,): calendar cells with enough labels.

    A cell is split into its finer cells where they have enough labels of either answer; the others
    stay together, or join the smallest that has enough.
    """
    sample = table.at(table.sampled)
    e = len(table.editions)
    yes = np.bincount(sample.edition, sample.label, e).astype(float)
    no = np.bincount(sample.edition, 1 - sample.label, e).astype(float)
    block = np.zeros(e, np.int64)
    for number, members in enumerate(_split(list(range(e)), 0, table.periods, yes, no)):
        block[members] = number
    return block


def _split(
    members: list[int],
    depth: int,
    periods: Sequence[tuple[str, ...]],
    yes: Numbers,
    no: Numbers,
) -> list[list[int]]:
    drawn = [i for i in members if yes[i] + no[i] > 0]
    if not drawn or depth >= max(len(periods[i]) for i in drawn):
        return [members]
    cells: dict[str, list[int]] = defaultdict(list)
    for i in drawn:
        cells[periods[i][depth] if depth < len(periods[i]) else ""].append(i)
    enough = [cell for cell in cells.values() if min(yes[cell].sum(), no[cell].sum()) >= EITHER]
    rest = [i for cell in cells.values() if not any(cell is one for one in enough) for i in cell]
    if not enough:
        return [members]
    parts = [part for cell in enough for part in _split(cell, depth + 1, periods, yes, no)]
    if rest and min(yes[rest].sum(), no[rest].sum()) >= EITHER:
        parts.append(rest)
    elif rest:
        smallest = min(enough, key=lambda cell: (yes[cell] + no[cell]).sum())
        parts = [part for part in parts if part[0] not in smallest]
        parts.append([*smallest, *rest])
    # Editions without a label change nothing: each joins the block of its nearest neighbour.
    block = {i: part for part in parts for i in part}
    labelled = sorted(block)
    for i in members:
        if i not in block:
            block[_nearest(labelled, i)].append(i)
    return [sorted(part) for part in parts]


def _nearest(ascending: list[int], i: int) -> int:
    """Return the nearest of some numbers, the lower of two that are as near."""
    at = bisect_left(ascending, i)
    near = ascending[max(0, at - 1) : at + 1]
    return min(near, key=lambda j: abs(j - i))
