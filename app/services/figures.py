"""Enrols public figures: their reference photos are kept at once and embedded by the worker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from app.db.tables import Figure, Reference, Status
from app.db.upsert import insert_new
from app.errors import Conflict, InvalidRequest, NotFound
from app.installation import Installation
from app.services.ingest import Incoming
from models.errors import NoFace
from models.faces.enrol import reference_embedding
from models.faces.gallery import LEADER
from models.vocabulary import Vector
from pipelines.refusal import Refused
from pipelines.scan import shown

if TYPE_CHECKING:  # the engine brings all models along, which the web server does without
    from pipelines.engine import PageResult


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """A reference photo and whether it can be used; ``status`` is None while it waits."""

    id: int
    name: str
    status: Status | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class FigureState:
    """A figure and its reference photos."""

    id: int
    name: str
    role: str
    references: tuple[ReferenceState, ...]


@dataclass(frozen=True, slots=True)
class WaitingReference:
    """A reference photo to look at: its id, its file, and its name for people."""

    id: int
    path: Path
    name: str


def add_figure(home: Installation, name: str, *, role: str = LEADER, now: datetime) -> int:
    """Enrol a figure, and return its id; the same name and role again are the same figure.

    Raises:
        Conflict: The name is enrolled with another role.
    """
    with home.database.write() as session:
        insert_new(session, Figure, name=name, role=role, created_at=now)
        figure = session.scalars(select(Figure).filter_by(name=name)).one()
        if figure.role != role:
            raise Conflict(f"{name} is enrolled already, with the role {figure.role}")
        return figure.id


def add_references(
    home: Installation, figure_id: int, photos: Iterable[Incoming], *, now: datetime
) -> None:
    """Keep reference photos of a figure; they count once the worker has embedded them.

    Raises:
        NotFound: There is no such figure.
        InvalidRequest: There is no photo.
        LimitExceeded: A photo is larger than the settings allow.
        DiskFull: Too little disk is free.
    """
    find_figure(home, figure_id)
    kept = [
        (home.storage.put(photo.stream, most=home.settings.file_bytes).sha256, photo.name)
        for photo in photos
    ]
    if not kept:
        raise InvalidRequest("give at least one reference photo")
    with home.database.write() as session:
        for sha256, name in kept:
            insert_new(
                session,
                Reference,
                figure_id=figure_id,
                sha256=sha256,
                name=shown(name) or "unnamed",
                created_at=now,
            )


def list_figures(home: Installation) -> list[FigureState]:
    """Return all figures by name."""
    with home.database.read() as session:
        rows = session.scalars(
            select(Figure).order_by(Figure.name).options(selectinload(Figure.references))
        )
        return [_state(row, home.recipe.observation_id) for row in rows]


def find_figure(home: Installation, figure_id: int) -> FigureState:
    """Return a figure.

    Raises:
        NotFound: There is none with this id.
    """
    with home.database.read() as session:
        figure = session.get(Figure, figure_id)
        if figure is None:
            raise NotFound("there is no such figure")
        return _state(figure, home.recipe.observation_id)


def _state(figure: Figure, observation_id: str) -> FigureState:
    return FigureState(
        figure.id,
        figure.name,
        figure.role,
        tuple(
            ReferenceState(r.id, r.name, r.status, _sentence(r))
            if r.observation_id == observation_id
            else ReferenceState(r.id, r.name, None, None)
            for r in figure.references
        ),
    )


def _sentence(reference: Reference) -> str | None:
    if reference.reason is None:
        return None
    return f"{reference.reason}: {reference.detail}"


def unembedded(session: Session, observation_id: str) -> list[Reference]:
    """Return the references that were not looked at under a recipe's ``observation_id``."""
    stale = or_(Reference.observation_id.is_(None), Reference.observation_id != observation_id)
    return list(session.scalars(select(Reference).where(stale).order_by(Reference.id)))


def waiting_references(home: Installation) -> list[WaitingReference]:
    """Return the reference photos that wait to be looked at."""
    with home.database.read() as session:
        return [
            WaitingReference(r.id, home.storage.scan(r.sha256), r.name)
            for r in unembedded(session, home.recipe.observation_id)
        ]


def record_reference(home: Installation, reference_id: int, result: PageResult) -> None:
    """Write down what came of looking at a reference photo."""
    with home.database.write() as session:
        reference = session.get_one(Reference, reference_id)
        reference.observation_id = home.recipe.observation_id
        reference.embedding, reference.reason, reference.detail = None, None, None
        try:
            reference.embedding = _embedding(result)
            reference.status = Status.DONE
        except NoFace as error:
            reference.status, reference.reason = Status.REJECTED, "no_face"
            reference.detail = str(error)
        except Refused as refusal:
            reference.status, reference.reason = Status.REJECTED, refusal.reason.value
            reference.detail = refusal.detail
        if result.failure is not None:
            reference.status, reference.reason = Status.FAILED, "failed"
            reference.detail = result.failure


def _embedding(result: PageResult) -> Vector | None:
    if result.refusal is not None:
        raise result.refusal
    if result.observation is None:
        return None
    return reference_embedding(result.observation.photos[0])
