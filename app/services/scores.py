"""Reads what thousands of photos are taken to show, without what is only shown of single ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db.enrolment import Figure
from app.db.tables import Interpretation, Reading, SeenFigure, SeenLabel
from models.geometry import Box
from models.vocabulary import (
    FocusReading,
    LabelReading,
    PhotoInterpretation,
    Sighting,
    SubjectReading,
)

_Column: TypeAlias = InstrumentedAttribute[Any]

MOST_IDS = 5000
"""Photos that are named in one query; SQLite takes 32,766 parameters, PostgreSQL 65,535."""

_NOWHERE = Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Scores:
    """What a photo is taken to show, with probabilities alone: no boxes, counts or reasons.

    ``gallery`` and ``label_set`` name the figures and labels that it was read for.
    """

    meaning: PhotoInterpretation
    gallery: str
    label_set: str | None


def read_scores(session: Session, photo_ids: Sequence[int], recipe_id: str) -> dict[int, Scores]:
    """Return what photos are taken to show under a recipe; who is not interpreted is not there."""
    found: dict[int, Scores] = {}
    for start in range(0, len(photo_ids), MOST_IDS):
        found |= _read(session, photo_ids[start : start + MOST_IDS], recipe_id)
    return found


def _read(session: Session, photo_ids: Sequence[int], recipe_id: str) -> dict[int, Scores]:
    within = photo_ids, recipe_id
    subjects = _below(session, within, (Reading.subject, Reading.probability), SubjectReading)
    labels = _below(session, within, (SeenLabel.label, SeenLabel.probability), LabelReading)
    sightings = _sightings(session, photo_ids, recipe_id)
    rows = session.execute(
        select(
            Interpretation.photo_id,
            Interpretation.verdict,
            Interpretation.leader,
            Interpretation.facility,
            Interpretation.doubts,
            Interpretation.gallery,
            Interpretation.label_set,
        ).where(Interpretation.photo_id.in_(photo_ids), Interpretation.recipe_id == recipe_id)
    )
    return {
        photo_id: Scores(
            PhotoInterpretation(
                tuple(subjects[photo_id]),
                tuple(sightings[photo_id]),
                FocusReading(verdict, leader, facility, ()),
                tuple(labels[photo_id]),
                doubts=tuple((name, p) for name, p in doubts),
            ),
            gallery,
            label_set,
        )
        for photo_id, verdict, leader, facility, doubts, gallery, label_set in rows
    }


def _below(
    session: Session,
    within: tuple[Sequence[int], str],
    columns: tuple[_Column, _Column],
    kind: type[SubjectReading] | type[LabelReading],
) -> Mapping[int, list[Any]]:
    table = columns[0].class_
    photo_ids, recipe_id = within
    found: Mapping[int, list[Any]] = defaultdict(list)
    query = select(table.photo_id, *columns).where(
        table.photo_id.in_(photo_ids), table.recipe_id == recipe_id
    )
    for photo_id, name, probability in session.execute(query):
        found[photo_id].append(kind(name, probability))
    return found


def _sightings(
    session: Session, photo_ids: Sequence[int], recipe_id: str
) -> Mapping[int, list[Sighting]]:
    found: Mapping[int, list[Sighting]] = defaultdict(list)
    query = (
        select(SeenFigure.photo_id, Figure.name, SeenFigure.probability)
        .join(Figure, Figure.id == SeenFigure.figure_id)
        .where(SeenFigure.photo_id.in_(photo_ids), SeenFigure.recipe_id == recipe_id)
    )
    for photo_id, name, probability in session.execute(query):
        found[photo_id].append(Sighting(name, probability, _NOWHERE))
    return found
