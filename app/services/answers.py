"""The probability of a measure for each of some photos, beside what people have settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app.db.enrolment import Figure
from app.db.reviews import SettledAnswer
from app.db.tables import Interpretation, Outcome, Page, Photo, Reading, SeenFigure, SeenLabel
from app.services.made_by import MadeBy
from app.services.photos import AREA_SHARE, is_lead
from models.faces.gallery import LEADER
from pipelines.statistics.facts import Metric
from pipelines.statistics.measure import FIGURE, FOCUSES, LABEL, Zone
from pipelines.statistics.sampling import Scope

MOST_IDS = 10_000
"""A query may name so many photos; SQLite takes 32,766 parameters."""


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


def settled_photos(session: Session, metric: Metric, recipe: MadeBy) -> list[Answer]:
    """Return the photos of a zone for which people have settled a measure."""
    query = _photos(metric, recipe).join(SettledAnswer, _of_measure(metric))
    return _answers(session, metric, recipe, query)


def edition_photos(
    session: Session, metric: Metric, recipe: MadeBy, edition_ids: Sequence[int]
) -> list[Answer]:
    """Return all photos of a zone of some editions that were read for a measure."""
    query = _photos(metric, recipe).outerjoin(SettledAnswer, _of_measure(metric))
    return _answers(session, metric, recipe, query.where(Page.edition_id.in_(edition_ids)))


def _of_measure(metric: Metric) -> ColumnElement[bool]:
    return (SettledAnswer.photo_id == Photo.id) & (SettledAnswer.measure == metric.name)


def _answers(
    session: Session, metric: Metric, recipe: MadeBy, query: Select[*tuple[Any, ...]]
) -> list[Answer]:
    rows = session.execute(query).all()
    found = photo_probabilities(session, metric.name, recipe, [row.id for row in rows])
    return [
        Answer(row.edition_id, row.area_share, p, row.shows, _scope(row.drawn_from))
        for row in rows
        if (p := found.get(row.id)) is not None
    ]


@lru_cache(maxsize=256)
def _scope(text: str | None) -> Scope | None:
    return None if text is None else Scope.parse(text)


def _photos(metric: Metric, recipe: MadeBy) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Photo.id,
            Page.edition_id,
            AREA_SHARE.label("area_share"),
            SettledAnswer.shows,
            SettledAnswer.drawn_from,
        )
        .join(Outcome, Photo.outcome_id == Outcome.id)
        .join(Page, Page.scan_id == Outcome.scan_id)
        .where(Outcome.observation_id == recipe.observation_id, *in_zone(metric.zone))
    )


def in_zone(zone: Zone) -> list[ColumnElement[bool]]:
    """Return what makes a photo lie in a zone."""
    conditions: dict[Zone, ColumnElement[bool]] = {
        Zone.FRONT: Page.number == 1,
        Zone.INSIDE: Page.number > 1,
        Zone.ABOVE_FOLD: Photo.y0 + Photo.y1 < Outcome.height,
        Zone.LEAD: is_lead(),
    }
    return [conditions[zone]] if zone in conditions else []


def photo_probabilities(
    session: Session, measure: str, recipe: MadeBy, ids: Sequence[int]
) -> dict[int, float]:
    """Return the probability of a measure by photo; see ``measure.probabilities``."""
    found: dict[int, float] = {}
    for start in range(0, len(ids), MOST_IDS):
        found |= _some(session, measure, recipe, ids[start : start + MOST_IDS])
    return found


def _some(session: Session, measure: str, recipe: MadeBy, ids: Sequence[int]) -> dict[int, float]:
    if measure in FOCUSES:
        return _focus(session, measure, recipe, ids)
    if measure == "leader":
        return _presence(session, recipe, ids, Figure.role == LEADER.value)
    if measure == "leader_and_facility":
        leader = _presence(session, recipe, ids, Figure.role == LEADER.value)
        built = _some(session, "buildings", recipe, ids)
        facility = _focus(session, "focus_facility", recipe, ids)
        return {id_: leader[id_] * max(built[id_], p) for id_, p in facility.items()}
    if measure.startswith(FIGURE):
        return _presence(session, recipe, ids, Figure.name == measure.removeprefix(FIGURE))
    if measure.startswith(LABEL):
        label = SeenLabel.label == measure.removeprefix(LABEL)
        query = select(SeenLabel.photo_id, SeenLabel.probability).where(
            SeenLabel.photo_id.in_(ids), SeenLabel.recipe_id == recipe.id, label
        )
    else:
        subject = Reading.subject == measure
        query = select(Reading.photo_id, Reading.probability).where(
            Reading.photo_id.in_(ids), Reading.recipe_id == recipe.id, subject
        )
    return _read(session, query)


def _read(session: Session, query: Select[int, float]) -> dict[int, float]:
    return {row[0]: row[1] for row in session.execute(query)}


def _focus(session: Session, measure: str, recipe: MadeBy, ids: Sequence[int]) -> dict[int, float]:
    column: Mapping[str, ColumnElement[float]] = {
        "focus_leader": Interpretation.leader.expression,
        "focus_facility": Interpretation.facility.expression,
        "focus_neither": 1.0 - Interpretation.leader - Interpretation.facility,
    }
    query = select(Interpretation.photo_id, column[measure]).where(
        Interpretation.photo_id.in_(ids), Interpretation.recipe_id == recipe.id
    )
    return {id_: max(0.0, p) for id_, p in _read(session, query).items()}


def _presence(
    session: Session, recipe: MadeBy, ids: Sequence[int], figures: ColumnElement[bool]
) -> dict[int, float]:
    """Return how probable it is that one of some figures is in a photo: the surest counts."""
    names = dict.fromkeys(session.scalars(select(Figure.name).where(figures)))
    read = select(Interpretation.photo_id, Interpretation.doubts).where(
        Interpretation.photo_id.in_(ids), Interpretation.recipe_id == recipe.id
    )
    found = {
        photo_id: max((p for name, p in doubts if name in names), default=0.0)
        for photo_id, doubts in session.execute(read)
    }
    query = (
        select(SeenFigure.photo_id, SeenFigure.probability)
        .join(Figure)
        .where(SeenFigure.photo_id.in_(ids), SeenFigure.recipe_id == recipe.id, figures)
    )
    for photo_id, p in session.execute(query):
        found[photo_id] = max(found.get(photo_id, 0.0), p)
    return found
