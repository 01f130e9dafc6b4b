"""Reads the probabilities of thousands of photos, without the details that single photos show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection, String, select, type_coerce
from sqlalchemy.orm import Session

from presslens.app.db.figures import FigureRow
from presslens.app.db.tables import (
    InterpretationRow,
    LabelReadingRow,
    SightingRow,
    SubjectReadingRow,
)
from presslens.models.geometry import Box
from presslens.models.vocabulary import (
    FocusReading,
    LabelReading,
    PhotoInterpretation,
    Sighting,
    Subject,
    SubjectReading,
)

_Within: TypeAlias = tuple[Sequence[int], str]
"""Photo ids and a recipe id."""

_SUBJECTS = {subject.value: subject for subject in Subject}

MOST_IDS = 5000
"""Photos that are named in one query; SQLite takes 32,766 parameters, PostgreSQL 65,535."""

_NOWHERE = Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class PhotoScores:
    """The probabilities of a photo's interpretation, without boxes, counts and reasons.

    ``gallery`` and ``label_set`` are the versions of the figures and labels it was read for.
    """

    meaning: PhotoInterpretation
    gallery: str
    label_set: str | None


def read_scores(
    session: Session, photo_ids: Sequence[int], recipe_id: str
) -> dict[int, PhotoScores]:
    """Return each photo's scores under a recipe; photos without an interpretation are omitted."""
    scores: dict[int, PhotoScores] = {}
    for start in range(0, len(photo_ids), MOST_IDS):
        scores |= _read(session, photo_ids[start : start + MOST_IDS], recipe_id)
    return scores


def _read(session: Session, photo_ids: Sequence[int], recipe_id: str) -> dict[int, PhotoScores]:
    within = photo_ids, recipe_id
    # Rows of the connection, not of the session, which would make each of millions twice.
    connection = session.connection()
    subjects = _subjects(connection, within)
    labels = _labels(connection, within)
    sightings = _sightings(connection, within)
    rows = connection.execute(
        select(
            InterpretationRow.photo_id,
            InterpretationRow.verdict,
            InterpretationRow.leader,
            InterpretationRow.facility,
            InterpretationRow.doubts,
            InterpretationRow.gallery,
            InterpretationRow.label_set,
        ).where(InterpretationRow.photo_id.in_(photo_ids), InterpretationRow.recipe_id == recipe_id)
    )
    return {
        photo_id: PhotoScores(
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


def _subjects(connection: Connection, within: _Within) -> Mapping[int, list[SubjectReading]]:
    readings: Mapping[int, list[SubjectReading]] = defaultdict(list)
    # As text, since looking a subject up here is faster than the type that the column has.
    subject = type_coerce(SubjectReadingRow.subject, String)
    query = select(SubjectReadingRow.photo_id, subject, SubjectReadingRow.probability).where(
        SubjectReadingRow.photo_id.in_(within[0]), SubjectReadingRow.recipe_id == within[1]
    )
    for photo_id, name, probability in connection.execute(query):
        readings[photo_id].append(SubjectReading(_SUBJECTS[name], probability))
    return readings


def _labels(connection: Connection, within: _Within) -> Mapping[int, list[LabelReading]]:
    readings: Mapping[int, list[LabelReading]] = defaultdict(list)
    query = select(
        LabelReadingRow.photo_id, LabelReadingRow.label, LabelReadingRow.probability
    ).where(LabelReadingRow.photo_id.in_(within[0]), LabelReadingRow.recipe_id == within[1])
    for photo_id, name, probability in connection.execute(query):
        readings[photo_id].append(LabelReading(name, probability))
    return readings


def _sightings(connection: Connection, within: _Within) -> Mapping[int, list[Sighting]]:
    sightings: Mapping[int, list[Sighting]] = defaultdict(list)
    query = (
        select(SightingRow.photo_id, FigureRow.name, SightingRow.probability)
        .join(FigureRow, FigureRow.id == SightingRow.figure_id)
        .where(SightingRow.photo_id.in_(within[0]), SightingRow.recipe_id == within[1])
    )
    for photo_id, name, probability in connection.execute(query):
        sightings[photo_id].append(Sighting(name, probability, _NOWHERE))
    return sightings
