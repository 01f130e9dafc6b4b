"""Enrols, lists and removes public figures; the worker embeds their reference photos."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, delete, select, tuple_, update
from sqlalchemy.orm import Session

from app.db.columns import Status
from app.db.figures import FigureRow, ReferenceRow
from app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from app.db.statistics import EditionShareRow
from app.db.tables import InterpretationRow, SightingRow
from app.db.upsert import insert_new
from app.errors import Conflict, InvalidRequest, NotFound
from app.installation import Installation
from app.services.figures.erasure import discard
from app.services.figures.references import WITH_FACES, assessed_references
from app.services.ingest.upload import Incoming
from models.faces.enrol import Assessment
from models.faces.gallery import Role
from models.recipe import Recipe
from pipelines.scans.scan import shown
from pipelines.statistics.measure import FIGURE

BATCH = 5000
"""Number of photos whose doubts are rewritten by one statement."""

LONGEST = 255
"""Largest number of characters of a name: the width of its column."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The page of a confirmed face: a frame of a scan, and the face's box in shares of the page."""

    scan: str
    frame: int
    box: tuple[float, float, float, float]

    def to_json(self) -> dict[str, Any]:
        """Return the origin as it is served."""
        return {"scan": self.scan, "frame": self.frame, "box": list(self.box)}


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """A reference, and whether it can be used.

    Attributes:
        id: Its id.
        name: The name of its file, or of the page that its face stands on.
        status: done: it is used; rejected or failed: it is not; None until it is analysed.
        reason: Why it is not used; None if it is.
        doubt: What is doubtful about a reference that is used.
        quality: Weight in the matching, 0–1; None, as the next ones, where it is not measured.
        size: Side of a square as large as the face, in pixels.
        sharpness: Share of the face's contrast that is fine detail, 0–1.
        facing: 1 for a face that looks straight out of the photo, 0 for one turned aside fully.
        agreement: Share of the figure's other references that are near it, 0–1.
        origin: The page that it was confirmed on; None for a photo that was given.
    """

    id: int
    name: str
    status: Status | None
    reason: str | None
    doubt: str | None = None
    quality: float | None = None
    size: float | None = None
    sharpness: float | None = None
    facing: float | None = None
    agreement: float | None = None
    origin: Origin | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the reference as it is served."""
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status.value if self.status else "queued",
            "reason": self.reason,
            "doubt": self.doubt,
            "quality": _rounded(self.quality, 3),
            "size": _rounded(self.size, 1),
            "sharpness": _rounded(self.sharpness, 4),
            "facing": _rounded(self.facing, 3),
            "agreement": _rounded(self.agreement, 3),
            "origin": self.origin.to_json() if self.origin else None,
        }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


@dataclass(frozen=True, slots=True)
class FigureState:
    """A figure and its references."""

    id: int
    name: str
    role: str
    references: tuple[ReferenceState, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figure as it is served."""
        return {
            "id": self.id,
            "name": self.name,
            "role": self.role,
            "references": [reference.to_json() for reference in self.references],
        }


def add_figure(home: Installation, name: str, *, role: str = Role.LEADER, now: datetime) -> int:
    """Enrol a figure, and return its id; the same name and role again are the same figure.

    Raises:
        InvalidRequest: The name is empty, too long, or holds what can't be printed.
        Conflict: The name is enrolled with another role.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST or not name.isprintable():
        raise InvalidRequest(f"a figure's name is one line of 1 to {LONGEST} printable characters")
    with home.database.write() as session:
        insert_new(session, FigureRow, name=name, role=Role(role), created_at=now)
        figure = session.scalars(select(FigureRow).filter_by(name=name)).one()
        if figure.role != role:
            raise Conflict(f"{name} is enrolled already, with the role {figure.role}")
        return figure.id


def add_references(
    home: Installation, figure_id: int, photos: Iterable[Incoming], *, now: datetime
) -> None:
    """Store reference photos of a figure; they are used once the worker has embedded them.

    Raises:
        NotFound: There is no such figure.
        InvalidRequest: There is no photo.
        LimitExceeded: A photo is larger than the settings allow.
        DiskFull: Too little disk is free.
    """
    find_figure(home, figure_id)
    stored = [
        (home.storage.put(photo.stream, most=home.settings.file_bytes).sha256, photo.name)
        for photo in photos
    ]
    if not stored:
        raise InvalidRequest("give at least one reference photo")
    with home.database.write() as session:
        figure = locked_figure(session, figure_id)
        present = {reference.sha256 for reference in figure.references if reference.place is None}
        for sha256, name in stored:
            if sha256 not in present:
                present.add(sha256)
                reference = ReferenceRow(
                    sha256=sha256, name=shown(name) or "unnamed", created_at=now
                )
                figure.references.append(reference)


def set_role(home: Installation, figure_id: int, role: Role) -> None:
    """Change the role of a figure.

    Raises:
        NotFound: There is no such figure.
    """
    with home.database.write() as session:
        locked_figure(session, figure_id).role = role


def remove_figure(home: Installation, figure_id: int, *, now: datetime) -> None:
    """Remove a figure with its references, sightings, doubts, summaries and reviews.

    Raises:
        NotFound: There is no such figure.
    """
    with home.database.write(erasing=True) as session:
        figure = locked_figure(session, figure_id)
        session.execute(delete(SightingRow).filter_by(figure_id=figure_id))
        _delete_doubts(session, figure.name)
        _delete_measure(session, f"{FIGURE}{figure.name}")
        discard(session, [reference.sha256 for reference in figure.references], now=now)
        session.delete(figure)


def _delete_measure(session: Session, measure: str) -> None:
    """Delete the measure of a figure from the summaries and the reviews."""
    for table in (EditionShareRow, SettledAnswerRow, ReviewAnswerRow):
        session.execute(delete(table).filter_by(measure=measure))
    nothing_left = (
        ~select(ReviewAnswerRow).where(ReviewAnswerRow.review_id == ReviewRow.id).exists()
    )
    session.execute(delete(ReviewRow).where(nothing_left))
    drawn = update(ReviewRow).filter_by(drawn_for=measure)
    session.execute(drawn.values(drawn_for=None, drawn_from=None))


def _delete_doubts(session: Session, name: str) -> None:
    """Delete a name from the doubts of all interpretations, under every recipe."""
    key = InterpretationRow.photo_id, InterpretationRow.recipe_id
    held = cast(InterpretationRow.doubts, Text).contains(json.dumps(name), autoescape=True)
    start: tuple[int, str] = (0, "")
    while rows := session.execute(
        select(*key, InterpretationRow.doubts)
        .where(held, tuple_(*key) > start)
        .order_by(*key)
        .limit(BATCH)
    ).all():
        changed = [
            {
                "photo_id": photo_id,
                "recipe_id": recipe_id,
                "doubts": [[other, p] for other, p in doubts if other != name],
            }
            for photo_id, recipe_id, doubts in rows
        ]
        session.execute(update(InterpretationRow), changed)
        start = rows[-1][0], rows[-1][1]


def remove_reference(
    home: Installation, figure_id: int, reference_id: int, *, now: datetime
) -> None:
    """Remove a reference of a figure.

    Raises:
        NotFound: There is no such figure, or it has no such reference.
    """
    with home.database.write(erasing=True) as session:
        figure = locked_figure(session, figure_id)
        reference = session.get(ReferenceRow, reference_id)
        if reference is None or reference.figure_id != figure.id:
            raise NotFound(f"{figure.name} has no reference {reference_id}")
        discard(session, [reference.sha256], now=now)
        session.delete(reference)


def locked_figure(session: Session, figure_id: int) -> FigureRow:
    """Lock a figure against other writers until the transaction ends, and return it.

    Raises:
        NotFound: There is none with this id.
    """
    figure = session.get(FigureRow, figure_id, with_for_update=True)
    if figure is None:
        raise NotFound("there is no such figure")
    return figure


def figure_named(home: Installation, name: str) -> int:
    """Return the id of the figure with this name.

    Raises:
        NotFound: There is none.
    """
    with home.database.read() as session:
        figure_id = session.scalar(select(FigureRow.id).filter_by(name=name))
    if figure_id is None:
        raise NotFound(f"no figure is called {name!r}")
    return figure_id


def list_figures(home: Installation) -> list[FigureState]:
    """Return all figures by name."""
    with home.database.read() as session:
        rows = session.scalars(select(FigureRow).order_by(FigureRow.name).options(WITH_FACES))
        return [_state(row, home.recipe) for row in rows]


def find_figure(home: Installation, figure_id: int) -> FigureState:
    """Return a figure.

    Raises:
        NotFound: There is none with this id.
    """
    with home.database.read() as session:
        figure = session.get(FigureRow, figure_id)
        if figure is None:
            raise NotFound("there is no such figure")
        return _state(figure, home.recipe)


def _state(figure: FigureRow, recipe: Recipe) -> FigureState:
    assessments = {
        reference.id: reference.assessment for reference in assessed_references(figure, recipe)
    }
    references = tuple(_reference(r, assessments.get(r.id), recipe) for r in figure.references)
    return FigureState(figure.id, figure.name, figure.role, references)


def _reference(row: ReferenceRow, assessment: Assessment | None, recipe: Recipe) -> ReferenceState:
    if row.observation_id != recipe.observation_id:
        return ReferenceState(row.id, row.name, None, None, origin=_origin(row))
    if assessment is None:
        reason = f"{row.reason}: {row.detail}"
        return ReferenceState(row.id, row.name, row.status, reason, origin=_origin(row))
    return ReferenceState(
        row.id,
        row.name,
        Status.DONE if assessment.fault is None else Status.REJECTED,
        assessment.reason,
        assessment.doubt,
        assessment.quality if assessment.facing is not None else None,
        assessment.side,
        assessment.sharpness,
        assessment.facing,
        assessment.agreement,
        _origin(row),
    )


def _origin(row: ReferenceRow) -> Origin | None:
    place = row.place
    if place is None:
        return None
    return Origin(row.sha256, row.frame, (place.x0, place.y0, place.x1, place.y1))
