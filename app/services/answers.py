"""The probability of a measure for each of some photos, beside what people have settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, literal, select
from sqlalchemy.orm import Session

from app.db.enrolment import Figure
from app.db.reviews import SettledAnswer
from app.db.tables import Interpretation, Outcome, Page, Photo, Reading, SeenFigure, SeenLabel
from app.services.photos import AREA_SHARE, is_lead
from app.services.recipes import MadeBy
from models.faces.gallery import LEADER
from pipelines.statistics.facts import Metric
from pipelines.statistics.measure import FIGURE, FOCUSES, LABEL, Zone


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a photo for one measure.

    Attributes:
        edition_id: Of the edition that it is printed in.
        area: Share of its page that it takes, 0–1.
        probability: By the machine, 0–1.
        shows: What people have settled; None: nothing.
        drawn: It was drawn by chance for this measure.
    """

    edition_id: int
    area: float
    probability: float
    shows: bool | None
    drawn: bool


def settled_photos(session: Session, metric: Metric, recipe: MadeBy) -> list[Answer]:
    """Return the photos of a zone for which people have settled a measure."""
    return list(_answers(session, metric, recipe, [SettledAnswer.shows.is_not(None)]))


def edition_photos(
    session: Session, metric: Metric, recipe: MadeBy, edition_ids: Sequence[int]
) -> list[Answer]:
    """Return all photos of a zone of some editions that were read for a measure."""
    return list(_answers(session, metric, recipe, [Page.edition_id.in_(edition_ids)]))


def _answers(
    session: Session, metric: Metric, recipe: MadeBy, conditions: list[ColumnElement[bool]]
) -> Iterator[Answer]:
    query = _photos(metric, recipe).where(*conditions)
    rows = session.execute(query).all()
    if not rows:
        return
    ids = query.with_only_columns(Photo.id).subquery()
    found = _probabilities(session, metric.name, recipe, ids)
    for row in rows:
        p = found.get(row.id)
        if p is not None:
            yield Answer(row.edition_id, row.area_share, p, row.shows, bool(row.drawn))


def _photos(metric: Metric, recipe: MadeBy) -> Select[*tuple[Any, ...]]:
    settled = (SettledAnswer.photo_id == Photo.id) & (SettledAnswer.measure == metric.name)
    return (
        select(
            Photo.id,
            Page.edition_id,
            AREA_SHARE.label("area_share"),
            SettledAnswer.shows,
            SettledAnswer.drawn,
        )
        .join(Outcome, Photo.outcome_id == Outcome.id)
        .join(Page, Page.scan_id == Outcome.scan_id)
        .outerjoin(SettledAnswer, settled)
        .where(Outcome.observation_id == recipe.observation_id, *_inside(metric.zone))
    )


def _inside(zone: Zone) -> list[ColumnElement[bool]]:
    """Return what makes a photo lie in a zone."""
    conditions: dict[Zone, ColumnElement[bool]] = {
        Zone.FRONT: Page.number == 1,
        Zone.INSIDE: Page.number > 1,
        Zone.ABOVE_FOLD: Photo.y0 + Photo.y1 < Outcome.height,
        Zone.LEAD: is_lead(),
    }
    return [conditions[zone]] if zone in conditions else []


def _probabilities(
    session: Session, measure: str, recipe: MadeBy, photos: Subquery
) -> Mapping[int, float]:
    """Return the probability of a measure by photo; see ``measure.probabilities``."""
    ids = select(photos.c.id)
    if measure in FOCUSES:
        return _focus(session, measure, recipe, ids)
    if measure == "leader":
        return _presence(session, recipe, ids, [Figure.role == LEADER.value])
    if measure == "leader_and_facility":
        leader = _presence(session, recipe, ids, [Figure.role == LEADER.value])
        built = _probabilities(session, "buildings", recipe, photos)
        facility = _focus(session, "focus_facility", recipe, ids)
        return {id_: leader[id_] * max(built[id_], p) for id_, p in facility.items()}
    if measure.startswith(FIGURE):
        return _presence(session, recipe, ids, [Figure.name == measure.removeprefix(FIGURE)])
    if measure.startswith(LABEL):
        return _read(
            session,
            select(SeenLabel.photo_id, SeenLabel.probability).where(
                SeenLabel.label == measure.removeprefix(LABEL),
                SeenLabel.recipe_id == recipe.id,
                SeenLabel.photo_id.in_(ids),
            ),
        )
    return _read(
        session,
        select(Reading.photo_id, Reading.probability).where(
            Reading.subject == measure,
            Reading.recipe_id == recipe.id,
            Reading.photo_id.in_(ids),
        ),
    )


def _read(session: Session, query: Select[int, float]) -> dict[int, float]:
    return dict(session.execute(query).tuples().all())


def _focus(
    session: Session, measure: str, recipe: MadeBy, ids: Select[*tuple[Any, ...]]
) -> dict[int, float]:
    column: Mapping[str, ColumnElement[float]] = {
        "focus_leader": Interpretation.leader.expression,
        "focus_facility": Interpretation.facility.expression,
        "focus_neither": 1.0 - Interpretation.leader - Interpretation.facility,
    }
    query = select(Interpretation.photo_id, column[measure]).where(
        Interpretation.recipe_id == recipe.id, Interpretation.photo_id.in_(ids)
    )
    return {id_: max(0.0, p) for id_, p in _read(session, query).items()}


def _presence(
    session: Session,
    recipe: MadeBy,
    ids: Select[*tuple[Any, ...]],
    figures: list[ColumnElement[bool]],
) -> dict[int, float]:
    """Return how probable it is that one of some figures is in a photo: the surest counts."""
    read = select(Interpretation.photo_id, literal(0.0)).where(
        Interpretation.recipe_id == recipe.id, Interpretation.photo_id.in_(ids)
    )
    found = _read(session, read)
    query = (
        select(SeenFigure.photo_id, SeenFigure.probability)
        .join(Figure)
        .where(SeenFigure.recipe_id == recipe.id, SeenFigure.photo_id.in_(ids), *figures)
    )
    for photo_id, p in session.execute(query).tuples():
        found[photo_id] = max(found.get(photo_id, 0.0), p)
    return found
