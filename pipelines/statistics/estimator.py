"""The one estimator of shares: of an edition, a period, two of them compared, a baseline, a claim.

Where a validation sample was drawn, the share is design-based (``recalibration``, ``design``,
``practice``); where none was, the machine's probabilities are taken for what they are on a
newspaper that the detectors have never seen (``calibration``, ``machine``). Labels that nobody drew
settle their own photo.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.models.message import Message, join_messages
from presslens.pipelines.statistics.calibration import Histograms
from presslens.pipelines.statistics.fitted_photos import FittedPhotos
from presslens.pipelines.statistics.machine import MachineShares
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.nested import ordered
from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.practice import FEWEST, RatioSpread
from presslens.pipelines.statistics.share_estimate import (
    CENSUS,
    GroupEstimate,
    ShareDifference,
    by_machine_only,
    coded_difference,
    coded_share,
    difference_by_machine,
    difference_from_intervals,
    drawn_here,
    few_editions,
    help_by_reviews,
    scaled,
    too_wide,
    with_count,
    without_answers,
)

VERSION = "6"
"""Version of the estimator: raised by hand with every change that moves a number."""

WIDEST = 0.75
"""Widest interval of a share that the machine alone is allowed to state."""


@dataclass(frozen=True, eq=False)
class ShareEstimator(FittedPhotos):
    """Estimates the shares of groups of photos, and their differences."""

    def estimates(self) -> list[GroupEstimate]:
        """Return the estimate of each group."""
        return [self.estimate(k) for k in range(len(self.names))]

    def estimate(self, k: int) -> GroupEstimate:
        """Return the estimate of a group."""
        own = self._counted(self._estimate(k))
        for holder in self.holders:  # those of several pools are added up (``pools``)
            own = ordered(own, holder.estimate(k))
        return own

    def part(self, k: int, *, coded: bool = True) -> GroupEstimate:
        """Return the estimate of a group as a part of one of several pools, without its count.

        Its ends are there also where they tell next to nothing.

        Args:
            coded: Whether errors of coders are taken out.
        """
        return self._estimate(k, coded=coded, alone=False)

    def whole(self, k: int) -> float:
        """Return the denominator of a group's share."""
        return float(self._of.whole[k])

    def correlation(self, first: int, second: int) -> float:
        """Return the correlation of the errors of the shares of two groups, -1 to 1."""
        practice = self.inference is Inference.PRACTICE
        if self.designed:
            return 0.0 if practice else self._totals.correlation(first, second, self.confidence)
        z = float(scipy.special.ndtri((1 + self.confidence) / 2))
        ends = (self._estimate(k, alone=False).interval or (0.0, 0.0) for k in (first, second))
        error = [(high - low) / (2 * z) for low, high in ends]
        if min(error) <= 0:
            return 0.0
        _, variance = self._machine.difference(first, second, practice=practice)
        variance += self._machine.scans(first, second, self.components.period)
        square = error[0] ** 2 + error[1] ** 2 - variance
        return float(np.clip(square / (2 * error[0] * error[1]), -1, 1))

    def difference(self, first: int, second: int) -> ShareDifference:
        """Return the share of the first group less that of the second."""
        less = self._difference(first, second)
        return less.noted(*(side.note for side in less.sides))

    def _difference(self, first: int, second: int) -> ShareDifference:
        one, other = self.estimate(first), self.estimate(second)
        if one.value is None or other.value is None:
            return ShareDifference.without_photos((one, other))
        if not self.designed and not (self._reviewed(first) and self._reviewed(second)):
            return self._machine_difference(first, second)
        refused = one.refused or other.refused
        if refused:
            value = one.value - other.value
            return ShareDifference(value, None, None, None, (one, other), "", refused)
        together = self.correlation(first, second) if self.designed else 0.0
        if self.coders is None:
            return difference_from_intervals(one, other, self.confidence, together)
        before = [self._counted(self._estimate(k, coded=False)) for k in (first, second)]
        less = difference_from_intervals(before[0], before[1], self.confidence, together)
        less = coded_difference(less, self.coders, confidence=self.confidence)
        return replace(less, sides=(one, other))

    # -- by the machine --------------------------------------------------------------------------

    @cached_property
    def _machine(self) -> MachineShares:
        table = self.table
        every, posterior = self._calibrated
        cells = self._of.cells
        # All of an edition's photos tell its prevalence; those of its cell are counted.
        counted = Histograms.of(
            replace(table.at(cells.inside), edition=cells.cell, editions=[""] * len(cells.group))
        )
        return MachineShares.of(
            posterior,
            replace(counted, seen=every.seen[cells.edition]),
            group=cells.group,
            count=len(self.names),
            yes=cells.sums(np.where(table.answered, table.label, 0.0) * table.weight),
            size=self._of.sizes,
            scale=self._of.scale,
        )

    @cached_property
    def _machine_ends(self) -> tuple[Numbers, Numbers, Numbers]:
        """The share of each group, and the ends of its interval, shape (k,) each."""
        practice, value = self.inference is Inference.PRACTICE, self._machine.value
        low, high = self._machine.interval(self.confidence, practice=practice)
        if not practice:
            low, high = (np.clip(end, *self._of.settled) for end in (low, high))
        return value, np.minimum(low, value), np.maximum(high, value)

    # -- one group -------------------------------------------------------------------------------

    def _estimate(self, k: int, *, coded: bool = True, alone: bool = True) -> GroupEstimate:
        counts = {name: float(values[k]) for name, values in self._of.counts.items()}
        cells = self._of.cells.rows(k)
        blank = GroupEstimate(
            group=self.names[k],
            value=None,
            low=None,
            high=None,
            count=None,
            n=int(counts["n"]),
            size=counts["size"],
            editions=cells.stop - cells.start,
            drawn=int(counts["drawn"]),
            picked=int(counts["picked"]),
            method=Message("no photos"),
        )
        if not blank.n:
            return replace(blank, refused=Message("there are no photos"))
        if not self._reviewed(k) and not self.designed:
            return self._by_machine(k, blank, alone=alone)
        estimate = (self._census if self._reviewed(k) else self._by_design)(k, blank)
        return self._coded(k, estimate) if coded and self.coders is not None else estimate

    def _coded(self, k: int, estimate: GroupEstimate) -> GroupEstimate:
        """Return an estimate without errors of coders, beside the other measures."""
        shares = [estimate, *(one._estimate(k, coded=False) for one in self._question[1:])]
        coded = [
            one if of.coders is None else coded_share(one, of.coders, confidence=self.confidence)
            for one, of in zip(shares, self._question, strict=True)
        ]
        return scaled(coded[0], sum(one.value or 0.0 for one in coded) if coded[1:] else 1.0)

    def _reviewed(self, k: int) -> bool:
        return bool(self._of.counts["answered"][k] == self._of.counts["n"][k])

    def _census(self, k: int, blank: GroupEstimate) -> GroupEstimate:
        totals = self._of.cells.sums(np.nan_to_num(self.table.label) * self._of.scaled.weight)
        value = float(totals[self._of.cells.rows(k)].sum() / self._of.whole[k])
        estimate = replace(blank, value=value, low=value, high=value, method=CENSUS)
        if self.inference is Inference.THESE:
            return estimate
        return self._practice(k, estimate, totals, (value, value))

    def _by_design(self, k: int, blank: GroupEstimate) -> GroupEstimate:
        totals, whole = self._totals, self._of.whole[k]
        ends = totals.value, totals.low, totals.high
        value, low, high = (float(end[k] / whole) for end in ends)
        value, low, high = self._of.moved(k, self._moved, value, low, high)
        if self._added_up is not None:
            value = float(self._added_up[k] / whole)
            low, high = min(low, value), max(high, value)
        method = (
            Message("drawn photos: regression estimator, score interval")
            if blank.n == self.table.framed.sum() and not self._of.counts["outside"][k]
            else drawn_here(blank.drawn, self.drawn)
        )
        lost, outside = (int(self._of.counts[name][k]) for name in ("lost", "outside"))
        note = without_answers(lost, outside)
        estimate = replace(blank, value=value, low=low, high=high, method=method, note=note)
        if lost:
            part = self._of.counts["stood for"][k] / self._of.counts["size"][k]
            estimate = replace(estimate, unanswered=(min(1.0, part), self.nonresponse))
        if self.inference is Inference.THESE:
            return estimate
        # Estimates of editions differ by less than editions do, since few draws shrink them; and
        # what the sample leaves open of their sum they don't show by their differences.
        z = float(scipy.special.ndtri((1 + self.confidence) / 2))
        (cells, doubt), rows = self._cell_totals, self._of.cells.rows(k)
        variance = float(doubt[rows].sum()) + ((high - low) * whole / (2 * z)) ** 2
        return self._practice(k, estimate, cells, (low, high), variance)

    @cached_property
    def _cell_totals(self) -> tuple[Numbers, Numbers]:
        """Return the total of each cell, and what the sample leaves open of it, shape (c,) each."""
        table, cell = self._of.scaled.at(self._of.cells.inside), self._of.cells.cell
        g = self.recalibrated[self._of.cells.inside]
        value = self._of.cells.sums(
            np.where(self.table.answered, self.table.label, self.recalibrated)
            * self._of.scaled.weight
        )
        rows = np.flatnonzero(self._of.cells.inside & ~self.table.answered)
        open_ = ~table.answered
        forms = self.model.totals(rows, table.weight[open_], cell[open_], len(value))
        noise = np.bincount(cell[open_], (table.weight**2 * g * (1 - g))[open_], len(value))
        return value, forms.variance + noise

    def _practice(
        self,
        k: int,
        estimate: GroupEstimate,
        totals: Numbers,
        these: tuple[float, float],
        variance: float = 0.0,
    ) -> GroupEstimate:
        if estimate.editions < FEWEST:
            return replace(estimate, low=None, high=None, refused=few_editions(estimate.editions))
        rows = self._of.cells.rows(k)
        sizes = (self._of.sizes * self._of.scale)[rows]
        spread = RatioSpread.of(totals[rows], sizes, variance=variance)
        if spread.serial.refused:
            return replace(estimate, low=None, high=None, refused=spread.serial.refused)
        # Clipped to what is possible, as that of these editions.
        spread = replace(spread, value=estimate.value or 0.0)
        seen = max(estimate.drawn + estimate.picked, estimate.editions)
        low, high = spread.beyond(these, self.confidence, alike=self._one_answer, seen=seen)
        method = join_messages([estimate.method, Message("editions as clusters")])
        note = join_messages(filter(None, (estimate.note, spread.serial.note))) or None
        return replace(estimate, low=low, high=high, method=method, note=note)

    @cached_property
    def _one_answer(self) -> bool:
        """Whether all drawn photos have the same answer, so that residuals show no variance."""
        labels = self.table.label[self.table.sampled]
        return len(labels) > 0 and bool(labels.min() == labels.max())

    def _by_machine(self, k: int, blank: GroupEstimate, *, alone: bool) -> GroupEstimate:
        value, low, high = (float(end[k]) for end in self._machine_ends)
        value, low, high = self._of.moved(k, self._moved, value, low, high)
        method = by_machine_only(blank.picked + blank.drawn)
        fit = self._score_fit
        estimate = replace(blank, value=value, low=low, high=high, method=method, note=fit.note)
        if not alone:
            low, high = (end[k] for end in self._of.settled) if fit.refused else (low, high)
            return replace(estimate, low=float(low), high=float(high))
        if fit.refused:
            why = join_messages([fit.refused, help_by_reviews(value, blank.n)])
            return replace(estimate, low=None, high=None, refused=why)
        if self.inference is Inference.PRACTICE and blank.editions < FEWEST:
            return replace(estimate, low=None, high=None, refused=few_editions(blank.editions))
        if high - low > WIDEST:
            return too_wide(estimate, low, high)
        return estimate

    def _counted(self, estimate: GroupEstimate) -> GroupEstimate:
        if not estimate.n:
            return estimate
        return with_count(
            estimate, confidence=self.confidence, drawn=self.drawn, by_area=self.by_area,
            pooled=self.estimand is Estimand.SHARE_OF_PHOTOS or estimate.editions == 1,
            whole=self.inference is Inference.THESE,
        )  # fmt: skip

    # -- differences -----------------------------------------------------------------------------

    def _machine_difference(self, first: int, second: int) -> ShareDifference:
        practice = self.inference is Inference.PRACTICE
        value, variance = self._machine.difference(first, second, practice=practice)
        return difference_by_machine(
            (self.estimate(first), self.estimate(second)),
            value + float(self._moved[first] - self._moved[second]),
            variance,
            self._machine.scans(first, second, self.components.period),
            confidence=self.confidence,
            practice=practice,
            misfit=self._score_fit.refused,
        )
