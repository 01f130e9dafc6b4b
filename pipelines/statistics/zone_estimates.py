"""Estimates of one measure of one edition in its zones, by count and by area."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.edition_photos import in_zone
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable
from presslens.pipelines.statistics.share_estimate import GroupEstimate


@dataclass(frozen=True, eq=False)
class ZoneEstimates:
    """The estimates of a measure of an edition.

    Attributes:
        table: Photos of the edition, and further ones of its newspaper that inform, unless
            ``fitted`` knows them; weights 1.
        areas: Printed area of each photo, in pages, shape (n,).
        zones: Zones of each photo, as bits, shape (n,).
        counted: Which photos are the edition's, shape (n,).
        components: How far the machine's calibration may be off.
        confidence: Level of the intervals.
        coders: How often settled labels are right; None: not asked.
        fitted: By weight an estimator of all photos that inform, whose models are taken; those
            that are lacking are made of ``table``.
    """

    table: PhotoTable
    areas: Numbers
    zones: NDArray[np.uint8]
    counted: Mask
    components: Calibration
    confidence: float
    coders: CoderAccuracy | None = None
    fitted: dict[Weight, ShareEstimator] = field(default_factory=dict)
    _known: dict[tuple[Zone, Weight], GroupEstimate] = field(default_factory=dict)

    def estimate(self, zone: Zone, weight: Weight = Weight.COUNT) -> GroupEstimate:
        """Return the estimate for a zone."""
        if (zone, weight) not in self._known:
            group = np.where(self.counted & in_zone(self.zones, zone), 0, -1).astype(np.int64)
            estimator = self._base(weight).about(self._table(weight), group, (zone.value,))
            self._known[zone, weight] = estimator.estimates()[0]
        return self._known[zone, weight]

    def _base(self, weight: Weight) -> ShareEstimator:
        """Return the estimator with the models of all photos."""
        if weight not in self.fitted:
            self.fitted[weight] = ShareEstimator(
                table=self._table(weight),
                group=np.full(len(self.table), -1),
                names=(),
                components=self.components,
                confidence=self.confidence,
                by_area=weight is Weight.AREA,
                coders=self.coders,
            )
        return self.fitted[weight]

    def _table(self, weight: Weight) -> PhotoTable:
        by_area = weight is Weight.AREA
        return replace(self.table, weight=self.areas) if by_area else self.table
