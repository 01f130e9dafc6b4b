"""The probability of a measure for photos, in SQL, beside the adjudicated answers of coders.

This is the one place where rows become probabilities of measures, as in ``measure.probabilities``:
statistics read it for reviewed photos, evidence for the photos of editions, and draws for whole
archives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, case, func, literal, null, select
from sqlalchemy.orm import Session

from presslens.app.db.figures import FigureRoleRow, FigureRow
from presslens.app.db.tables import (
    InterpretationRow,
    LabelReadingRow,
    OutcomeRow,
    PhotoRow,
    SightingRow,
    SubjectReadingRow,
)
from presslens.app.services.figures.gallery import leader_names, newspaper_of_scan
from presslens.models.faces.gallery import LEADER
from presslens.pipelines.statistics.consensus import DERIVED
from presslens.pipelines.statistics.measure import FIGURE, LABEL


@dataclass(frozen=True, slots=True, eq=False)
class Probability:
    """The probability of a measure for each photo, as columns of a query."""

    # Four columns to select from photos; ``of`` takes their values.
    columns: tuple[ColumnElement[Any], ...]
    # The figures one of which the photo must show, by the newspaper of its scan; None for a measure
    # without figures.
    names: Callable[[int | None], Collection[str]] | None = None

    def of(
        self,
        probability: float | None,
        seen: float | None,
        doubts: Sequence[tuple[str, float]],
        newspaper: int | None,
    ) -> float | None:
        """Return the probability for a photo, 0–1; None if it was not read for the measure.

        Args:
            probability: Of the measure without its figures.
            seen: Of the surest sighting of the figures.
            doubts: (figure, probability) of figures without a sighting.
            newspaper: The newspaper whose leaders count in it.
        """
        if probability is None or self.names is None:
            return probability
        names = self.names(newspaper)
        doubted = (p for name, p in doubts or () if name in names)
        return probability * max(seen or 0.0, *doubted, 0.0)


def probability_of(session: Session, measure: str, recipe_id: str) -> Probability:
    """Return the probability of a measure under a recipe.

    Sub-queries for each photo, not joins: the database would begin with all readings there are.
    """
    if measure in ("leader", DERIVED):
        factor = _setting(recipe_id) if measure == DERIVED else _read(literal(1.0), recipe_id)
        roles = select(FigureRoleRow.figure_id).where(
            FigureRoleRow.figure_id == FigureRow.id,
            FigureRoleRow.role == LEADER,
            FigureRoleRow.publication_id == _newspaper(),
        )
        return _presence(recipe_id, roles.exists(), factor, partial(leader_names, session))
    if measure.startswith(FIGURE):
        name = measure.removeprefix(FIGURE)
        figures, read = FigureRow.name == name, _read(literal(1.0), recipe_id)
        return _presence(recipe_id, figures, read, lambda _: {name})
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
    return Probability((probability, null(), null(), null()))


def _newspaper() -> ScalarSelect[int]:
    """Return the newspaper whose leaders count in a photo."""
    scan = select(OutcomeRow.scan_id).where(OutcomeRow.id == PhotoRow.outcome_id)
    return newspaper_of_scan(scan.correlate(PhotoRow).scalar_subquery())


def _presence(
    recipe_id: str,
    figures: ColumnElement[bool],
    factor: ColumnElement[float],
    names: Callable[[int | None], Collection[str]],
) -> Probability:
    seen = (
        select(func.max(SightingRow.probability))
        .join(FigureRow, FigureRow.id == SightingRow.figure_id)
        .where(SightingRow.photo_id == PhotoRow.id, SightingRow.recipe_id == recipe_id, figures)
        .correlate(PhotoRow)
        .scalar_subquery()
    )
    doubts = _read(InterpretationRow.doubts.expression, recipe_id)
    return Probability((factor, seen, doubts, _newspaper()), names)


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
