"""Loads the photos behind a share: of the editions asked for, and of all that inform them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.db.statistics import EditionMeasureRow, EditionSummaryRow
from app.services.recipes.recipes import Provenance
from app.services.samples.answers import SampleAnswers, answered_measures, load_answers
from app.services.statistics.selection import EditionCriteria, StatEdition, select_editions
from models.recipe import Calibration
from pipelines.statistics.edition_photos import in_zone
from pipelines.statistics.estimator import ShareEstimator
from pipelines.statistics.measure import Estimand, Inference, Weight
from pipelines.statistics.metrics import Metric
from pipelines.statistics.photo_table import Mask, Numbers, PhotoTable
from pipelines.statistics.share_estimate import GroupEstimate
from pipelines.statistics.zone_estimates import ZoneEstimates


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
        frame: Ids of the editions of its closed frame.
        lost: Drawn photos of the sample that this recipe does not find.
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
    frame: frozenset[int] = frozenset()
    lost: int = 0

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
        fitted: ShareEstimator | None = None,
    ) -> ShareEstimator:
        """Return the estimator of groups of the editions that are asked for.

        Args:
            groups: Places of the editions of each group; no edition is in two.
            names: Names of the groups.
            inference: About these editions, or about practice.
            estimand: Photos pooled, or editions averaged.
            fitted: An estimator of the same photos, whose models are taken.
        """
        of_edition = np.full(len(self.asked) + 1, -1, np.int64)
        for k, members in enumerate(groups):
            of_edition[list(members)] = k
        return ShareEstimator(
            table=self.weighed,
            group=np.where(self.counted, of_edition[self.place], -1),
            names=names,
            components=self.calibration,
            inference=inference,
            estimand=estimand,
            confidence=self.confidence,
            by_area=self.metric.weight is Weight.AREA,
            fitted=fitted,
        )

    def by_edition(self, *, fitted: ShareEstimator | None = None) -> list[GroupEstimate]:
        """Return the estimate of each edition that is asked for."""
        places = [[i] for i in range(len(self.asked))]
        return self.estimator(
            places,
            [str(edition.id) for edition in self.asked],
            inference=Inference.THESE,
            estimand=Estimand.SHARE_OF_PHOTOS,
            fitted=fitted,
        ).estimates()

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
        nothing = np.full(len(self.table), np.nan)
        table = replace(
            self.table, label=nothing, inclusion=nothing, framed=np.zeros(len(nothing), bool)
        )
        return replace(self, table=table, sample=None, frame=frozenset(), lost=0)

    def zone_estimates(self, edition: int) -> ZoneEstimates:
        """Return the estimates of one edition in its zones, by its place."""
        return ZoneEstimates(
            self.table,
            self.areas,
            self.zones,
            self.place == edition,
            self.calibration,
            self.confidence,
        )


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


def load_shares(
    session: Session, metrics: Sequence[Metric], asked: Sequence[StatEdition], recipe: Provenance
) -> list[SharePhotos]:
    """Return the photos behind shares of editions.

    All editions of the same newspapers inform an estimate, and those of a validation sample: an
    estimate is then the same whatever else is asked for with it.

    Args:
        session: An open transaction.
        metrics: Shares.
        asked: From ``select_editions``.
        recipe: The recipe of their summaries.
    """
    if not metrics:
        return []
    if not asked:
        return [_nothing(metric, recipe) for metric in metrics]
    editions = _newspapers(session, asked, recipe)
    answered = answered_measures(session)
    answers: dict[Metric, SampleAnswers] = {}
    for metric in metrics:
        if metric.name in answered:
            ids = [edition.id for edition in editions]
            answers[metric] = load_answers(session, recipe, metric.name, metric.zone, ids)
    printed = _printed(session, editions, recipe)
    by_measure = _measures(session, {metric.name for metric in metrics}, editions, recipe)
    return [
        _share_photos(
            metric, asked, editions, printed, by_measure[metric.name], answers.get(metric), recipe
        )
        for metric in metrics
    ]


def _nothing(metric: Metric, recipe: Provenance) -> SharePhotos:
    """Return the photos of no editions."""
    empty = _Printed(
        np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.uint8)
    )
    return _share_photos(metric, (), (), empty, {}, None, recipe)


def _newspapers(
    session: Session, asked: Sequence[StatEdition], recipe: Provenance
) -> list[StatEdition]:
    """Return all complete editions of the newspapers of some editions, in the order of time."""
    known = {edition.id: edition for edition in asked}
    for name in sorted({edition.publication for edition in asked}):
        every = select_editions(
            session,
            EditionCriteria(name),
            recipe.id,
            min_coverage=recipe.aggregate.min_coverage,
        )
        for edition in every.editions:
            known.setdefault(edition.id, edition)
    return sorted(known.values(), key=lambda edition: (edition.date, edition.id))


@dataclass(frozen=True, slots=True, eq=False)
class _Printed:
    """All photos of e editions, one after the other; ``first`` of shape (e + 1,)."""

    first: NDArray[np.int64]
    ids: NDArray[np.int64]
    areas: Numbers
    zones: NDArray[np.uint8]

    @property
    def edition(self) -> NDArray[np.int64]:
        """Place of the edition of each photo."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


def _printed(session: Session, editions: Sequence[StatEdition], recipe: Provenance) -> _Printed:
    columns = ("photo_ids", "photo_areas", "photo_zones")
    query = select(
        EditionSummaryRow.edition_id, *(getattr(EditionSummaryRow, name) for name in columns)
    ).where(EditionSummaryRow.recipe_id == recipe.id, *_between(EditionSummaryRow, editions))
    rows = {row[0]: row[1:] for row in session.connection().execute(query)}
    parts = [rows.get(edition.id, _NOTHING) for edition in editions]
    ids, areas, zones = (list(chain.from_iterable(part)) for part in zip(*parts, strict=True))
    return _Printed(
        np.cumsum([0, *(len(part[0]) for part in parts)]),
        np.array(ids, np.int64),
        np.array(areas, float),
        np.array(zones, np.uint8),
    )


_NOTHING: tuple[list[int], list[float], list[int]] = ([], [], [])

Measured = Mapping[int, tuple[list[float | None], list[int]]]
"""Probabilities and decisions of the photos of editions, by id of the edition."""


def _measures(
    session: Session, names: set[str], editions: Sequence[StatEdition], recipe: Provenance
) -> Mapping[str, Measured]:
    """Return probabilities and decisions by measure and edition."""
    query = select(
        EditionMeasureRow.measure,
        EditionMeasureRow.edition_id,
        EditionMeasureRow.probabilities,
        EditionMeasureRow.decided,
    ).where(
        EditionMeasureRow.recipe_id == recipe.id,
        EditionMeasureRow.measure.in_(names),
        *_between(EditionMeasureRow, editions),
    )
    stored: dict[str, dict[int, tuple[list[float | None], list[int]]]] = {
        name: {} for name in names
    }
    for measure, edition_id, probabilities, decided in session.connection().execute(query):
        stored[measure][edition_id] = probabilities, decided
    return stored


def _between(
    table: type[EditionSummaryRow | EditionMeasureRow], editions: Sequence[StatEdition]
) -> list[ColumnElement[bool]]:
    # A range, as the tables are in this order: a baseline reads its sixty rows and not all.
    ids = [edition.id for edition in editions] or [0]
    return [table.edition_id.between(min(ids), max(ids))]


def _share_photos(
    metric: Metric,
    asked: Sequence[StatEdition],
    editions: Sequence[StatEdition],
    printed: _Printed,
    measured: Measured,
    answers: SampleAnswers | None,
    recipe: Provenance,
) -> SharePhotos:
    probabilities: list[float | None] = []
    decisions: list[int] = []
    for one, size in zip(editions, np.diff(printed.first).tolist(), strict=True):
        own, of_own = measured.get(one.id, ([None] * size, [0] * size))
        probabilities += own
        decisions += of_own
    probability = np.array(probabilities, np.float64)
    decided = np.array(decisions, np.bool_)
    edition = printed.edition
    label, inclusion = np.full(len(edition), np.nan), np.full(len(edition), np.nan)
    framed = np.zeros(len(edition), bool)
    if answers is not None:
        ids = np.array([e.id for e in editions], np.int64)
        at = _places(ids[edition], printed.ids, answers)
        label[at[at >= 0]] = answers.label[at >= 0]
        inclusion[at[at >= 0]] = answers.inclusion[at >= 0]
        framed = np.isin(ids, list(answers.frame))[edition] & in_zone(printed.zones, metric.zone)
    places = {one.id: i for i, one in enumerate(asked)}
    place = np.array([places.get(one.id, -1) for one in editions], np.int64)[edition]
    table = PhotoTable(
        edition=edition,
        probability=probability,
        weight=np.ones(len(edition)),
        label=label,
        inclusion=inclusion,
        framed=framed,
        editions=[str(one.id) for one in editions],
        periods=[(one.publication, f"{one.date:%Y}", f"{one.date:%Y-%m}") for one in editions],
    )
    read = ~np.isnan(probability)
    return SharePhotos(
        metric=metric,
        asked=asked,
        table=table.at(read),
        areas=printed.areas[read],
        zones=printed.zones[read],
        decided=decided[read],
        place=place[read],
        calibration=recipe.aggregate.calibration_of(metric.name),
        confidence=recipe.aggregate.confidence,
        sample=answers.sample if answers else None,
        frame=answers.frame if answers else frozenset(),
        lost=answers.lost if answers else 0,
    )


def _places(
    editions: NDArray[np.int64], photos: NDArray[np.int64], answers: SampleAnswers
) -> NDArray[np.int64]:
    """Return the place of each answered photo among the printed ones; -1 if it is not there."""
    if not len(photos):
        return np.full(len(answers.photo), -1, np.int64)
    width = int(max(photos.max(), answers.photo.max(initial=0))) + 1
    keys, wanted = editions * width + photos, answers.edition * width + answers.photo
    order = np.argsort(keys, kind="stable")
    at = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    places = order[at]
    return np.where(keys[places] == wanted, places, -1)
