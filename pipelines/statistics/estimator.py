"""The one estimator of shares: of an edition, a period, two of them compared, a baseline, a claim.

Where a validation sample was drawn, the share is design-based (``recalibration``, ``design``,
``practice``); where none was, the machine's probabilities are taken for what they are on a
newspaper that the detectors have never seen (``calibration``, ``machine``). Labels that nobody drew
settle their own photo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray
from scipy.special import expit

from models.recipe import Calibration
from pipelines.statistics.calibration import Histograms, calibrate, learn
from pipelines.statistics.design import Totals, design_totals
from pipelines.statistics.machine import MachineShares
from pipelines.statistics.measure import Estimand, Inference
from pipelines.statistics.photo_table import Numbers, PhotoTable
from pipelines.statistics.practice import FEWEST, Spread
from pipelines.statistics.recalibration import Recalibration, inclusion, recalibrate
from pipelines.statistics.share_estimate import (
    GroupEstimate,
    ShareDifference,
    difference_from_intervals,
)

FEWEST_DRAWN = 20
"""Drawn and answered photos from which on the sample is the estimator, and not the machine."""

WIDEST = 0.5
"""Widest interval of a share that the machine alone is allowed to state."""

EXAMPLE = 100
"""Number of reviews whose effect a refusal foretells."""


@dataclass(frozen=True, eq=False)
class ShareEstimator:
    """Estimates the shares of groups of photos, and their differences.

    Attributes:
        table: All photos that inform the estimate: the newspaper's, or those of the sample's frame.
        group: Group of each photo, 0 to k - 1; -1 for photos that only inform, shape (n,).
        names: Names of the k groups.
        components: How far the machine's calibration may be off.
        inference: About these editions, or about the newspaper's practice.
        estimand: Photos pooled, or editions averaged.
        confidence: Level of the intervals, 0.95 for instance.
        by_area: Whether weights are printed areas: counts are then no whole photos.
    """

    table: PhotoTable
    group: NDArray[np.int64]
    names: Sequence[str]
    components: Calibration
    inference: Inference = Inference.THESE
    estimand: Estimand = Estimand.SHARE_OF_PHOTOS
    confidence: float = 0.95
    by_area: bool = False

    def estimates(self) -> list[GroupEstimate]:
        """Return the estimate of each group."""
        return [self._estimate(k) for k in range(len(self.names))]

    def difference(self, first: int, second: int) -> ShareDifference:
        """Return the share of the first group less that of the second."""
        one, other = self._estimate(first), self._estimate(second)
        if one.value is None or other.value is None:
            why = "one of the two has no photos"
            return ShareDifference(None, None, None, None, (one, other), "", why)
        if not self._designed and not (self._reviewed(first) and self._reviewed(second)):
            return self._machine_difference(first, second)
        refused = one.refused or other.refused
        if refused:
            value = one.value - other.value
            return ShareDifference(value, None, None, None, (one, other), "", refused)
        return difference_from_intervals(one, other, self.confidence)

    # -- what is counted -------------------------------------------------------------------------

    @cached_property
    def _sizes(self) -> Numbers:
        """Weight of the counted photos by group and edition, shape (k, e)."""
        return self._by_edition(self.table.weight)

    def _by_edition(self, part: Numbers) -> Numbers:
        e, k = len(self.table.editions), len(self.names)
        inside = self.group >= 0
        cell = self.group[inside] * e + self.table.edition[inside]
        return np.bincount(cell, part[inside], k * e).reshape(k, e).astype(float)

    @cached_property
    def _scale(self) -> Numbers:
        """Factor of each photo of an edition in a group, shape (k, e)."""
        if self.estimand is Estimand.SHARE_OF_PHOTOS:
            return np.ones_like(self._sizes)
        return np.where(self._sizes > 0, 1 / np.maximum(self._sizes, 1e-12), 0.0)

    @cached_property
    def _whole(self) -> Numbers:
        """Denominator of each group's share, shape (k,)."""
        return np.asarray((self._sizes * self._scale).sum(axis=1))

    # -- design-based ----------------------------------------------------------------------------

    @cached_property
    def _designed(self) -> bool:
        return int(self.table.sampled.sum()) >= FEWEST_DRAWN

    @cached_property
    def _model(self) -> Recalibration:
        return recalibrate(self.table, edition_spread=max(0.1, self.components.edition))

    @cached_property
    def _scaled(self) -> PhotoTable:
        """The table with photos weighed as the estimand has it."""
        factor = np.ones(len(self.table))
        inside = self.group >= 0
        factor[inside] = self._scale[self.group[inside], self.table.edition[inside]]
        return replace(self.table, weight=self.table.weight * factor)

    @cached_property
    def _totals(self) -> Totals:
        return design_totals(
            self._scaled,
            self.group,
            len(self.names),
            self._model,
            period=self.components.period,
            confidence=self.confidence,
        )

    @cached_property
    def _pseudo(self) -> Numbers:
        """Unbiased totals of each edition in each group, shape (k, e)."""
        table = self._scaled
        g = expit(self._model.logits(table))
        outcome = np.where(table.picked & ~table.framed, table.label, g)
        at = table.sampled
        outcome[at] += (table.label[at] - g[at]) / inclusion(table)[at]
        return self._by_edition(table.weight * outcome)

    @cached_property
    def recalibrated(self) -> Numbers:
        """The probability of each photo, 0–1, as the sample corrects it, shape (n,)."""
        return np.asarray(expit(self._model.logits(self.table)))

    # -- by the machine --------------------------------------------------------------------------

    @cached_property
    def _machine(self) -> MachineShares:
        table, e, k = self.table, len(self.table.editions), len(self.names)
        every = Histograms.of(table)
        calibration = learn(calibrate(every, self.components), every, table.at(table.sampled))
        # A row an edition in a group: all of the edition's photos tell its prevalence, and those of
        # the group are counted.
        cells = Histograms.of(
            replace(
                table.at(self.group >= 0),
                edition=(self.group * e + table.edition)[self.group >= 0],
                editions=[""] * (k * e),
            )
        )
        yes = self._by_edition(np.where(table.answered, table.label, 0.0) * table.weight)
        return MachineShares.of(
            calibration,
            replace(cells, seen=np.tile(every.seen, (k, 1))),
            group=np.repeat(np.arange(k), e),
            count=k,
            yes=yes.ravel(),
            size=self._sizes.ravel(),
            scale=self._scale.ravel(),
        )

    @cached_property
    def _machine_intervals(self) -> tuple[Numbers, Numbers]:
        practice = self.inference is Inference.PRACTICE
        return self._machine.interval(self.confidence, practice=practice)

    # -- one group -------------------------------------------------------------------------------

    def _estimate(self, k: int) -> GroupEstimate:
        table, inside = self.table, self.group == k
        editions = int((self._sizes[k] > 0).sum())
        drawn, picked = int((table.sampled & inside).sum()), int((table.picked & inside).sum())
        blank = GroupEstimate(
            self.names[k], None, None, None, None, int(inside.sum()), float(self._sizes[k].sum()),
            editions, drawn, picked, "no photos",
        )  # fmt: skip
        if self._whole[k] <= 0:
            return replace(blank, refused="there are no photos")
        if self._reviewed(k):
            estimate = self._census(k, blank)
        elif self._designed:
            estimate = self._by_design(k, blank)
        else:
            estimate = self._by_machine(k, blank)
        return self._counted(estimate)

    def _reviewed(self, k: int) -> bool:
        """Return whether all photos of a group are answered."""
        return bool(self.table.answered[self.group == k].all())

    def _census(self, k: int, blank: GroupEstimate) -> GroupEstimate:
        inside = self.group == k
        totals = self._by_edition(
            np.where(inside & self.table.answered, self.table.label, 0.0) * self._scaled.weight
        )[k]
        value = float(totals.sum() / self._whole[k])
        if self.inference is Inference.THESE:
            return replace(blank, value=value, low=value, high=value, method=CENSUS)
        return self._practice(k, replace(blank, value=value, method=CENSUS), totals, (value, value))

    def _by_design(self, k: int, blank: GroupEstimate) -> GroupEstimate:
        totals, whole = self._totals, self._whole[k]
        value, low, high = (
            float(end[k] / whole) for end in (totals.value, totals.low, totals.high)
        )
        method = (
            "drawn photos: regression estimator, score interval"
            if totals.own[k]
            else f"{int(self.table.sampled.sum())} drawn photos of the whole frame, few of them"
            " here: regression estimator, error of editions from the model"
        )
        lost = int((self.table.unanswered & (self.group == k)).sum())
        note = f"{lost} drawn photos have no answer; they widen the interval" if lost else None
        outside = int((~self.table.framed & (self.group == k) & ~self.table.picked).sum())
        if outside:
            note = "; ".join(
                filter(None, (note, f"{outside} photos lie outside of the sample's frame"))
            )
        estimate = replace(blank, value=value, low=low, high=high, method=method, note=note)
        if self.inference is Inference.THESE:
            return estimate
        return self._practice(k, estimate, self._pseudo[k], (low, high))

    def _practice(
        self, k: int, estimate: GroupEstimate, totals: Numbers, these: tuple[float, float]
    ) -> GroupEstimate:
        rows = self._sizes[k] > 0
        editions = int(rows.sum())
        if editions < FEWEST:
            return replace(estimate, low=None, high=None, refused=_few(editions))
        spread = Spread.of(totals[rows], (self._sizes * self._scale)[k][rows])
        # Clipped to what is possible, as that of these editions.
        spread = replace(spread, value=estimate.value or 0.0)
        low, high = spread.interval(self.confidence)
        if spread.error == 0.0 or not 0.0 < spread.value < 1.0:
            # Nothing varies: the rule of three over what was looked at (Hanley & Lippman-Hand 1983,
            # doi 10.1001/jama.1983.03330370053031).
            reach = 1 - ((1 - self.confidence) / 2) ** (
                1 / max(estimate.drawn + estimate.picked, editions)
            )
            low, high = (
                min(these[0], max(0.0, spread.value - reach)),
                max(these[1], min(1.0, spread.value + reach)),
            )
        method = f"{estimate.method}; editions as clusters"
        return replace(estimate, low=low, high=high, method=method)

    def _by_machine(self, k: int, blank: GroupEstimate) -> GroupEstimate:
        value = float(self._machine.value[k])
        low, high = (
            min(value, float(self._machine_intervals[0][k])),
            max(value, float(self._machine_intervals[1][k])),
        )
        method = "machine alone: calibration for a newspaper that the detectors have not seen"
        if blank.picked or blank.drawn:
            method += f"; {blank.picked + blank.drawn} photos reviewed"
        estimate = replace(blank, value=value, low=low, high=high, method=method)
        if self.inference is Inference.PRACTICE and blank.editions < FEWEST:
            return replace(estimate, low=None, high=None, refused=_few(blank.editions))
        if high - low > WIDEST:
            why = (
                f"the machine alone only tells that the share lies between {low:.0%} and"
                f" {high:.0%}; {EXAMPLE} photos drawn by chance and reviewed would give about"
                f" ±{_foretold(value, blank.n):.0%}"
            )
            return replace(estimate, low=None, high=None, refused=why)
        return estimate

    def _counted(self, estimate: GroupEstimate) -> GroupEstimate:
        """Return an estimate with its count, whose ends are whole photos for these editions."""
        value = estimate.value or 0.0
        level = f"{estimate.method}, {100 * self.confidence:g} %"
        estimate = replace(estimate, method=level)
        pooled = self.estimand is Estimand.SHARE_OF_PHOTOS
        if estimate.low is None or estimate.high is None:
            return replace(estimate, count=(value * estimate.size, None, None))
        ends = np.array([estimate.low, estimate.high]) * estimate.size
        if pooled and not self.by_area and self.inference is Inference.THESE:
            ends = _whole_photos(ends, value * estimate.size)
            estimate = replace(
                estimate, low=float(ends[0] / estimate.size), high=float(ends[1] / estimate.size)
            )
        return replace(estimate, count=(value * estimate.size, float(ends[0]), float(ends[1])))

    # -- differences -----------------------------------------------------------------------------

    def _machine_difference(self, first: int, second: int) -> ShareDifference:
        sides = self._estimate(first), self._estimate(second)
        method = f"machine alone, calibration uncertain, {100 * self.confidence:g} %"
        practice = self.inference is Inference.PRACTICE
        value, variance = self._machine.difference(first, second, practice=practice)
        fewest = min(side.editions for side in sides)
        if practice and fewest < FEWEST:
            return ShareDifference(value, None, None, None, sides, method, _few(fewest))
        z = float(scipy.special.ndtri((1 + self.confidence) / 2))
        shifts = [self._machine.sensitivity(k) for k in (first, second)]
        scans = self.components.period**2 * (shifts[0] ** 2 + shifts[1] ** 2)
        error = float(np.sqrt(variance + scans))
        low, high = max(-1.0, value - z * error), min(1.0, value + z * error)
        p_value = 2 * float(scipy.special.ndtr(-abs(value) / error)) if error > 0 else 1.0
        note = None
        if low <= 0.0 <= high and abs(value) > z * float(np.sqrt(variance)):
            spread = sum(side.value * (1 - side.value) for side in sides if side.value)
            reviews = int(np.ceil((POWER / abs(value)) ** 2 * UNEXPLAINED * spread))
            note = (
                "not told apart from a change of scans: a shift of the machine's scores alone could"
                f" make it; about {reviews} photos of each side, drawn by chance, would tell"
            )
        return ShareDifference(value, low, high, p_value, sides, method, None, note)


POWER = 2.8
"""Standard errors that a difference must be wide to be seen in four samples of five (5 % level)."""

UNEXPLAINED = 0.6
"""Share of the variance of labels that a detector of AUC 0.92 leaves to the sample."""

CENSUS = "all photos reviewed"
"""The method where nothing is left to be unsure of."""


def _few(editions: int) -> str:
    return (
        f"{editions} editions do not show how editions vary: practice needs {FEWEST}; ask about"
        " these editions instead"
    )


def _foretold(value: float, n: int) -> float:
    """Return the half-width that a sample of ``EXAMPLE`` reviews gives, without help by scores."""
    left = max(0.0, 1 - EXAMPLE / max(n, 1))
    return 1.96 * float(np.sqrt(max(value * (1 - value), 0.02) / EXAMPLE * left))


def _whole_photos(ends: Numbers, value: float) -> Numbers:
    """Return the ends of a count as whole photos, the value between them."""
    low, high = np.ceil(ends[0] - 0.5), np.floor(ends[1] + 0.5)
    low = low if low <= value else np.floor(value)
    high = high if high >= value else np.ceil(value)
    return np.array([max(0.0, low), high])
