"""Answers one question about a share in every way that nobody can call wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import RecipeRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.recipes.recipes import Provenance, provenance
from presslens.app.services.shares.selection import EditionCriteria, StatEdition, select_editions
from presslens.app.services.shares.share_loading import load_shares
from presslens.app.services.shares.share_photos import SharePhotos
from presslens.app.services.statistics.availability import availability_of
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import Estimand, Inference, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric, NamedMetric
from presslens.pipelines.statistics.multiverse import Multiverse, Specification

MOST_RECIPES = 5
"""Largest number of recipes, today's and the latest others."""

CHOICES = ("recipe", "zone", "weight", "estimand", "inference", "reviews")
COLUMNS = (*CHOICES, "value", "low", "high", "n", "verdict", "method", "refused")


@dataclass(frozen=True, slots=True)
class ShareMultiverse(Served):
    """A multiverse of a share, or of the difference of two."""

    SERVED: ClassVar[str] = "schema metric *multiverse"

    metric: NamedMetric  # the share that is reported: the first specification
    a: EditionCriteria
    b: EditionCriteria | None  # the editions of what is subtracted; None: it is no difference
    multiverse: Multiverse  # the specifications

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
        metric: The share that is reported; it comes first, with its zone and weight.
        b: Editions whose share is subtracted; None: the share of ``a`` is asked for.
        threshold: What the share is compared with, 0–1; a difference is compared with 0.
        zones: The zones that are tried, besides the one of the metric.

    Raises:
        InvalidRequest: The metric is no share, the groups have editions in common, or there are no
            editions, no photos of this part of them, or the share is known in none.
    """
    if not metric.is_share:
        raise InvalidRequest(f"{metric} is counted and no share: there is nothing to choose")
    if b is not None and threshold is not None:
        raise InvalidRequest("a difference is compared with 0: leave out the threshold")
    specifications: list[Specification] = []
    with home.database.read() as session:
        reasons: list[str] = []
        for recipe in _recipes(home, session):
            sides = _sides(session, recipe, a, b)
            if sides is None:
                continue
            selected = [edition for side in sides for edition in side]
            available = availability_of(session, home.recipe, [metric], selected, recipe)
            if why := available[metric].refused():
                reasons.append(why)
            else:
                specifications += _specifications(session, recipe, metric, sides, zones)
    if not specifications:
        raise InvalidRequest(
            reasons[0] if reasons else "there are no analysed editions of these days"
        )
    if specifications[0].choices["zone"] != metric.zone:
        raise InvalidRequest(
            f"there are no photos for {metric}: ask for another part of the edition"
        )
    words = f"share of {metric.name}" + ("" if b is None else ", the first group less the second")
    limit = 0.0 if b is not None else threshold
    return ShareMultiverse(metric, a, b, Multiverse(words, limit, specifications))


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


def _sides(
    session: Session, recipe: Provenance, a: EditionCriteria, b: EditionCriteria | None
) -> list[list[StatEdition]] | None:
    """Return the editions of each group; None if one has none.

    Raises:
        InvalidRequest: The groups have editions in common.
    """
    sides = [
        select_editions(session, side, recipe).editions for side in ((a,) if b is None else (a, b))
    ]
    ids = {edition.id for side in sides for edition in side}
    if len(ids) < sum(map(len, sides)):
        raise InvalidRequest("the two groups have editions in common: name days that part them")
    return sides if all(sides) else None


def _specifications(
    session: Session,
    recipe: Provenance,
    metric: Metric,
    sides: Sequence[Sequence[StatEdition]],
    zones: Sequence[Zone],
) -> Iterator[Specification]:
    """Yield the answers under one recipe; the first is of the metric as it was asked for."""
    weights = sorted(Weight, key=lambda weight: weight is not metric.weight)
    metrics = [
        Metric(metric.name, zone, weight)
        for zone in dict.fromkeys((metric.zone, *zones))
        for weight in weights
    ]
    selected = [edition for side in sides for edition in side]
    for photos in load_shares(session, metrics, selected, recipe):
        first = len(sides[0])
        groups = [range(first), range(first, len(selected))][: len(sides)]
        if not all(photos.machine.n[list(group)].sum() for group in groups):
            continue
        reviewed = photos.machine.answered.sum() or bool(photos.samples)
        for reviews in (True, False) if reviewed else (False,):
            used = photos if reviews else photos.without_answers()
            yield from _estimates(used, groups, recipe, reviews=reviews)


def _estimates(
    photos: SharePhotos, groups: Sequence[range], recipe: Provenance, *, reviews: bool
) -> Iterator[Specification]:
    several = any(len(group) > 1 for group in groups)
    estimands = tuple(Estimand) if several else (Estimand.SHARE_OF_PHOTOS,)
    inferences = tuple(Inference) if several else (Inference.THESE,)
    for estimand, inference in product(estimands, inferences):
        estimator = photos.estimator(
            groups, ("a", "b")[: len(groups)], inference=inference, estimand=estimand
        )
        one = estimator.estimates()[0] if len(groups) == 1 else estimator.difference(0, 1)
        yield Specification(
            choices={
                "recipe": recipe.id[:16],
                "zone": photos.metric.zone.value,
                "weight": photos.metric.weight.value,
                "estimand": estimand.value,
                "inference": inference.value,
                "reviews": "with" if reviews else "without",
            },
            value=one.value,
            interval=None if one.low is None or one.high is None else (one.low, one.high),
            n=one.n,
            method=one.method,
            refused=one.refused,
        )
