"""Answers one question about a share in every way that nobody can call wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.queries import in_zone
from app.db.statistics import EditionSummaryRow
from app.db.tables import OutcomeRow, PageRow, PhotoRow, RecipeRow
from app.errors import InvalidRequest
from app.installation import Installation
from app.services.recipes.recipes import Provenance, provenance
from app.services.samples.answers import load_answers
from app.services.statistics.probabilities import probability_of
from app.services.statistics.selection import EditionCriteria, StatEdition, select_editions
from pipelines.document import SCHEMA
from pipelines.statistics.estimator import ShareEstimator
from pipelines.statistics.measure import Estimand, Inference, Weight, Zone
from pipelines.statistics.metrics import Metric
from pipelines.statistics.multiverse import Multiverse, Specification
from pipelines.statistics.photo_table import PhotoTable

MOST_RECIPES = 5
"""Largest number of recipes, today's and the latest others."""

CHOICES = ("recipe", "zone", "weight", "estimand", "inference", "reviews")
COLUMNS = (*CHOICES, "value", "low", "high", "n", "verdict", "method", "refused")

Reviews = dict[tuple[int, int], tuple[float, float]]
"""Label and inclusion probability by photo and edition, NaN without."""


@dataclass(frozen=True, slots=True)
class ShareMultiverse:
    """A multiverse of a share, or of the difference of two.

    Attributes:
        metric: The share that is reported: the first specification.
        a: The editions.
        b: The editions of what is subtracted; None: it is no difference.
        multiverse: The specifications.
    """

    metric: Metric
    a: EditionCriteria
    b: EditionCriteria | None
    multiverse: Multiverse

    def to_json(self) -> dict[str, Any]:
        """Return the multiverse as it is served."""
        return {"schema": SCHEMA, "metric": str(self.metric), **self.multiverse.to_json()}

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each specification; see ``COLUMNS``."""
        return self.multiverse.rows()


def share_multiverse(
    home: Installation,
    metric: Metric,
    a: EditionCriteria,
    b: EditionCriteria | None = None,
    *,
    threshold: float | None = None,
    zones: Sequence[Zone] = tuple(Zone),
) -> ShareMultiverse:
    """Answer one question about a share in every way.

    Args:
        home: The installation.
        metric: The share that is reported; it comes first, with its zone and weight.
        a: The editions.
        b: Editions whose share is subtracted; None: the share of ``a`` is asked for.
        threshold: What the share is compared with, 0–1; a difference is compared with 0.
        zones: The zones that are tried, besides the one of the metric.

    Raises:
        InvalidRequest: The metric is no share, the groups have editions in common, or there are no
            editions.
    """
    if not metric.is_share:
        raise InvalidRequest(f"{metric} is counted and no share: there is nothing to choose")
    if b is not None and threshold is not None:
        raise InvalidRequest("a difference is compared with 0: leave out the threshold")
    found: list[Specification] = []
    with home.database.read() as session:
        for recipe in _recipes(home, session):
            photos = _Photos.load(session, recipe, metric.name, a, b, (metric.zone, *zones))
            if photos is not None:
                found += _specifications(photos, recipe, metric)
    if not found:
        raise InvalidRequest("there are no analysed editions of these days")
    words = f"share of {metric.name}" + ("" if b is None else ", the first group less the second")
    limit = 0.0 if b is not None else threshold
    return ShareMultiverse(metric, a, b, Multiverse(words, limit, found))


def _recipes(home: Installation, session: Session) -> list[Provenance]:
    """Return today's recipe and the latest others that editions were summarised under."""
    query = (
        select(RecipeRow.id)
        .where(RecipeRow.id.in_(select(EditionSummaryRow.recipe_id).distinct()))
        .where(RecipeRow.id != home.recipe.id)
        .order_by(RecipeRow.created_at.desc(), RecipeRow.id)
        .limit(MOST_RECIPES - 1)
    )
    return [home.recipe, *(provenance(home, one) for one in session.scalars(query))]


@dataclass(frozen=True, slots=True, eq=False)
class _Photos:
    """The photos of editions that were read for a measure under a recipe.

    Attributes:
        editions: The editions by date.
        group: Group of each edition, 0 or 1.
        ids: Id of each photo and of its edition.
        edition: Index of the edition of each photo.
        area: Share of the page of each photo.
        probability: The machine's, 0–1.
        inside: Whether each photo lies in each zone.
        answers: What people answered, by zone, and the editions of the sample's frame.
    """

    editions: list[StatEdition]
    group: list[int]
    ids: list[tuple[int, int]]
    edition: np.ndarray[Any, np.dtype[np.int64]]
    area: np.ndarray[Any, np.dtype[np.float64]]
    probability: np.ndarray[Any, np.dtype[np.float64]]
    inside: dict[Zone, np.ndarray[Any, np.dtype[np.bool_]]]
    answers: dict[Zone, tuple[Reviews, frozenset[int]]]

    @classmethod
    def load(
        cls,
        session: Session,
        recipe: Provenance,
        measure: str,
        a: EditionCriteria,
        b: EditionCriteria | None,
        zones: Sequence[Zone],
    ) -> _Photos | None:
        """Return the photos; None without editions in each group, or without photos.

        Raises:
            InvalidRequest: The groups have editions in common.
        """
        least = recipe.aggregate.min_coverage
        sides = [
            select_editions(session, side, recipe.id, min_coverage=least).editions
            for side in ((a,) if b is None else (a, b))
        ]
        if not all(sides):
            return None
        group = {edition.id: k for k, side in enumerate(sides) for edition in side}
        if len(group) < sum(map(len, sides)):
            raise InvalidRequest("the two groups have editions in common: name days that part them")
        editions = sorted((e for side in sides for e in side), key=lambda e: (e.date, e.id))
        place = {edition.id: i for i, edition in enumerate(editions)}
        unique = tuple(dict.fromkeys(zones))
        rows = _rows(session, recipe, measure, list(place), unique)
        if not rows:
            return None
        ids, areas, chances, inside = zip(*rows, strict=True)
        return cls(
            editions,
            [group[edition.id] for edition in editions],
            list(ids),
            np.array([place[edition_id] for _, edition_id in ids], np.int64),
            np.array(areas, np.float64),
            np.array(chances, np.float64),
            {zone: np.array([row[i] for row in inside], bool) for i, zone in enumerate(unique)},
            {zone: _answers(session, recipe, measure, zone, list(place)) for zone in unique},
        )

    @property
    def zones(self) -> list[Zone]:
        """The zones in which each group has photos."""
        groups = np.array(self.group)[self.edition]
        every = set(self.group)
        return [zone for zone, inside in self.inside.items() if set(groups[inside]) == every]

    def table(self, zone: Zone, weight: Weight, *, reviews: bool) -> PhotoTable:
        """Return the photos of a zone, with what people answered or without."""
        at = np.flatnonzero(self.inside[zone])
        given, frame = self.answers[zone] if reviews else ({}, frozenset())
        told = np.array(
            [given.get(self.ids[i], (np.nan, np.nan)) for i in at.tolist()], np.float64
        ).reshape(-1, 2)
        edition = self.edition[at]
        framed = np.array([one.id in frame for one in self.editions], bool)[edition]
        return PhotoTable(
            edition=edition,
            probability=self.probability[at],
            weight=np.ones(len(at)) if weight is Weight.COUNT else np.maximum(self.area[at], 1e-9),
            label=told[:, 0],
            inclusion=told[:, 1],
            framed=framed,
            editions=[f"{one.publication} {one.date} {one.id}" for one in self.editions],
            periods=[
                (one.publication, f"{one.date:%Y}", f"{one.date:%Y-%m}") for one in self.editions
            ],
        )


def _rows(
    session: Session, recipe: Provenance, measure: str, ids: list[int], zones: Sequence[Zone]
) -> list[tuple[tuple[int, int], float, float, list[bool]]]:
    probability = probability_of(session, measure, recipe.id)
    query = (
        select(
            PhotoRow.id,
            PageRow.edition_id,
            PhotoRow.area_share,
            *(in_zone(zone) for zone in zones),
            *probability.columns,
        )
        .select_from(PhotoRow)
        .join(OutcomeRow, PhotoRow.outcome_id == OutcomeRow.id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .where(OutcomeRow.observation_id == recipe.observation_id, PageRow.edition_id.in_(ids))
        .order_by(PageRow.edition_id, PhotoRow.id)
    )
    rows = []
    k = len(zones)
    for photo_id, edition_id, area, *rest in session.connection().execute(query):
        p = probability.of(*rest[k:])
        if p is not None:
            rows.append(((photo_id, edition_id), area, p, [bool(x) for x in rest[:k]]))
    return rows


def _answers(
    session: Session, recipe: Provenance, measure: str, zone: Zone, ids: list[int]
) -> tuple[Reviews, frozenset[int]]:
    answers = load_answers(session, recipe, measure, zone, ids)
    keys = zip(answers.photo.tolist(), answers.edition.tolist(), strict=True)
    values = zip(answers.label.tolist(), answers.inclusion.tolist(), strict=True)
    return dict(zip(keys, values, strict=True)), answers.frame


def _specifications(photos: _Photos, recipe: Provenance, metric: Metric) -> Iterator[Specification]:
    """Yield the answers under one recipe; the first is of the metric as it was asked for."""
    weights = sorted(Weight, key=lambda weight: weight is not metric.weight)
    zones = sorted(photos.zones, key=lambda zone: zone is not metric.zone)
    several = len(photos.editions) > len(set(photos.group))
    estimands = tuple(Estimand) if several else (Estimand.SHARE_OF_PHOTOS,)
    inferences = tuple(Inference) if several else (Inference.THESE,)
    for zone in zones:
        reviewed = (True, False) if photos.answers[zone][0] else (False,)
        for weight, reviews in product(weights, reviewed):
            table = photos.table(zone, weight, reviews=reviews)
            for estimand, inference in product(estimands, inferences):
                choices = {
                    "recipe": recipe.id[:16],
                    "zone": zone.value,
                    "weight": weight.value,
                    "estimand": estimand.value,
                    "inference": inference.value,
                    "reviews": "with" if reviews else "without",
                }
                estimator = ShareEstimator(
                    table=table,
                    group=np.array(photos.group, np.int64)[table.edition],
                    names=["a", "b"][: len(set(photos.group))],
                    components=recipe.aggregate.calibration_of(metric.name),
                    inference=inference,
                    estimand=estimand,
                    confidence=recipe.aggregate.confidence,
                    by_area=weight is Weight.AREA,
                )
                yield _answered(estimator, choices)


def _answered(estimator: ShareEstimator, choices: dict[str, str]) -> Specification:
    one = estimator.estimates()[0] if len(estimator.names) == 1 else estimator.difference(0, 1)
    ends = None if one.low is None or one.high is None else (one.low, one.high)
    return Specification(choices, one.value, ends, one.n, one.method, one.refused)
