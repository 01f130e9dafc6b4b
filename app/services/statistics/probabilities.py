"""The probability of a measure for photos, in SQL, beside the adjudicated answers of coders.

This is the one place where rows become probabilities of measures, as in ``measure.probabilities``:
statistics read it for reviewed photos, evidence for the photos of editions, and draws for whole
archives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, literal, null, select
from sqlalchemy.orm import Session

from app.db.figures import FigureRow
from app.db.queries import in_zone
from app.db.reviews import SettledAnswerRow
from app.db.tables import (
    InterpretationRow,
    LabelReadingRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    SightingRow,
    SubjectReadingRow,
)
from app.services.recipes.recipes import Provenance
from models.faces.gallery import LEADER
from pipelines.statistics.consensus import DERIVED
from pipelines.statistics.measure import FIGURE, LABEL
from pipelines.statistics.metrics import Metric
from pipelines.statistics.sampling_scope import SamplingScope


@dataclass(frozen=True, slots=True, eq=False)
class Probability:
    """The probability of a measure for each photo, as columns of a query.

    Attributes:
        columns: Three columns to select from photos; ``of`` takes their values.
        names: The figures one of which the photo must show; None for a measure without figures.
    """

    columns: tuple[ColumnElement[Any], ...]
    names: frozenset[str] | None = None

    def of(
        self, probability: float | None, seen: float | None, doubts: Sequence[tuple[str, float]]
    ) -> float | None:
        """Return the probability for a photo, 0–1; None if it was not read for the measure.

        Args:
            probability: Of the measure without its figures.
            seen: Of the surest sighting of the figures.
            doubts: (figure, probability) of figures without a sighting.
        """
        if probability is None or self.names is None:
            return probability
        doubted = (p for name, p in doubts or () if name in self.names)
        return probability * max(seen or 0.0, *doubted, 0.0)


def probability_of(session: Session, measure: str, recipe_id: str) -> Probability:
    """Return the probability of a measure under a recipe.

    Sub-queries for each photo, not joins: the database would begin with all readings there are.
    """
    if measure in ("leader", DERIVED):
        factor = _setting(recipe_id) if measure == DERIVED else _read(literal(1.0), recipe_id)
        return _presence(session, recipe_id, FigureRow.role == LEADER.value, factor)
    if measure.startswith(FIGURE):
        named = FigureRow.name == measure.removeprefix(FIGURE)
        return _presence(session, recipe_id, named, _read(literal(1.0), recipe_id))
    neither = 1.0 - InterpretationRow.leader - InterpretationRow.facility
    focus: dict[str, ColumnElement[float]] = {
        "focus_leader": InterpretationRow.leader.expression,
        "focus_facility": InterpretationRow.facility.expression,
        "focus_neither": case((neither > 0, neither), else_=0.0),
    }
    if measure in focus:
        probability = _read(focus[measure], recipe_id)
    elif measure.startswith(LABEL):
        probability = _label(measure.removeprefix(LABEL), recipe_id)
    else:
        probability = _subject(measure, recipe_id)
    return Probability((probability, null(), null()))


def _presence(
    session: Session, recipe_id: str, figures: ColumnElement[bool], factor: ColumnElement[float]
) -> Probability:
    names = frozenset(session.scalars(select(FigureRow.name).where(figures)))
    seen = (
        select(func.max(SightingRow.probability))
        .join(FigureRow, FigureRow.id == SightingRow.figure_id)
        .where(SightingRow.photo_id == PhotoRow.id, SightingRow.recipe_id == recipe_id, figures)
        .correlate(PhotoRow)
        .scalar_subquery()
    )
    return Probability((factor, seen, _read(InterpretationRow.doubts.expression, recipe_id)), names)


def _setting(recipe_id: str) -> ColumnElement[float]:
    buildings = _subject("buildings", recipe_id)
    facility = _read(InterpretationRow.facility.expression, recipe_id)
    # Not max(): PostgreSQL takes that for an aggregate, SQLite greatest() for unknown.
    return case((buildings > facility, buildings), else_=facility)


def _read(column: ColumnElement[Any], recipe_id: str) -> ScalarSelect[Any]:
    return (
        select(column)
        .select_from(InterpretationRow)
        .where(InterpretationRow.photo_id == PhotoRow.id, InterpretationRow.recipe_id == recipe_id)
        .correlate(PhotoRow)
        .scalar_subquery()
    )


def _subject(name: str, recipe_id: str) -> ScalarSelect[float]:
    return (
        select(SubjectReadingRow.probability)
        .where(SubjectReadingRow.photo_id == PhotoRow.id, SubjectReadingRow.recipe_id == recipe_id)
        .where(SubjectReadingRow.subject == name)
        .correlate(PhotoRow)
        .scalar_subquery()
    )


def _label(name: str, recipe_id: str) -> ScalarSelect[float]:
    return (
        select(LabelReadingRow.probability)
        .where(LabelReadingRow.photo_id == PhotoRow.id, LabelReadingRow.recipe_id == recipe_id)
        .where(LabelReadingRow.label == name)
        .correlate(PhotoRow)
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class MeasuredPhoto:
    """The probability and the consensus of one measure for a photo.

    Attributes:
        edition_id: Id of the edition that prints it.
        area: Share of its page area, 0–1.
        probability: By the machine, 0–1.
        shows: The consensus of the coders; None: there is none.
        drawn_from: The scope that it was drawn from by chance for this measure; None: picked.
    """

    edition_id: int
    area: float
    probability: float
    shows: bool | None
    drawn_from: SamplingScope | None


def reviewed_measures(session: Session) -> set[str]:
    """Return the measures with a consensus of coders for some photo."""
    return set(session.scalars(select(SettledAnswerRow.measure).distinct()))


def reviewed_photos(
    session: Session, metric: Metric, recipe: Provenance, *, editions: tuple[int, int]
) -> list[MeasuredPhoto]:
    """Return the photos of a zone with a consensus of coders for a measure.

    Args:
        session: An open transaction.
        metric: The share of a measure in a zone.
        recipe: The recipe of the readings.
        editions: The lowest and the highest id of the editions.
    """
    probability = probability_of(session, metric.name, recipe.id)
    query = _photos(metric, recipe, probability).join(SettledAnswerRow, _of_measure(metric))
    return _answers(session, query.where(PageRow.edition_id.between(*editions)), probability)


def edition_photos(
    session: Session, metric: Metric, recipe: Provenance, edition_ids: Sequence[int]
) -> list[MeasuredPhoto]:
    """Return all photos of a zone of editions that were read for a measure."""
    probability = probability_of(session, metric.name, recipe.id)
    query = _photos(metric, recipe, probability).outerjoin(SettledAnswerRow, _of_measure(metric))
    return _answers(session, query.where(PageRow.edition_id.in_(edition_ids)), probability)


def _of_measure(metric: Metric) -> ColumnElement[bool]:
    return (SettledAnswerRow.photo_id == PhotoRow.id) & (SettledAnswerRow.measure == metric.name)


def _photos(
    metric: Metric, recipe: Provenance, probability: Probability
) -> Select[*tuple[Any, ...]]:
    return (
        select(
            PageRow.edition_id,
            # Not a condition: SQLite would take it for a reason to begin with all photos.
            in_zone(metric.zone),
            PhotoRow.area_share,
            SettledAnswerRow.shows,
            SettledAnswerRow.drawn_from,
            *probability.columns,
        )
        .select_from(PhotoRow)
        .join(OutcomeRow, PhotoRow.outcome_id == OutcomeRow.id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .where(OutcomeRow.observation_id == recipe.observation_id)
    )


def _answers(
    session: Session, query: Select[*tuple[Any, ...]], probability: Probability
) -> list[MeasuredPhoto]:
    return [
        MeasuredPhoto(edition_id, area, p, shows, _scope(drawn_from))
        for edition_id, inside, area, shows, drawn_from, *estimated in session.connection().execute(
            query
        )
        if inside and (p := probability.of(*estimated)) is not None
    ]


@lru_cache(maxsize=256)
def _scope(text: str | None) -> SamplingScope | None:
    return None if text is None else SamplingScope.parse(text)
