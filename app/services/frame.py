"""The photos that a question is about: what is drawn from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, select
from sqlalchemy.orm import Session

from app.db.reviews import SettledAnswer
from app.db.tables import (
    Edition,
    Figure,
    Interpretation,
    Outcome,
    Page,
    Photo,
    Publication,
    Reading,
    Scan,
    SeenFigure,
    SeenLabel,
)
from app.services.coding import in_scope
from app.services.photos import AREA_SHARE, is_lead
from models.faces.gallery import LEADER
from models.recipe import Recipe
from pipelines.statistics.coding import DERIVED
from pipelines.statistics.measure import FIGURE, LABEL, Weight, Zone
from pipelines.statistics.sampling import Candidate, Scope


@dataclass(frozen=True, slots=True)
class Question:
    """The share whose interval is to become narrow.

    Attributes:
        measure: What it is a share of.
        scope: The photos that it is about.
        weight: How each counts.
        seed: Another one gives another order of photos.
    """

    measure: str
    scope: Scope = field(default_factory=Scope)
    weight: Weight = Weight.COUNT
    seed: int = 0


def question_frame(
    session: Session, recipe: Recipe, question: Question, *, coded: Collection[int]
) -> Iterator[Candidate]:
    """Yield the photos that a question is about; one that is printed twice weighs twice.

    Args:
        session: A transaction.
        recipe: Today's.
        question: What is to be known.
        coded: Ids of the photos that somebody has coded for the measure.
    """
    drawn = {
        row.photo_id: Scope.parse(row.drawn_from or "{}").covers(question.scope)
        for row in session.scalars(
            select(SettledAnswer).where(
                SettledAnswer.measure == question.measure, SettledAnswer.drawn
            )
        )
    }
    for row in session.execute(_photos(recipe, question)):
        if row.probability is None:
            continue
        state = "open" if row.id not in coded else "drawn" if drawn.get(row.id) else "closed"
        yield Candidate(
            row.id,
            f"{row.sha256}:{row.frame}:{row.position}",
            float(row.probability),
            float(row.area if question.weight is Weight.AREA else row.times),
            state,
        )


def _photos(
    recipe: Recipe, question: Question
) -> Select[int, str, int, int, float | None, float, int]:
    here = (Interpretation.photo_id == Photo.id) & (Interpretation.recipe_id == recipe.id)
    return (
        select(
            Photo.id,
            Scan.sha256,
            Scan.frame,
            Photo.position,
            func.max(_probability(question.measure)).label("probability"),
            func.sum(AREA_SHARE).label("area"),
            func.count().label("times"),
        )
        .join(Outcome, Photo.outcome_id == Outcome.id)
        .join(Scan, Scan.id == Outcome.scan_id)
        .join(Page, Page.scan_id == Outcome.scan_id)
        .join(Edition, Edition.id == Page.edition_id)
        .join(Publication, Publication.id == Edition.publication_id)
        .join(Interpretation, here)
        .where(Outcome.observation_id == recipe.observation_id)
        .where(*in_scope(question.scope), *_in_zone(question.scope.zone))
        .group_by(Photo.id, Scan.sha256, Scan.frame, Photo.position)
        .order_by(Photo.id)
    )


def _in_zone(zone: Zone) -> Iterator[ColumnElement[bool]]:
    if zone is Zone.FRONT:
        yield Page.number == 1
    elif zone is Zone.INSIDE:
        yield Page.number != 1
    elif zone is Zone.ABOVE_FOLD:
        yield (Photo.y0 + Photo.y1) / 2 < Outcome.height / 2
    elif zone is Zone.LEAD:
        yield is_lead()


def _probability(measure: str) -> ColumnElement[float]:
    """Return how probable a measure is, as ``measure.probabilities`` has it; NULL: not read for."""
    if measure == DERIVED:
        buildings = _reading("buildings")
        # Not max(): PostgreSQL takes that for an aggregate, SQLite greatest() for unknown.
        facility = Interpretation.facility
        setting = case((buildings > facility, buildings), else_=facility)
        return _sighted(Figure.role == LEADER.value) * setting
    if measure == "leader":
        return _sighted(Figure.role == LEADER.value)
    if measure.startswith(FIGURE):
        return _sighted(Figure.name == measure.removeprefix(FIGURE))
    if measure.startswith(LABEL):
        return _label(measure.removeprefix(LABEL)).expression
    neither = 1.0 - Interpretation.leader - Interpretation.facility
    focus: dict[str, ColumnElement[float]] = {
        "focus_leader": Interpretation.leader.expression,
        "focus_facility": Interpretation.facility.expression,
        "focus_neither": case((neither > 0, neither), else_=0.0),
    }
    return focus[measure] if measure in focus else _reading(measure)


def _reading(subject: str) -> ScalarSelect[float]:
    return (
        select(Reading.probability)
        .where(
            Reading.photo_id == Interpretation.photo_id,
            Reading.recipe_id == Interpretation.recipe_id,
            Reading.subject == subject,
        )
        .correlate(Interpretation)
        .scalar_subquery()
    )


def _label(name: str) -> ScalarSelect[float]:
    return (
        select(SeenLabel.probability)
        .where(
            SeenLabel.photo_id == Interpretation.photo_id,
            SeenLabel.recipe_id == Interpretation.recipe_id,
            SeenLabel.label == name,
        )
        .correlate(Interpretation)
        .scalar_subquery()
    )


def _sighted(of: ColumnElement[bool]) -> ColumnElement[float]:
    highest = (
        select(func.max(SeenFigure.probability))
        .join(Figure, Figure.id == SeenFigure.figure_id)
        .where(
            SeenFigure.photo_id == Interpretation.photo_id,
            SeenFigure.recipe_id == Interpretation.recipe_id,
            of,
        )
        .correlate(Interpretation)
        .scalar_subquery()
    )
    return func.coalesce(highest, 0.0)
