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

from presslens.models.message import Message, join_messages
from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.calibration import (
    CalibrationPosterior,
    Histograms,
    calibrate,
    learn,
    misfit,
    photo_probabilities,
    total_spread,
)
from presslens.pipelines.statistics.cells import Cells
from presslens.pipelines.statistics.design import NONRESPONSE, Balance, Totals, design_totals
from presslens.pipelines.statistics.machine import MachineShares
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable
from presslens.pipelines.statistics.practice import FEWEST, RatioSpread
from presslens.pipelines.statistics.recalibration import Recalibration, recalibrate
from presslens.pipelines.statistics.share_estimate import (
    GroupEstimate,
    ShareDifference,
    by_machine_only,
    coded_difference,
    coded_share,
    difference_from_intervals,
    drawn_here,
    few_editions,
    help_by_reviews,
    not_distinguishable,
    too_wide,
    with_count,
    without_answers,
)

VERSION = "1"
"""Version of the estimator: raised by hand with every change that moves a number."""

FEWEST_DRAWN = 20
"""Drawn and answered photos from which on the sample is the estimator, and not the machine."""

PARTS = 0.5
"""How much commoner a measure is in parts of one newspaper, as months: a standard deviation of the
log odds, on top of the error of a period."""

WIDEST = 0.75
"""Widest interval of a share that the machine alone is allowed to state."""


@dataclass(frozen=True, eq=False)
class ShareEstimator:
    """Estimates the shares of groups of photos, and their differences."""

    # All photos that inform the estimate: the newspaper's, or those of the sample's frame.
    table: PhotoTable
    # Group of each photo, 0 to k - 1; -1 for photos that only inform, shape (n,).
    group: NDArray[np.int64]
    names: Sequence[str]  # names of the k groups
    components: Calibration  # how far the machine's calibration may be off
    # About these editions, or about the newspaper's practice.
    inference: Inference = Inference.THESE
    estimand: Estimand = Estimand.SHARE_OF_PHOTOS  # photos pooled, or editions averaged
    confidence: float = 0.95  # level of the intervals, 0.95 for instance
    by_area: bool = False  # whether weights are printed areas: counts are then no whole photos
    fitted: ShareEstimator | None = None  # an estimator of the same photos, whose models are taken
    coders: CoderAccuracy | None = None  # how often settled labels are right; None: not asked
    # Kind of each photo, 0 or more, that may have an effect of its own, shape (n,); None for none.
    asked: NDArray[np.int64] | None = None
    # Factor of the odds by which photos without an answer may differ from answered ones; see
    # ``design.design_totals``.
    nonresponse: float = NONRESPONSE

    def about(
        self,
        table: PhotoTable,
        group: NDArray[np.int64],
        names: Sequence[str],
        *,
        inference: Inference = Inference.THESE,
        estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
    ) -> ShareEstimator:
        """Return the estimator of other groups of the same photos, by the models of this one.

        Args:
            table: The photos of this one's table.
            group: Group of each, 0 to k - 1; -1 for photos that only inform, shape (n,).
            names: Names of the k groups.
            inference: About these editions, or about the newspaper's practice.
            estimand: Photos pooled, or editions averaged.
        """
        inside = group >= 0
        if not self.designed and not inside.all():  # the models know the others
            table, group = table.at(inside), group[inside]
        other = replace(self, table=table, group=group, names=names, fitted=self.fitted or self)
        return replace(other, inference=inference, estimand=estimand)

    def estimates(self) -> list[GroupEstimate]:
        """Return the estimate of each group."""
        return [self._estimate(k) for k in range(len(self.names))]

    def difference(self, first: int, second: int) -> ShareDifference:
        """Return the share of the first group less that of the second."""
        one, other = self._estimate(first), self._estimate(second)
        if one.value is None or other.value is None:
            why = "one of the two has no photos"
            return ShareDifference(None, None, None, None, (one, other), "", why)
        if not self.designed and not (self._reviewed(first) and self._reviewed(second)):
            return self._machine_difference(first, second)
        refused = one.refused or other.refused
        if refused:
            value = one.value - other.value
            return ShareDifference(value, None, None, None, (one, other), "", refused)
        together = 0.0
        if self.designed and self.inference is Inference.THESE:
            together = self._totals.correlation(first, second, self.confidence)
        if self.coders is None:
            return difference_from_intervals(one, other, self.confidence, together)
        before = [self._estimate(k, coded=False) for k in (first, second)]
        less = difference_from_intervals(before[0], before[1], self.confidence, together)
        less = coded_difference(less, self.coders, confidence=self.confidence)
        return replace(less, sides=(one, other))

    # -- what is counted -------------------------------------------------------------------------

    @cached_property
    def _cells(self) -> Cells:
        return Cells.of(self.group, self.table.edition, len(self.table.editions))

    @cached_property
    def _sizes(self) -> Numbers:
        """Weight of the photos of each cell, shape (c,)."""
        return self._cells.sums(self.table.weight)

    @cached_property
    def _scale(self) -> Numbers:
        """Factor of the photos of each cell, shape (c,)."""
        pooled = self.estimand is Estimand.SHARE_OF_PHOTOS
        return np.ones_like(self._sizes) if pooled else 1 / self._sizes

    @cached_property
    def _counts(self) -> dict[str, Numbers]:
        """Numbers of photos by group, shape (k,) each."""
        table = self.table
        parts = {
            "n": np.ones(len(table)),
            "size": table.weight,
            "drawn": table.sampled.astype(float),
            "picked": table.picked.astype(float),
            "answered": table.answered.astype(float),
            "lost": table.unanswered.astype(float),
            "outside": (~table.framed & ~table.picked).astype(float),
        }
        return {
            name: self._cells.by_group(self._cells.sums(part), len(self.names))
            for name, part in parts.items()
        }

    @cached_property
    def _whole(self) -> Numbers:
        """Denominator of each group's share, shape (k,)."""
        return self._cells.by_group(self._sizes * self._scale, len(self.names))

    # -- design-based ----------------------------------------------------------------------------

    @cached_property
    def _drawn(self) -> int:
        """Photos that were drawn and answered, of all that inform."""
        return int(self.table.sampled.sum()) if self.fitted is None else self.fitted._drawn

    @property
    def designed(self) -> bool:
        """Whether a validation sample is the estimator, and not the machine."""
        return self._drawn >= FEWEST_DRAWN

    @cached_property
    def model(self) -> Recalibration:
        """What the sample has taught of all photos."""
        if self.fitted is not None:
            return self.fitted.model
        return recalibrate(
            self.table,
            edition_spread=max(0.1, self.components.edition),
            period_spread=float(np.hypot(self.components.period, PARTS)),
            asked=self.asked,
        )

    @cached_property
    def _scaled(self) -> PhotoTable:
        """The table with photos weighed as the estimand has it."""
        factor = np.ones(len(self.table))
        factor[self._cells.inside] = self._scale[self._cells.cell]
        return replace(self.table, weight=self.table.weight * factor)

    @cached_property
    def _totals(self) -> Totals:
        return design_totals(
            self._scaled,
            self.group,
            len(self.names),
            self.model,
            period=self.components.period,
            newspaper=total_spread(self.components),
            confidence=self.confidence,
            nonresponse=self.nonresponse,
            adds_up=self.estimand is Estimand.SHARE_OF_PHOTOS,
        )

    @cached_property
    def _cell_totals(self) -> tuple[Numbers, Numbers]:
        """Return the total of each cell, and what the sample leaves open of it, shape (c,) each."""
        table, cell = self._scaled.at(self._cells.inside), self._cells.cell
        g = self.recalibrated[self._cells.inside]
        value = self._cells.sums(
            np.where(self.table.answered, self.table.label, self.recalibrated) * self._scaled.weight
        )
        rows = np.flatnonzero(self._cells.inside & ~self.table.answered)
        open_ = ~table.answered
        forms = self.model.totals(rows, table.weight[open_], cell[open_], len(value))
        noise = np.bincount(cell[open_], (table.weight**2 * g * (1 - g))[open_], len(value))
        return value, forms.variance + noise

    @cached_property
    def recalibrated(self) -> Numbers:
        """The probability of each photo, 0–1, as the sample corrects it, shape (n,)."""
        return np.asarray(expit(self.model.logits + self.balance.middle))

    @cached_property
    def balance(self) -> Balance:
        """The shifts of the model's log odds that the draw accepts."""
        return Balance.of(
            self._scaled, self.model.logits, confidence=self.confidence, within=self.table.framed
        )

    @cached_property
    def calibrated(self) -> Numbers:
        """The probability of each photo as the sample or the machine calibrates it, shape (n,)."""
        if self.designed:
            return self.recalibrated
        return photo_probabilities(*self._calibrated, self.table.logits)

    # -- by the machine --------------------------------------------------------------------------

    @cached_property
    def _calibrated(self) -> tuple[Histograms, CalibrationPosterior]:
        """The photos of each edition by their scores, and what they tell of the newspaper."""
        if self.fitted is not None:
            return self.fitted._calibrated
        every = Histograms.of(self.table)
        sample = self.table.at(self.table.sampled)
        return every, learn(calibrate(every, self.components), every, sample)

    @cached_property
    def _misfit(self) -> str | None:
        """Why the scores of all photos tell nothing; None where they may."""
        if self.fitted is not None:
            return self.fitted._misfit
        return misfit(self._calibrated[0].seen.sum(axis=0), self.components)

    @cached_property
    def _machine(self) -> MachineShares:
        table = self.table
        every, posterior = self._calibrated
        cells = self._cells
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
            size=self._sizes,
            scale=self._scale,
        )

    @cached_property
    def _machine_intervals(self) -> tuple[Numbers, Numbers]:
        practice = self.inference is Inference.PRACTICE
        low, high = self._machine.interval(self.confidence, practice=practice)
        if practice:
            return low, high
        whole = np.where(self._whole > 0, self._whole, 1.0)
        yes, no = (
            self._cells.by_group(sums * self._scale, len(self.names)) / whole
            for answer in (1, 0)
            for sums in [self._cells.sums((self.table.label == answer) * self.table.weight)]
        )
        return np.clip(low, yes, 1 - no), np.clip(high, yes, 1 - no)

    # -- one group -------------------------------------------------------------------------------

    def _estimate(self, k: int, *, coded: bool = True) -> GroupEstimate:
        counts = {name: float(values[k]) for name, values in self._counts.items()}
        cells = self._cells.rows(k)
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
            return self._counted(self._by_machine(k, blank))
        papers = self._papers(self._cells.edition[cells]) if self.designed else frozenset()
        if papers and not papers & self._sampled_papers:
            return self._of_papers(k, papers)
        estimate = (self._census if self._reviewed(k) else self._by_design)(k, blank)
        if coded and self.coders is not None:
            estimate = coded_share(estimate, self.coders, confidence=self.confidence)
        return self._counted(estimate)

    def _papers(self, editions: NDArray[np.int64]) -> frozenset[str]:
        """Return the newspapers of editions."""
        cells = (self.table.periods[i] for i in editions.tolist())
        return frozenset(one[0] if one else "" for one in cells)

    @cached_property
    def _sampled_papers(self) -> frozenset[str]:
        return self._papers(np.unique(self.table.edition[self.table.sampled]))

    def _of_papers(self, k: int, papers: frozenset[str]) -> GroupEstimate:
        """Return the estimate of a group of newspapers that the sample never drew from."""
        own = np.array([(one[0] if one else "") in papers for one in self.table.periods])
        mask = own[self.table.edition]
        alone = replace(
            self,
            table=self.table.at(mask),
            group=np.where(self.group[mask] == k, 0, -1),
            names=(self.names[k],),
            fitted=None,
        )
        estimate = alone._estimate(0)
        nobody = Message("nobody drew from this newspaper")
        note = join_messages(filter(None, (nobody, estimate.note)))
        return replace(estimate, note=note)

    def _reviewed(self, k: int) -> bool:
        return bool(self._counts["answered"][k] == self._counts["n"][k])

    def _census(self, k: int, blank: GroupEstimate) -> GroupEstimate:
        totals = self._cells.sums(np.nan_to_num(self.table.label) * self._scaled.weight)
        value = float(totals[self._cells.rows(k)].sum() / self._whole[k])
        estimate = replace(blank, value=value, low=value, high=value, method=CENSUS)
        if self.inference is Inference.THESE:
            return estimate
        return self._practice(k, estimate, totals, (value, value))

    def _by_design(self, k: int, blank: GroupEstimate) -> GroupEstimate:
        totals, whole = self._totals, self._whole[k]
        value, low, high = (
            float(end[k] / whole) for end in (totals.value, totals.low, totals.high)
        )
        method = (
            Message("drawn photos: regression estimator, score interval")
            if blank.n == self.table.framed.sum() and not self._counts["outside"][k]
            else drawn_here(blank.drawn, self._drawn)
        )
        lost, outside = (int(self._counts[name][k]) for name in ("lost", "outside"))
        note = without_answers(lost, outside)
        estimate = replace(blank, value=value, low=low, high=high, method=method, note=note)
        if self.inference is Inference.THESE:
            return estimate
        # Estimates of editions differ by less than editions do, since few draws shrink them; and
        # what the sample leaves open of their sum they don't show by their differences.
        z = float(scipy.special.ndtri((1 + self.confidence) / 2))
        cells, doubt = self._cell_totals
        variance = float(doubt[self._cells.rows(k)].sum()) + ((high - low) * whole / (2 * z)) ** 2
        return self._practice(k, estimate, cells, (low, high), variance)

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
        rows = self._cells.rows(k)
        sizes = (self._sizes * self._scale)[rows]
        spread = RatioSpread.of(totals[rows], sizes, variance=variance)
        if spread.serial.refused:
            return replace(estimate, low=None, high=None, refused=spread.serial.refused)
        # Clipped to what is possible, as that of these editions.
        spread = replace(spread, value=estimate.value or 0.0)
        low, high = spread.interval(self.confidence)
        if spread.error == 0.0 or self._one_answer or not 0.0 < spread.value < 1.0:
            # Nothing varies: the rule of three over what was looked at (Hanley & Lippman-Hand 1983,
            # doi 10.1001/jama.1983.03330370053031).
            seen = max(estimate.drawn + estimate.picked, estimate.editions)
            reach = 1 - ((1 - self.confidence) / 2) ** (1 / seen)
            low, high = spread.value - reach, spread.value + reach
        # Nobody is surer of what editions tend to than of these very editions.
        low, high = max(0.0, min(these[0], low)), min(1.0, max(these[1], high))
        method = join_messages([estimate.method, Message("editions as clusters")])
        note = join_messages(filter(None, (estimate.note, spread.serial.note))) or None
        return replace(estimate, low=low, high=high, method=method, note=note)

    @cached_property
    def _one_answer(self) -> bool:
        """Whether all drawn photos have the same answer, so that residuals show no variance."""
        labels = self.table.label[self.table.sampled]
        return len(labels) > 0 and bool(labels.min() == labels.max())

    def _by_machine(self, k: int, blank: GroupEstimate) -> GroupEstimate:
        value = float(self._machine.value[k])
        low, high = (
            min(value, float(self._machine_intervals[0][k])),
            max(value, float(self._machine_intervals[1][k])),
        )
        method = by_machine_only(blank.picked + blank.drawn)
        estimate = replace(blank, value=value, low=low, high=high, method=method)
        if self._misfit:
            why = join_messages([self._misfit, help_by_reviews(value, blank.n)])
            return replace(estimate, low=None, high=None, refused=why)
        if self.inference is Inference.PRACTICE and blank.editions < FEWEST:
            return replace(estimate, low=None, high=None, refused=few_editions(blank.editions))
        if high - low > WIDEST:
            why = too_wide(low, high, help_by_reviews(value, blank.n))
            return replace(estimate, low=None, high=None, refused=why)
        return estimate

    def _counted(self, estimate: GroupEstimate) -> GroupEstimate:
        return with_count(
            estimate,
            confidence=self.confidence,
            pooled=self.estimand is Estimand.SHARE_OF_PHOTOS or estimate.editions == 1,
            whole=self.inference is Inference.THESE,
            by_area=self.by_area,
        )

    # -- differences -----------------------------------------------------------------------------

    def _machine_difference(self, first: int, second: int) -> ShareDifference:
        sides = self._estimate(first), self._estimate(second)
        method = Message(
            "machine alone, calibration uncertain, %(level)s %%", level=f"{100 * self.confidence:g}"
        )
        practice = self.inference is Inference.PRACTICE
        value, variance = self._machine.difference(first, second, practice=practice)
        if self._misfit:
            return ShareDifference(value, None, None, None, sides, method, self._misfit)
        fewest = min(side.editions for side in sides)
        if practice and fewest < FEWEST:
            return ShareDifference(value, None, None, None, sides, method, few_editions(fewest))
        z = float(scipy.special.ndtri((1 + self.confidence) / 2))
        shifts = [self._machine.sensitivity(k) for k in (first, second)]
        scans = self.components.period**2 * (shifts[0] ** 2 + shifts[1] ** 2)
        # Photos are whole: half a photo of either side is no difference.
        whole = 0.0 if practice else sum((0.5 / side.n) ** 2 for side in sides)
        error = float(np.sqrt(variance + scans + whole / z**2))
        low, high = max(-1.0, value - z * error), min(1.0, value + z * error)
        p_value = 2 * float(scipy.special.ndtr(-abs(value) / error)) if error > 0 else 1.0
        note = None
        if low <= 0.0 <= high and abs(value) > z * float(np.sqrt(variance + whole / z**2)):
            spread = sum(side.value * (1 - side.value) for side in sides if side.value)
            reviews = int(np.ceil((POWER / abs(value)) ** 2 * UNEXPLAINED * spread))
            note = not_distinguishable(reviews)
        return ShareDifference(value, low, high, p_value, sides, method, None, note)


POWER = 2.8
"""Standard errors that a difference must be wide to be seen in four samples of five (5 % level)."""

UNEXPLAINED = 0.6
"""Share of the variance of labels that a detector of AUC 0.92 leaves to the sample."""

CENSUS = Message("all photos reviewed")
"""The method where nothing is left to be unsure of."""
