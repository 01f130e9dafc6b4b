"""The photos behind a share: of the editions asked for, and of all that inform them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.app.services.samples.answers import UsedSample
from presslens.app.services.samples.frames import StoredFrame
from presslens.app.services.shares.photo_places import places_of
from presslens.app.services.shares.selection import StatEdition
from presslens.models.message import Message, join_messages
from presslens.models.recipe import NONRESPONSE, Calibration
from presslens.pipelines.cache import Cache
from presslens.pipelines.statistics.composition import ZoneEstimates
from presslens.pipelines.statistics.decision import (
    DecisionPoint,
    by_calibration,
    newspaper_point,
    why_apart,
)
from presslens.pipelines.statistics.edition_photos import MachineSeries, shifted_to
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.machine import beside_machine
from presslens.pipelines.statistics.measure import Estimand, Inference, Weight, in_zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable, alike
from presslens.pipelines.statistics.pools import PooledShares
from presslens.pipelines.statistics.share_estimate import GroupEstimate

COMPUTED_BYTES, PHOTO_BYTES, ESTIMATE_BYTES, HELD = 64 * 1024**2, 100, 1000, 0
"""Size of what is computed of the photos of a share, whichever editions are asked for; of a photo
with the models of all; of an estimate; and of what each answer needs, which is kept as it is."""

SHARED = {"source": 0.0, "period": 0.0, "slope": 0.0}
"""The components of calibration that the editions of a newspaper have in common."""


@dataclass(frozen=True, eq=False)
class SharePhotos:
    """The photos behind a share."""

    metric: Metric  # the share
    selected: Sequence[StatEdition]  # the editions that are asked for, a of them
    # Photos of all editions that inform it, those that are asked for among them; n photos.
    table: PhotoTable
    areas: Numbers  # printed area of each photo, in pages, shape (n,)
    zones: NDArray[np.uint8]  # zones of each, as bits, shape (n,)
    # Whether each shows the measure by people, or else where no calibration decides, shape (n,).
    verdicts: Mask
    machine_verdicts: Mask  # whether each does by the machine alone, shape (n,)
    calibration: Calibration  # how far the machine's calibration may be off
    confidence: float  # level of the intervals
    decision: float  # the recipe's decision probability, 0–1
    # Which photos people have settled, by whatever codebook, shape (n,); None: the answered ones.
    settled: Mask | None = None
    # Those that show the measure only since another one that it holds is shown, shape (n,).
    implied: Mask | None = None
    # Those that don't show it only since what holds it isn't shown, nobody being asked, shape (n,).
    denied: Mask | None = None
    # The validation samples that are used, the one with most answers first.
    samples: tuple[UsedSample, ...] = ()
    apart: tuple[StoredFrame, ...] = ()  # those whose answers don't count beside these
    nonresponse: float = NONRESPONSE  # as of the recipe
    # How often settled labels are right; None where nobody answered.
    coders: CoderAccuracy | None = None
    # The photos of each measure that one answer settles, by itself, this one's first; empty where
    # there is no other.
    question: tuple[SharePhotos, ...] = ()
    # The photos of each pool of newspapers, if there are several; they are those of the table, one
    # pool after the other.
    pools: tuple[SharePhotos, ...] = ()
    # The photos of the measure that holds this one, of each pool, which ``table.held`` counts.
    holders: tuple[SharePhotos, ...] = ()
    # The id of each photo, shape (n,).
    photo_ids: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    _computed: Cache = field(default_factory=lambda: Cache(COMPUTED_BYTES), init=False, repr=False)

    @property
    def nbytes(self) -> int:
        """Size in memory, with the models of all photos."""
        return PHOTO_BYTES * len(self.table) * (1 + len(self.question))

    def beside(self, others: Sequence[SharePhotos]) -> SharePhotos:
        """Return the photos with those of the other measures that one answer settles."""
        if not others or any(len(one.table) != len(self.table) for one in others):
            return self  # another measure was not read
        table = replace(self.table, beside=tuple(one.table for one in others))
        return replace(self, table=table, question=(self, *others))

    def within(self, holders: Sequence[SharePhotos]) -> SharePhotos:
        """Return the photos with those of the measure that holds this one, of each pool."""
        keys = [one.photo_keys for one in holders]
        printed = np.concatenate([one for one, _ in keys]), np.concatenate([one for _, one in keys])
        held = places_of(printed, self.photo_keys)
        return replace(self, table=replace(self.table, held=held), holders=tuple(holders))

    @property
    def photo_keys(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The id of the edition of each photo, and of the photo, shape (n,) each."""
        editions = np.array([int(key) for key in self.table.editions], np.int64)
        return editions[self.table.edition], self.photo_ids

    def sampled_by(self) -> list[list[str]]:
        """Return the names of the samples that could have drawn each photo, n of them."""
        editions, _ = self.photo_keys
        names: list[list[str]] = [[] for _ in editions]
        for one in sorted((one.frame for one in self.samples), key=lambda one: one.name):
            inside = np.isin(editions, list(one.editions)) & in_zone(self.zones, one.zone)
            for i in np.flatnonzero(inside).tolist():
                names[i].append(one.name)
        return names

    @classmethod
    def together(cls, pools: Sequence[SharePhotos]) -> SharePhotos:
        """Return the photos of pools of newspapers, each estimated by itself."""
        names = ("areas", "zones", "verdicts", "machine_verdicts", "photo_ids")
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(one, name) for one in pools]) for name in names
        }
        whole = replace(
            pools[0],
            **joined,
            selected=[edition for one in pools for edition in one.selected],
            table=PhotoTable.together([one.table for one in pools]),
            settled=np.concatenate([one.by_people for one in pools]),
            implied=np.concatenate([one.table.answered & ~one.answered for one in pools]),
            denied=np.concatenate([one.answered & ~one.asked for one in pools]),
            samples=tuple(sample for one in pools for sample in one.samples),
            apart=tuple(dict.fromkeys(sample for one in pools for sample in one.apart)),
            coders=next((one.coders for one in pools if one.coders is not None), None),
            question=(),
            holders=(),
            pools=tuple(pools),
        )
        return whole.about(whole.metric, whole.selected)

    def sample_document(self) -> dict[str, Any] | None:
        """Return the samples that the share rests on, as they are served; None without any."""
        if not self.samples:
            return None
        first, *others = (one.frame for one in self.samples)
        return {
            "name": first.name,
            "seed": first.seed,
            "editions": len(self.frame),
            "lost": sum(one.lost for one in self.samples),
            "others": [{"name": one.name, "seed": one.seed} for one in others],
        }

    @property
    def frame(self) -> frozenset[int]:
        """Ids of the editions that samples were drawn from."""
        return frozenset[int]().union(*(one.frame.editions for one in self.samples))

    @cached_property
    def ids(self) -> frozenset[int]:
        """Ids of the editions that are asked for."""
        return frozenset(edition.id for edition in self.selected)

    def about(self, metric: Metric, selected: Sequence[StatEdition]) -> SharePhotos:
        """Return the same photos for other editions of theirs, and another weight."""
        pools = tuple(one.about(metric, selected) for one in self.pools)
        same = replace(self, metric=metric, selected=selected, pools=pools)
        object.__setattr__(same, "_computed", self._computed)
        return same

    def at(self, confidence: float) -> SharePhotos:
        """Return the same photos with intervals of another level, by the models of these."""
        return replace(self, confidence=confidence, pools=self.pools or (self,))

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Place of each photo's edition among those asked for, or -1, shape (n,)."""
        places = {str(one.id): i for i, one in enumerate(self.selected)}
        of_edition = [places.get(key, -1) for key in self.table.editions]
        return np.array(of_edition, np.int64)[self.table.edition]

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
    ) -> PooledShares:
        """Return the estimator of groups of the editions that are asked for.

        Args:
            groups: Places of the editions of each group; no edition is in two.
            names: Names of the groups.
        """
        of_edition = np.full(len(self.selected) + 1, -1, np.int64)
        for k, members in enumerate(groups):
            of_edition[list(members)] = k
        pools = self.pools or (self,)
        ends = np.cumsum([0, *(len(one.table) for one in pools)])
        return PooledShares.of(
            [one._fitted for one in pools],
            [np.arange(low, high) for low, high in pairwise(ends)],
            np.where(self.counted, of_edition[self.place], -1),
            names,
            inference=inference,
            estimand=estimand,
        ).at(self.confidence)

    @property
    def expected(self) -> Numbers:
        """Probability of each photo, as a sample corrects it or the machine states it, (n,)."""
        return np.concatenate([one._fitted.expected for one in self.pools or (self,)])

    @property
    def _fitted(self) -> ShareEstimator:
        """The estimator with the models of all photos, in the weight of the metric."""
        return self._computed.find(
            ("models", self.metric.weight), None, self._estimator, size=lambda _: HELD
        )

    def _estimator(self) -> ShareEstimator:
        """Return an estimator of no groups, whose models those of others take."""
        weight = self.metric.weight
        models = [one._in(weight)._fitted for one in self.question]
        return ShareEstimator(
            table=self.weighed,
            group=alike(-1, len(self.table)),
            names=(),
            components=self.calibration,
            confidence=self.confidence,
            nonresponse=self.nonresponse,
            by_area=weight is Weight.AREA,
            coders=self.coders,
            fitted=models[0] if models else None,
            siblings=tuple(models[1:]),
            held_by=tuple(one._in(weight)._fitted for one in self.holders),
        )

    def _in(self, weight: Weight) -> SharePhotos:
        """Return the photos in another weight."""
        return self.about(replace(self.metric, weight=weight), self.selected)

    @cached_property
    def points(self) -> dict[str, DecisionPoint]:
        """From where on photos are decided, by newspaper; none where their own verdict decides."""
        return self._computed.find(("points",), None, self._points)

    def _points(self) -> dict[str, DecisionPoint]:
        if not by_calibration(self.metric.name):
            return {}
        if self.pools:
            return {name: one for pool in self.pools for name, one in pool.points.items()}
        every = self._in(Weight.COUNT)._fitted
        points = {}
        for name in dict.fromkeys(self.papers):
            own = self.newspapers == name
            table, group = self.table.at(own), every.group[own]
            one = every if own.all() else replace(every, table=table, group=group)
            if (point := newspaper_point(one, self.decision)) is not None:
                points[name] = point
        return points

    @property
    def papers(self) -> list[str]:
        """The newspaper of each edition."""
        return [cell[0] for cell in self.table.periods]

    @cached_property
    def newspapers(self) -> NDArray[np.str_]:
        """The newspaper of each photo, shape (n,)."""
        return np.array(self.papers, dtype=str)[self.table.edition]

    @cached_property
    def decided(self) -> Mask:
        """Whether each photo is taken to show the measure, by people or else the machine, (n,)."""
        decided = np.where(self.answered, self.table.label == 1.0, self.verdicts)
        for name, point in self.points.items():
            own = (self.newspapers == name) & ~self.by_people
            decided[own] = self.table.probability[own] >= point.raw
        return decided

    @property
    def by_people(self) -> Mask:
        """Which photos people have settled, shape (n,)."""
        return self.answered if self.settled is None else self.settled

    @property
    def answered(self) -> Mask:
        """Which photos people answered the measure for, shape (n,)."""
        return self.table.answered if self.implied is None else self.table.answered & ~self.implied

    @property
    def asked(self) -> Mask:
        """Which photos people looked at for the measure, and answered, shape (n,)."""
        return self.answered if self.denied is None else self.answered & ~self.denied

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
        """
        ids = tuple(tuple(self.selected[i].id for i in members) for members in groups)

        def estimated() -> list[GroupEstimate]:
            estimator = self.estimator(groups, names, inference=inference, estimand=estimand)
            made = estimator.estimates()
            if not self.samples:
                return made
            alone = self.without_answers().estimates(
                groups, names, inference=inference, estimand=estimand
            )
            return self._noted(made, alone)

        return self._computed.find(
            (self.metric.zone, self.metric.weight, inference, estimand, tuple(names), ids),
            None,
            estimated,
            size=lambda made: ESTIMATE_BYTES * len(made),
        )

    @property
    def estimated_share(self) -> float | None:
        """The share in all editions that are asked for together; None without photos."""
        every = list(range(len(self.selected)))
        (estimate,) = self.estimates(
            [every], ["all"], inference=Inference.THESE, estimand=Estimand.SHARE_OF_PHOTOS
        )
        return estimate.value

    def _noted(
        self, made: Sequence[GroupEstimate], alone: Sequence[GroupEstimate]
    ) -> list[GroupEstimate]:
        """Return estimates that say where they are wider than alone, and which samples are apart.

        Args:
            made: By answers.
            alone: The same by the machine alone.
        """
        noted = [beside_machine(*pair) for pair in zip(made, alone, strict=True)]
        if not self.apart:
            return noted
        names = join_messages([one.name for one in self.apart], ", ")
        says = Message(
            "answers to %(names)s, drawn by another measure or recipe than %(used)s, settle their"
            " own photos alone: make %(used)s larger",
            names=names,
            used=self.samples[0].frame.name,
        )
        return [replace(one, note=join_messages(filter(None, (one.note, says)))) for one in noted]

    def by_edition(self) -> list[GroupEstimate]:
        """Return the estimate of each edition that is asked for."""
        keys = [str(edition.id) for edition in self.selected]
        of_edition = {key: (self.metric.zone, self.metric.weight, key) for key in keys}
        estimates = {key: self._computed.get(one, None) for key, one in of_edition.items()}
        places = [i for i, key in enumerate(keys) if estimates[key] is None]
        if places:
            estimator = self.estimator(
                [[i] for i in places],
                [keys[i] for i in places],
                inference=Inference.THESE,
                estimand=Estimand.SHARE_OF_PHOTOS,
            )
            made = estimator.estimates()
            if self.samples:
                alone = self.without_answers().by_edition()
                made = self._noted(made, [alone[i] for i in places])
            for estimate in made:
                estimates[estimate.group] = estimate
                self._computed.put(of_edition[estimate.group], None, estimate, ESTIMATE_BYTES)
        return [estimates[key] for key in keys]

    def corrected(self) -> list[Numbers]:
        """Return the probabilities of each edition's photos, whose mean is its estimate."""
        own = self.place >= 0
        label = np.where(self.table.answered, self.table.label, np.nan)
        target = [estimate.value for estimate in self.by_edition()]
        return shifted_to(target, self.place[own], self.expected[own], label[own])

    @cached_property
    def machine(self) -> MachineSeries:
        """What the machine alone says of each edition that is asked for, and what is decided."""
        at = self.counted
        place, weight = self.place[at], self.weighed.weight[at]

        def add(part: Numbers) -> Numbers:
            return np.bincount(place, part, len(self.selected)).astype(float)

        return MachineSeries(
            n=add(np.ones(len(place))),
            whole=add(weight),
            expected=add(weight * self.table.probability[at]),
            decided=add(weight * self.decided[at]),
            answered=add(self.table.answered[at].astype(float)),
        )

    def why_apart(self, members: Sequence[int], share: float | None) -> Message | None:
        """Return why what is decided of the editions at some places is not their share, 0–1."""
        series = self.machine
        decided, whole = (part[members].sum() for part in (series.decided, series.whole))
        points = {self.points.get(self.selected[i].publication) for i in members}
        # Of several newspapers the one that is the most apart says why.
        point = min(points, key=lambda one: one is not None and one.agrees, default=None)
        return why_apart(self.metric.name, point, share, decided / whole if whole else None)

    def without_answers(self) -> SharePhotos:
        """Return the photos as the machine alone knows them."""
        if self.pools:
            alone = (one.without_answers() for one in self.pools)
            return self._other("answers", lambda: SharePhotos.together([*alone]))
        if self.question:
            own, *others = (one.without_answers() for one in self.question)
            return self._other("answers", lambda: own.beside(others))
        holders = tuple(one.without_answers() for one in self.holders)
        nobody = replace(self, samples=(), coders=None, holders=holders)
        return self._other("answers", lambda: replace(nobody, table=self.table.without_answers()))

    def without_shared_errors(self) -> SharePhotos:
        """Return the photos as if the machine didn't err in all editions of a newspaper alike."""
        if self.pools:
            alike = (one.without_shared_errors() for one in self.pools)
            return self._other("shared errors", lambda: SharePhotos.together([*alike]))
        if self.question:
            own, *others = (one.without_shared_errors() for one in self.question)
            return self._other("shared errors", lambda: own.beside(others))
        calibration = self.calibration.model_copy(update=SHARED)
        holders = tuple(one.without_shared_errors() for one in self.holders)
        other = replace(self, calibration=calibration, holders=holders)
        return self._other("shared errors", lambda: other)

    def _other(self, without: str, photos: Callable[[], SharePhotos]) -> SharePhotos:
        """Return the same photos with less known of them, and what was computed of these before."""
        other = self._computed.find(("without", without), None, photos, size=lambda _: HELD)
        return other.about(self.metric, self.selected)

    def zone_estimates(self, edition: int, photos: Collection[int] | None = None) -> ZoneEstimates:
        """Return the estimates of one edition, by its place, in its zones.

        Args:
            edition: The place.
            photos: Ids of the photos that are asked about, of a page for instance; None: all.
        """
        for one in self.pools:
            if (one.place == edition).any():
                return one.zone_estimates(edition, photos)
        return self._computed.find(
            ("zones", self.selected[edition].id, photos and frozenset(photos)),
            None,
            lambda: self._zone_estimates(edition, photos),
            size=lambda made: PHOTO_BYTES * len(made.table),
        )

    def _zone_estimates(self, edition: int, photos: Collection[int] | None) -> ZoneEstimates:
        fitted = {weight: self._in(weight)._fitted for weight in Weight}
        own = self.place == edition
        asked = own if photos is None else own & np.isin(self.photo_ids, list(photos))
        # Where the machine is the estimator, its models know the other editions.
        used = np.ones(len(own), bool) if self._fitted.designed else own
        return ZoneEstimates(
            self.table.at(used),
            self.areas[used],
            self.zones[used],
            asked[used],
            self.decided[used],
            self.calibration,
            self.confidence,
            self.coders,
            fitted,
            self.points.get(self.selected[edition].publication),
            self.without_answers().zone_estimates(edition, photos) if self.samples else None,
        )
