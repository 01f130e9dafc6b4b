"""How wide an interval will be, and which difference it will show, before anybody codes.

What a sample leaves open is foreseen from the machine's probabilities (``needed_draws``). What no
answer lessens, how editions of a newspaper differ, is what ``regression`` says of them if all
photos were coded: each photo's probability p stands for its label as (p - m0) / (m1 - m0), where m1
and m0 are its means in photos that show the measure and that don't; of calibrated probabilities of
mean m, m1 - m0 is their variance by m (1 - m). What such labels vary by beyond true ones is
subtracted. Power is 80 % (Cohen 1988, *Statistical Power Analysis for the Behavioral Sciences*).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from presslens.models.message import Message
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.needed_draws import PhotoFrame, needed_draws, power_factor
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable
from presslens.pipelines.statistics.regression import regress
from presslens.pipelines.statistics.worlds import World

SIZES = (50, 100, 150, 200, 300, 500, 1000, 2000, 5000)
"""Numbers of drawn photos that a plan lists."""

_FIRST_DAY = 738_000
"""Day of the first edition of a newspaper that is not printed yet, as ``date.toordinal``."""

_LEAST_APART = 0.05
"""Smallest m1 - m0 that is divided by: a machine that tells less is taken to tell nothing."""


class StudyDesign(StrEnum):
    """What a study estimates."""

    SHARE = "share"
    DIFFERENCE = "difference"
    TREND = "trend"


@dataclass(frozen=True, slots=True)
class Foresight(Served):
    """What to expect of a number of drawn photos, all of them answered."""

    photos: int
    width: Rounded  # foreseen width of the interval
    # Difference from a number, between the two periods, or from the first day to the last, that
    # four samples of five show; 0–1.
    detectable: Rounded


@dataclass(frozen=True, eq=False)
class Study:
    """A study of n photos before it is coded."""

    table: PhotoTable  # its drawn answers tell how far the machine is off
    design: StudyDesign
    # Days of the photos after the first as a part of the time, 0–1, for a trend; 0 and 1 for the
    # groups of a difference; ones for a share; -1 of others that are drawn from; shape (n,).
    column: Numbers
    inference: Inference = Inference.THESE
    confidence: float = 0.95  # level of the intervals
    continues: bool = False  # a further sample counts together with the drawn answers
    share: float | None = None  # as the archive estimates it; None: the probabilities do
    extends: bool = False  # more draws make the sample larger, and draw none of it again

    @classmethod
    def of(
        cls,
        table: PhotoTable,
        design: StudyDesign,
        days: NDArray[np.int64],
        *,
        first_after: int | None = None,
        inference: Inference = Inference.THESE,
        confidence: float = 0.95,
        continues: bool = False,
        share: float | None = None,
        extends: bool = False,
    ) -> Study:
        """Return a study of photos.

        Args:
            table: The n photos.
            design: A share, the difference of two periods, or a trend.
            days: Of each photo, as ``date.toordinal``, shape (n,).
            first_after: First day of the later period; None: the middle of the days.
            continues: A further sample counts together with the drawn answers.
            share: As the archive estimates it; None: the machine's probabilities do.
            extends: More draws make the sample larger, and draw none of it again.

        Raises:
            ValueError: All photos are of one day, or on one side of the day.
        """
        column = np.ones(len(table))
        if design is not StudyDesign.SHARE:
            span = int(days.max() - days.min()) if len(days) else 0
            if not span:
                raise ValueError(Message("a difference or a trend takes editions of several days"))
            column = (days - days.min()) / span
        if design is StudyDesign.DIFFERENCE:
            column = (days >= first_after if first_after else column > 0.5).astype(float)
            if column.all() or not column.any():
                raise ValueError(Message("all editions lie on one side of the day"))
        return cls(table, design, column, inference, confidence, continues, share, extends)

    @cached_property
    def _columns(self) -> Numbers:
        column = self.column[self.column >= 0]
        constant = [] if self.design is StudyDesign.SHARE else [np.ones(len(column))]
        return np.stack([*constant, column], axis=1)

    @cached_property
    def _asked(self) -> PhotoTable:
        """The photos without those that are only drawn from."""
        return self.table.at(self.column >= 0)

    @cached_property
    def _loads(self) -> Numbers:
        """What a photo in question adds to the number by its weight, shape (m,)."""
        X = self._columns
        return np.asarray(X @ np.linalg.inv(X.T @ (self._asked.weight[:, None] * X))[:, -1])

    @cached_property
    def frame(self) -> PhotoFrame:
        """The photos to draw from."""
        table = self.table
        parted = self.design is StudyDesign.DIFFERENCE
        side = self.column if parted else np.minimum(self.column, 0)
        return PhotoFrame(
            table.probability,
            table.weight,
            side.astype(np.int64),
            table.sampled & self.continues,
            self._loads if self.design is StudyDesign.TREND else None,
            np.where(table.sampled, table.label, np.nan),
            self.share,
            self.extends,
        )

    @cached_property
    def _editions(self) -> tuple[float, str | None]:
        """Half the width that no answer lessens, and why practice is refused."""
        if self.inference is Inference.THESE:
            return 0.0, None
        p, w = self._asked.probability, self._asked.weight
        mean = float(np.average(p, weights=w))
        labels = mean * (1 - mean)
        apart = max(float(np.average((p - mean) ** 2, weights=w)) / max(labels, 1e-9), _LEAST_APART)
        nothing = np.full(len(p), np.nan)
        coded = replace(self._asked, label=mean + (p - mean) / apart, inclusion=nothing, beside=())
        names = [f"column {i}" for i in range(self._columns.shape[1])]
        found = regress(
            coded, p, self._columns, names, inference=self.inference, confidence=self.confidence
        )
        if found.refused:
            return math.inf, found.refused
        last = found.coefficients[-1]
        by_photo = float(((w * self._loads) ** 2).sum()) * labels
        variance = max(last.error**2 - by_photo * (1 / apart - 1), by_photo)
        return (last.high - last.low) / 2 / last.error * math.sqrt(variance), None

    @property
    def by_editions(self) -> float:
        """Half the width that no answer lessens: how editions vary; infinite where refused."""
        return self._editions[0]

    @property
    def refused(self) -> str | None:
        """Why practice can't be told, however many photos are drawn; None where it can."""
        return self._editions[1]

    def foresee(self, photos: int) -> Foresight:
        """Return what to expect once so many photos more are drawn and answered."""
        after = self.frame.after(photos)
        reach = math.hypot(self.frame.reach(after, self.confidence), self.by_editions)
        width, shown = min(2 * reach, 2.0), min(reach * power_factor(self.confidence), 1.0)
        return Foresight(min(photos, len(self.table)), width, shown)

    def sizes(self) -> list[Foresight]:
        """Return what to expect of samples of several sizes, and of all photos."""
        n = len(self.table)
        return [self.foresee(size) for size in (*(size for size in SIZES if size < n), n)]

    def needed(self, *, width: float | None = None, change: float | None = None) -> int | None:
        """Return how many photos a width takes, or a difference shown in four samples of five.

        None where all would not do, or hardly less than all of many.

        Args:
            width: Of the interval.
            change: Difference from a number, between two periods, or over all days, above 0.
        """
        wished = (width or 0.0) / 2 if change is None else change / power_factor(self.confidence)
        left = wished**2 - self.by_editions**2
        return needed_draws(self.frame, math.sqrt(left), self.confidence) if left > 0.0 else None


def foreseen_newspaper(
    share: float, auc: float, *, editions: int, photos: float, days: Sequence[int] = ()
) -> tuple[PhotoTable, NDArray[np.int64]]:
    """Return photos of a newspaper that is not printed yet, and their days.

    Args:
        share: Share of its photos that show the measure, 0–1.
        auc: Area under the detector's ROC curve, 0.5–1.
        editions: Number of editions, one a day.
        photos: Mean number of photos of an edition.
        days: Days of the editions, as ``date.toordinal``; none: one after the other.
    """
    world = World(
        editions=editions, photos=photos, special=0.0, prevalence=share, reference=share, auc=auc
    )
    table = world.newspaper(np.random.default_rng(0)).table()
    every = np.array(days or range(_FIRST_DAY, _FIRST_DAY + editions), np.int64)
    return table, every[table.edition]
