"""The references of figures: those that wait, what was seen of them, and what each is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from app.db.columns import Status
from app.db.figures import FigureRow, ReferenceFaceRow, ReferenceRow
from app.db.rows import face_columns, seen_face
from app.db.tables import FaceRow, OutcomeRow, PhotoRow, ScanRow
from app.installation import Installation
from models.faces.enrol import Assessment, Portrait, assess, portrait
from models.geometry import Box
from models.recipe import Recipe
from models.vocabulary import Face, Vector

if TYPE_CHECKING:  # the engine brings all models along, which the web server does without
    from pipelines.engine import PageResult

WITH_FACES = selectinload(FigureRow.references).selectinload(ReferenceRow.faces)
"""Loads a figure with what was seen of its references."""

SAME_FACE = 0.3
"""Least overlap (IoU) of boxes round one face: other detectors, and hands, draw them otherwise."""


@dataclass(frozen=True, slots=True)
class WaitingReference:
    """A reference photo to observe: its id, its file and that file's hash, and its name."""

    id: int
    path: Path
    sha256: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class AssessedReference:
    """A reference that was looked at: its id, the embedding of its face, and what it is worth."""

    id: int
    embedding: Vector | None
    worth: Assessment


def assessed_references(figure: FigureRow, recipe: Recipe) -> list[AssessedReference]:
    """Return what those references of a figure are worth that were seen under a recipe."""
    seen = [
        reference
        for reference in figure.references
        if reference.observation_id == recipe.observation_id and reference.status is Status.DONE
    ]
    portraits = [_portrait(reference) for reference in seen]
    worths = assess(portraits, recipe.interpret.enrol, child=recipe.observe.faces.child)
    return [
        AssessedReference(reference.id, face.embedding if (face := p.face) else None, worth)
        for reference, p, worth in zip(seen, portraits, worths, strict=True)
    ]


def _portrait(reference: ReferenceRow) -> Portrait:
    faces = [seen_face(row) for row in reference.faces]
    return Portrait(*faces) if faces else Portrait(None)


def stale(observation_id: str) -> ColumnElement[bool]:
    """Return the condition for references not looked at under a recipe's ``observation_id``."""
    return or_(ReferenceRow.observation_id.is_(None), ReferenceRow.observation_id != observation_id)


def unembedded(session: Session, observation_id: str) -> list[ReferenceRow]:
    """Return the reference photos that were not looked at under a recipe's ``observation_id``.

    Confirmed faces are not among them: they wait for their page, and nothing waits for them.
    """
    given = ReferenceRow.x1 == 0
    query = select(ReferenceRow).where(stale(observation_id), given)
    return list(session.scalars(query.order_by(ReferenceRow.id)))


def waiting_references(home: Installation) -> list[WaitingReference]:
    """Return the reference photos that wait to be looked at."""
    with home.database.read() as session:
        return [
            WaitingReference(r.id, home.storage.scan(r.sha256), r.sha256, r.name)
            for r in unembedded(session, home.recipe.observation_id)
        ]


def record_reference(home: Installation, reference_id: int, result: PageResult) -> None:
    """Write down what came of looking at a reference photo, unless it was removed meanwhile."""
    with home.database.write() as session:
        reference = _locked(session, reference_id)
        if reference is None:
            return
        if result.observation is not None:
            found = portrait(result.observation.photos[0])
            faces = [face for face in (found.face, found.rival) if face is not None]
            _see(reference, home, Status.DONE, faces)
        elif result.rejection is not None:
            rejection = result.rejection
            _see(reference, home, Status.REJECTED)
            reference.reason, reference.detail = rejection.reason.value, rejection.detail
        else:
            _see(reference, home, Status.FAILED)
            reference.reason, reference.detail = "failed", result.failure


def _locked(session: Session, reference_id: int) -> ReferenceRow | None:
    return session.get(ReferenceRow, reference_id, with_for_update=True)


def _see(
    reference: ReferenceRow, home: Installation, status: Status, faces: Sequence[Face] = ()
) -> None:
    """Put what was seen under today's recipe in the place of what was seen before."""
    reference.observation_id = home.recipe.observation_id
    reference.status, reference.reason, reference.detail = status, None, None
    columns = [face_columns(face) for face in faces]
    for column in columns[1:]:
        column["embedding"] = column["sharpness"] = None  # nobody is to be recognised by it
    known = {row.position: row for row in reference.faces}
    rows = [known.get(i) or ReferenceFaceRow(position=i) for i in range(len(columns))]
    for row, values in zip(rows, columns, strict=True):
        for name, value in values.items():
            setattr(row, name, value)
    reference.faces = rows


def find_confirmed(home: Installation) -> int:
    """Find confirmed faces again that their pages were looked at anew for; return how many."""
    observation_id = home.recipe.observation_id
    query = (
        select(ReferenceRow.id, OutcomeRow.id)
        .join(
            ScanRow, (ScanRow.sha256 == ReferenceRow.sha256) & (ScanRow.frame == ReferenceRow.frame)
        )
        .join(OutcomeRow, OutcomeRow.scan_id == ScanRow.id)
        .where(
            stale(observation_id), ReferenceRow.x1 > 0, OutcomeRow.observation_id == observation_id
        )
        .order_by(ReferenceRow.id)
    )
    with home.database.read() as session:
        waiting = session.execute(query).all()
    for reference_id, outcome_id in waiting:
        with home.database.write() as session:
            reference = _locked(session, reference_id)
            if reference is not None:
                face = _at(session, session.get_one(OutcomeRow, outcome_id), reference.place)
                _see(reference, home, Status.DONE, [face] if face else [])
    return len(waiting)


def _at(session: Session, outcome: OutcomeRow, place: Box | None) -> Face | None:
    """Return the face that is at a place of a page, in shares of it."""
    rows = session.scalars(select(FaceRow).join(PhotoRow).where(PhotoRow.outcome_id == outcome.id))
    faces = [seen_face(row) for row in rows]
    shares = [share_of_page(face.box, outcome) for face in faces]
    overlaps = [place.iou(share) if place else 0.0 for share in shares]
    best = max(range(len(faces)), key=overlaps.__getitem__, default=None)
    return faces[best] if best is not None and overlaps[best] >= SAME_FACE else None


def share_of_page(box: Box, outcome: OutcomeRow) -> Box:
    """Return a box of page pixels in shares of the page, 0–1."""
    width, height = outcome.width or 1, outcome.height or 1
    return Box(box.x0 / width, box.y0 / height, box.x1 / width, box.y1 / height)
