"""What a validation sample, or the machine alone, tells of each photo of a measure.

Measures of which a photo shows one, and measures that another one holds, limit each other photo by
photo (``joint``, ``nested``), so that groups of photos add up and are in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from presslens.models.recipe import NONRESPONSE, Calibration
from presslens.pipelines.statistics.calibration import (
    CalibrationPosterior,
    Histograms,
    bins_of,
    calibrate,
    edition_probabilities,
    learn,
    photo_probabilities,
    total_spread,
)
from presslens.pipelines.statistics.cells import GroupedPhotos
from presslens.pipelines.statistics.design import (
    FrameTotal,
    Totals,
    benchmarked,
    design_totals,
    pulls,
)
from presslens.pipelines.statistics.effects import EffectSpread
from presslens.pipelines.statistics.joint import (
    balanced_factors,
    joined,
    labels_of,
    raked,
    shared_out,
)
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.misfit import ScoreFit, score_fit
from presslens.pipelines.statistics.nested import at_most, balancing_shift, shared_within
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable
from presslens.pipelines.statistics.recalibration import Recalibration, recalibrate

FEWEST_DRAWN = 20
"""Drawn and answered photos from which on the sample is the estimator, and not the machine."""

PARTS = 0.5
"""How much commoner a measure is in parts of one newspaper, as months: a standard deviation of the
log odds, on top of the error of a period."""


@dataclass(frozen=True, eq=False)
class FittedPhotos:
    """The photos of a measure in groups, with the models that estimate what each shows."""

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
    fitted: Self | None = None  # an estimator of the same photos, whose models are taken
    coders: CoderAccuracy | None = None  # how often settled labels are right; None: not asked
    asked: NDArray[np.int64] | None = None  # kinds of photos that may have effects, 0 or more, (n,)
    nonresponse: float = NONRESPONSE  # as of ``design.design_totals``
    # Estimators of the measures of ``table.beside``, whose models are taken; none: made of it.
    siblings: tuple[Self, ...] = ()
    # Estimators of the measure that holds this one, whose models are taken: of the photos of
    # ``table.held``, one of each pool; none: nothing holds it.
    held_by: tuple[Self, ...] = ()

    def about(
        self,
        table: PhotoTable,
        group: NDArray[np.int64],
        names: Sequence[str],
        *,
        inference: Inference = Inference.THESE,
        estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
    ) -> Self:
        """Return the estimator of other groups of the same photos, by the models of this one.

        Args:
            table: The photos of this one's table.
            group: Group of each, 0 to k - 1; -1 for photos that only inform, shape (n,).
            names: Names of the k groups.
        """
        inside = group >= 0
        designed = any(one.designed for one in self._question)
        if not designed and not inside.all():  # the models know the others
            table, group = table.at(inside), group[inside]
        other = replace(self, table=table, group=group, names=names, fitted=self.fitted or self)
        return replace(other, inference=inference, estimand=estimand)

    def without_answers(self) -> Self:
        """Return the estimator as the machine alone knows the photos."""
        return replace(
            self,
            table=self.table.without_answers(),
            fitted=None if self.fitted is None else self.fitted.without_answers(),
            coders=None,
            siblings=tuple(one.without_answers() for one in self.siblings),
            held_by=tuple(one.without_answers() for one in self.held_by),
        )

    @cached_property
    def _of(self) -> GroupedPhotos:
        pooled = self.estimand is Estimand.SHARE_OF_PHOTOS
        return GroupedPhotos(self.table, self.group, len(self.names), pooled)

    @cached_property
    def drawn(self) -> int:
        """Photos that were drawn and answered, of all that inform."""
        return int(self.table.sampled.sum()) if self.fitted is None else self.fitted.drawn

    @property
    def designed(self) -> bool:
        """Whether a validation sample is the estimator, and not the machine."""
        return self.drawn >= FEWEST_DRAWN

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
    def _totals(self) -> Totals:
        """The total of each group, by itself."""
        return design_totals(
            self._of.scaled,
            self.group,
            len(self.names),
            self.model,
            self.frame,
            period=self.components.period,
            newspaper=total_spread(self.components),
            confidence=self.confidence,
            nonresponse=self.nonresponse,
        )

    def _unasked(self) -> Self:
        """Return the estimator without effects of what is asked about, and those beside it."""
        return replace(
            self,
            asked=None,
            fitted=None if self.fitted is None else self.fitted._unasked(),
            siblings=tuple(one._unasked() for one in self.siblings),
            held_by=tuple(one._unasked() for one in self.held_by),
        )

    @property
    def _moved_totals(self) -> Numbers:
        return self._totals.value + self._moved * self._of.whole

    @cached_property
    def _added_up(self) -> Numbers | None:
        """The total of each group, so that all add up to the whole's, shape (k,).

        None where they do: what is asked about may move groups, and not the whole. Means of
        editions add up to nothing.
        """
        asked = any(one.spread is EffectSpread.ASKED for one in self.model.effects.factors)
        if not asked or self.estimand is not Estimand.SHARE_OF_PHOTOS:
            return None
        whole = self._unasked().about(self.table, np.minimum(self.group, 0), ("all",))
        if all(one.designed for one in self._question[1:]) and self.table.beside:
            each = np.maximum([one._moved_totals for one in self._question], 0.0)
            wholes = np.concatenate([one._moved_totals for one in whole._question])
            return np.asarray(raked(each, wholes, self._of.whole)[0])
        by = self._moved * self._of.whole
        ends = self._totals.low + by, self._totals.high + by
        return benchmarked(self._moved_totals, *ends, float(whole._moved_totals[0]))

    @cached_property
    def recalibrated(self) -> Numbers:
        """The probability of each photo, 0–1, as the sample corrects it, shape (n,)."""
        if self.table.beside:
            return self._joint(np.stack([one._alone for one in self._question], axis=1))[:, 0]
        return self._balanced

    @cached_property
    def _balanced(self) -> Numbers:
        return np.asarray(expit(self.frame.logits))

    @cached_property
    def frame(self) -> FrameTotal:
        """The total that the sample balances, which all groups of a weight have in common."""
        base, of = self.fitted, self._of
        if base is not None and base.confidence == self.confidence and of.like(base._of):
            return base.frame
        return FrameTotal.of(of.even, self.model, confidence=self.confidence)

    @cached_property
    def calibrated(self) -> Numbers:
        """The probability of each photo as the sample or the machine calibrates it, shape (n,)."""
        if self.designed:
            return self.recalibrated
        return photo_probabilities(*self._calibrated, self.table.logits)

    @property
    def expected(self) -> Numbers:
        """Probability of each photo, as a sample corrects it or the machine states it, (n,)."""
        return self.recalibrated if self.designed else self.table.probability

    # -- measures of which each photo shows one --------------------------------------------------

    @cached_property
    def _question(self) -> tuple[Self, ...]:
        """This one, and estimators of the same groups for the others that one answer settles."""
        bases = self.siblings or (self.fitted._question[1:] if self.fitted is not None else ())
        others = [
            replace(self, table=one, fitted=None, siblings=(), held_by=())
            for one in joined(self.table)
        ]
        for i, base in enumerate(bases):
            one = replace(others[i], components=base.components, coders=base.coders)
            others[i] = replace(one, fitted=base.fitted or base, held_by=base.held_by)
        # All have one question: no total and no model is computed again for another one's.
        for i, one in enumerate(others):
            one.__dict__["_question"] = (one, self, *others[:i], *others[i + 1 :])
        return (self, *others)

    @cached_property
    def _alone(self) -> Numbers:
        """The probability of each photo by this measure alone, without effects of groups, (n,)."""
        if self.designed:
            return self._balanced
        every, posterior = self._calibrated
        return edition_probabilities(every, posterior)[self.table.edition, bins_of(self.table)]

    @cached_property
    def _factors(self) -> Numbers:
        """Logarithm of the factor of each measure, by which the draw balances all, shape (j,)."""
        drawn = [one._of for one in self._question if one.designed]
        if not drawn:
            return np.zeros(len(self._question))
        whole = np.stack([one._alone for one in self._question], axis=1)
        # Photos without an answer are stood for by others, which are other ones for each measure.
        pull = np.mean([pulls(one.even) for one in drawn], axis=0)
        return balanced_factors(whole, labels_of(self.table), pull)

    def _joint(self, alone: Numbers, *, answers: bool = False) -> Numbers:
        """Return the probability of each photo for these and the other measures, shape (n, j)."""
        label = labels_of(self.table) if answers else np.full(alone.shape, np.nan)
        return shared_out(alone, label, self._factors)

    @cached_property
    def _moved(self) -> Numbers:
        """By how much the other measures move the share of each group, shape (k,)."""
        if not self.table.beside and not self.holders:
            return np.zeros(len(self.names))
        part = self._totals.photos if self.designed else self._alone
        return self._of.share(self._photos - np.where(self.table.answered, self.table.label, part))

    @cached_property
    def _photos(self) -> Numbers:
        """What of each photo shares sum up, beside and within the other measures, shape (n,)."""
        parts = [one._totals.photos if one.designed else one._alone for one in self._question]
        if self.table.beside:
            whole = self._joint(np.stack(parts, axis=1), answers=True)
            return shared_within(whole, np.stack([one._most for one in self._question], axis=1))
        own = at_most(parts[0], self._most, self._shift)
        return np.where(self.table.answered, self.table.label, own)

    # -- measures that hold others ---------------------------------------------------------------

    @cached_property
    def holders(self) -> tuple[Self, ...]:
        """The estimators of the same groups for the measure that holds this one, of each pool."""
        return tuple(
            replace(
                base.about(
                    base.table, group, self.names, inference=self.inference, estimand=self.estimand
                ),
                confidence=self.confidence,
            )
            for base, group in self.held_groups
        )

    @property
    def held_groups(self) -> list[tuple[Self, NDArray[np.int64]]]:
        """The estimators of ``held_by``, each with the group of each of its photos, -1 for none."""
        if self.table.held is None or not self.held_by:
            return []
        ends = np.cumsum([0, *(len(one.table) for one in self.held_by)])
        group = np.full(ends[-1], -1, np.int64)
        there = self.table.held >= 0
        group[self.table.held[there]] = self.group[there]
        return list(zip(self.held_by, np.split(group, ends[1:-1]), strict=True))

    def _of_holders(self, parts: Sequence[Numbers]) -> Numbers:
        """Return a part of the photos of each holder for these photos, 1 where none is, (n,)."""
        if self.table.held is None or not self.held_by:
            return np.ones(len(self.table))
        return np.append(np.concatenate([np.zeros(0), *parts]), 1.0)[self.table.held]

    @cached_property
    def _most(self) -> Numbers:
        """The largest probability of each photo that its holder allows, shape (n,)."""
        parts = []
        for one, (base, group) in zip(self.holders, self.held_groups, strict=True):
            most = np.ones(len(group))  # a holder without a sample has the photos of groups alone
            most[group >= 0 if len(one.table) < len(base.table) else slice(None)] = one._photos
            parts.append(most)
        return self._of_holders(parts)

    @cached_property
    def _shift(self) -> float:
        """The shift, in logits, by which the draw balances what the holder cuts off."""
        if not self.held_by or not self.designed:
            return 0.0
        # As photos that nobody drew are cut off: by probabilities, and not by answers.
        most = self._of_holders([one._alone for one in self.held_by])
        pull = pulls(self._of.even)
        return balancing_shift(self._alone, self.table.label, most, pull)

    # -- by the machine --------------------------------------------------------------------------

    @cached_property
    def _calibrated(self) -> tuple[Histograms, CalibrationPosterior]:
        """The photos of each edition by their scores, and what they tell of the newspaper."""
        if self.fitted is not None:
            return self.fitted._calibrated
        every = Histograms.of(self.table)
        sample = self.table.at(self.table.sampled)
        return every, learn(calibrate(every, self._score_fit.components), every, sample)

    @cached_property
    def _score_fit(self) -> ScoreFit:
        """What explains the scores of all photos."""
        if self.fitted is not None:
            return self.fitted._score_fit
        return score_fit(Histograms.of(self.table).seen.sum(axis=0), self.components)
