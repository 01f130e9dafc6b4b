"""The photos behind a share: of the editions asked for, and of all that inform them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from presslens.app.services.statistics.selection import StatEdition
from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.composition import ZoneEstimates
from presslens.pipelines.statistics.edition_photos import in_zone
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import Estimand, Inference, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable
from presslens.pipelines.statistics.share_estimate import GroupEstimate

_Groups = tuple[Zone, Weight, Inference, Estimand, tuple[str, ...], tuple[tuple[int, ...], ...]]

MOST_GROUPINGS = 32
"""Groupings of editions whose estimates are kept with the photos."""

MOST_ZONED = 64
"""Editions whose estimates by zone are kept with the photos."""

SHARED = {"source": 0.0, "period": 0.0, "slope": 0.0}
"""The components of calibration that the editions of a newspaper have in common."""


@dataclass(slots=True, eq=False)
class _Computed:
    """What was computed of photos, and holds whichever of their editions are asked for.

    Attributes:
        fitted: By weight an estimator with the models of all photos, and no groups.
        editions: By zone and weight the estimate of each edition, by its key.
        groups: The estimates of groups of editions, by all that they are made of.
        zones: The estimates of single editions in their zones, by key of the edition.
        others: The same photos with less known of them, by what is left out.
    """

    fitted: dict[Weight, ShareEstimator] = field(default_factory=dict)
    editions: dict[tuple[Zone, Weight], dict[str, GroupEstimate]] = field(default_factory=dict)
    groups: LRUCache[_Groups, list[GroupEstimate]] = field(
        default_factory=lambda: LRUCache(MOST_GROUPINGS)
    )
    zones: LRUCache[str, ZoneEstimates] = field(default_factory=lambda: LRUCache(MOST_ZONED))
    others: dict[str, SharePhotos] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True, eq=False)
class SharePhotos:
    """The photos behind a share.

    Attributes:
        metric: The share.
        asked: The editions that are asked for, a of them.
        table: Photos of all editions that inform it, those that are asked for among them; n photos.
        areas: Printed area of each photo, in pages, shape (n,).
        zones: Zones of each, as bits, shape (n,).
        decided: Whether each is decided to show the measure, shape (n,).
        place: Place of each photo's edition among those asked for, or -1, shape (n,).
        calibration: How far the machine's calibration may be off.
        confidence: Level of the intervals.
        sample: Name of the validation sample that is used; None without one.
        seed: Its seed.
        frame: Ids of the editions of its closed frame.
        lost: Drawn photos of the sample that this recipe does not find.
        coders: How often settled labels are right; None where nobody answered.
    """

    metric: Metric
    asked: Sequence[StatEdition]
    table: PhotoTable
    areas: Numbers
    zones: NDArray[np.uint8]
    decided: Mask
    place: NDArray[np.int64]
    calibration: Calibration
    confidence: float
    sample: str | None = None
    seed: int | None = None
    frame: frozenset[int] = frozenset()
    lost: int = 0
    coders: CoderAccuracy | None = None
    _computed: _Computed = field(default_factory=_Computed, init=False, repr=False)

    def sample_document(self) -> dict[str, Any] | None:
        """Return the sample that the share rests on, as it is served; None without one."""
        if self.sample is None:
            return None
        return {
            "name": self.sample,
            "seed": self.seed,
            "editions": len(self.frame),
            "lost": self.lost,
        }

    @cached_property
    def ids(self) -> frozenset[int]:
        """Ids of the editions that are asked for."""
        return frozenset(edition.id for edition in self.asked)

    def about(self, metric: Metric, asked: Sequence[StatEdition]) -> SharePhotos:
        """Return the same photos for other editions of theirs, and another weight."""
        places = {str(one.id): i for i, one in enumerate(asked)}
        of_edition = [places.get(key, -1) for key in self.table.editions]
        place = np.array(of_edition, np.int64)[self.table.edition]
        same = replace(self, metric=metric, asked=asked, place=place)
        object.__setattr__(same, "_computed", self._computed)
        return same

    @cached_property
    def counted(self) -> Mask:
        """Photos of the zone in the editions that are asked for, shape (n,)."""
        return (self.place >= 0) & in_zone(self.zones, self.metric.zone)

    @cached_property
    def weighed(self) -> PhotoTable:
        """The photos with the weight of the metric."""
        by_area = self.metric.weight is Weight.AREA
        return replace(self.table, weight=self.areas) if by_area else self.table

    def estimator(
        self,
        groups: Sequence[Sequence[int]],
        names: Sequence[str],
        *,
        inference: Inference,
        estimand: Estimand,
    ) -> ShareEstimator:
        """Return the estimator of groups of the editions that are asked for.

        Args:
            groups: Places of the editions of each group; no edition is in two.
            names: Names of the groups.
            inference: About these editions, or about practice.
            estimand: Photos pooled, or editions averaged.
        """
        of_edition = np.full(len(self.asked) + 1, -1, np.int64)
        for k, members in enumerate(groups):
            of_edition[list(members)] = k
        group = np.where(self.counted, of_edition[self.place], -1)
        return self._fitted.about(
            self.weighed, group, names, inference=inference, estimand=estimand
        )

    @property
    def _fitted(self) -> ShareEstimator:
        """The estimator with the models of all photos, in the weight of the metric."""
        weight = self.metric.weight
        if weight not in self._computed.fitted:
            self._computed.fitted[weight] = ShareEstimator(
                table=self.weighed,
                group=np.full(len(self.table), -1),
                names=(),
                components=self.calibration,
                confidence=self.confidence,
                by_area=weight is Weight.AREA,
                coders=self.coders,
            )
        return self._computed.fitted[weight]

    def estimates(
        self,
        groups: Sequence[Sequence[int]],
        names: Sequence[str],
        *,
        inference: Inference,
        estimand: Estimand,
    ) -> list[GroupEstimate]:
        """Return the estimates of groups of the editions that are asked for.

        Args:
            groups: Places of the editions of each group; no edition is in two.
            names: Names of the groups.
            inference: About these editions, or about practice.
            estimand: Photos pooled, or editions averaged.
        """
        ids = tuple(tuple(self.asked[i].id for i in members) for members in groups)
        key = self.metric.zone, self.metric.weight, inference, estimand, tuple(names), ids
        with self._computed.lock:
            found = self._computed.groups.get(key)
        if found is None:
            estimator = self.estimator(groups, names, inference=inference, estimand=estimand)
            found = estimator.estimates()
            with self._computed.lock:
                self._computed.groups[key] = found
        return found

    def by_edition(self) -> list[GroupEstimate]:
        """Return the estimate of each edition that is asked for."""
        known = self._computed.editions.setdefault((self.metric.zone, self.metric.weight), {})
        keys = [str(edition.id) for edition in self.asked]
        places = [i for i, key in enumerate(keys) if key not in known]
        if places:
            estimator = self.estimator(
                [[i] for i in places],
                [keys[i] for i in places],
                inference=Inference.THESE,
                estimand=Estimand.SHARE_OF_PHOTOS,
            )
            known.update((estimate.group, estimate) for estimate in estimator.estimates())
        return [known[key] for key in keys]

    @cached_property
    def machine(self) -> MachineSeries:
        """What the machine alone says of each edition that is asked for."""
        at = self.counted
        place, weight = self.place[at], self.weighed.weight[at]
        a = len(self.asked)

        def add(part: Numbers) -> Numbers:
            return np.bincount(place, part, a).astype(float)

        return MachineSeries(
            n=add(np.ones(len(place))),
            whole=add(weight),
            expected=add(weight * self.table.probability[at]),
            decided=add(weight * self.decided[at]),
            settled=add(self.table.answered[at].astype(float)),
        )

    def without_answers(self) -> SharePhotos:
        """Return the photos as the machine alone knows them."""
        if "answers" not in self._computed.others:
            nothing = np.full(len(self.table), np.nan)
            table = replace(
                self.table, label=nothing, inclusion=nothing, framed=np.zeros(len(nothing), bool)
            )
            nobody = replace(self, sample=None, seed=None, frame=frozenset(), lost=0, coders=None)
            self._computed.others["answers"] = replace(nobody, table=table)
        return self._computed.others["answers"].about(self.metric, self.asked)

    def without_shared_errors(self) -> SharePhotos:
        """Return the photos as if the machine didn't err in all editions of a newspaper alike."""
        if "shared errors" not in self._computed.others:
            calibration = self.calibration.model_copy(update=SHARED)
            self._computed.others["shared errors"] = replace(self, calibration=calibration)
        return self._computed.others["shared errors"].about(self.metric, self.asked)

    def zone_estimates(self, edition: int) -> ZoneEstimates:
        """Return the estimates of one edition in its zones, by its place."""
        key = str(self.asked[edition].id)
        with self._computed.lock:
            found = self._computed.zones.get(key)
        if found is None:
            weighed = (replace(self.metric, weight=weight) for weight in Weight)
            fitted = {one.weight: self.about(one, self.asked)._fitted for one in weighed}
            own = self.place == edition
            # Where the machine is the estimator, its models know the other editions.
            kept = np.ones(len(own), bool) if self._fitted.designed else own
            found = ZoneEstimates(
                self.table.at(kept),
                self.areas[kept],
                self.zones[kept],
                own[kept],
                self.calibration,
                self.confidence,
                self.coders,
                fitted,
            )
            with self._computed.lock:
                self._computed.zones[key] = found
        return found


@dataclass(frozen=True, slots=True, eq=False)
class MachineSeries:
    """What the machine alone says of the photos of a editions; arrays of shape (a,).

    Attributes:
        n: Number of photos.
        whole: Their weight.
        expected: Sum of weight times probability.
        decided: Weight of those that are decided to show the measure.
        settled: Number of those with a consensus of coders.
    """

    n: Numbers
    whole: Numbers
    expected: Numbers
    decided: Numbers
    settled: Numbers

    def share(self, members: Sequence[int], estimand: Estimand) -> float | None:
        """Return the mean probability of some editions, 0–1; None without photos."""
        rows = [i for i in members if self.whole[i] > 0]
        if not rows:
            return None
        if estimand is Estimand.MEAN_EDITION_SHARE:
            return float((self.expected[rows] / self.whole[rows]).mean())
        return float(self.expected[rows].sum() / self.whole[rows].sum())
