"""The probability of a measure for each of some photos, beside what people have settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app.db.reviews import SettledAnswerRow
from app.db.tables import OutcomeRow, PageRow, PhotoRow
from app.db.zone import in_zone
from app.services.catalogue.photos import AREA_SHARE
from app.services.recipes.made_by import MadeBy
from app.services.statistics.probabilities import Probability, probability_of
from pipelines.statistics.metrics import Metric
from pipelines.statistics.sampling import Scope


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a photo for one measure.

    Attributes:
        edition_id: Of the edition that it is printed in.
        area: Share of its page that it takes, 0–1.
        probability: By the machine, 0–1.
        shows: What people have settled; None: nothing.
        drawn_from: From which photos it was drawn by chance for this measure; None if it was not.
    """

    edition_id: int
    area: float
    probability: float
    shows: bool | None
    drawn_from: Scope | None


def settled_measures(session: Session) -> set[str]:
    """Return the measures that people have settled of some photo."""
    return set(session.scalars(select(SettledAnswerRow.measure).distinct()))


def settled_photos(
    session: Session, metric: Metric, recipe: MadeBy, *, editions: tuple[int, int]
) -> list[Answer]:
    """Return the photos of a zone for which people have settled a measure.

    Args:
        session: An open transaction.
        metric: The share of a measure in a zone.
        recipe: Under which photos were read.
        editions: The lowest and the highest id of the editions that are looked at.
    """
    found = probability_of(session, metric.name, recipe.id)
    query = _photos(metric, recipe, found).join(SettledAnswerRow, _of_measure(metric))
    return _answers(session, query.where(PageRow.edition_id.between(*editions)), found)


def edition_photos(
    session: Session, metric: Metric, recipe: MadeBy, edition_ids: Sequence[int]
) -> list[Answer]:
    """Return all photos of a zone of some editions that were read for a measure."""
    found = probability_of(session, metric.name, recipe.id)
    query = _photos(metric, recipe, found).outerjoin(SettledAnswerRow, _of_measure(metric))
    return _answers(session, query.where(PageRow.edition_id.in_(edition_ids)), found)


def _of_measure(metric: Metric) -> ColumnElement[bool]:
    return (SettledAnswerRow.photo_id == PhotoRow.id) & (SettledAnswerRow.measure == metric.name)


def _photos(metric: Metric, recipe: MadeBy, found: Probability) -> Select[*tuple[Any, ...]]:
    return (
        select(
            PageRow.edition_id,
            # Not a condition: SQLite would take it for a reason to begin with all photos.
            in_zone(metric.zone),
            AREA_SHARE,
            SettledAnswerRow.shows,
            SettledAnswerRow.drawn_from,
            *found.columns,
        )
        .select_from(PhotoRow)
        .join(OutcomeRow, PhotoRow.outcome_id == OutcomeRow.id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .where(OutcomeRow.observation_id == recipe.observation_id)
    )


def _answers(session: Session, query: Select[*tuple[Any, ...]], found: Probability) -> list[Answer]:
    return [
        Answer(edition_id, area, p, shows, _scope(drawn_from))
        for edition_id, inside, area, shows, drawn_from, *told in session.connection().execute(
            query
        )
        if inside and (p := found.of(*told)) is not None
    ]


@lru_cache(maxsize=256)
def _scope(text: str | None) -> Scope | None:
    return None if text is None else Scope.parse(text)
