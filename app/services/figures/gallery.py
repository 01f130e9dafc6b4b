"""Builds the gallery that faces are matched with, and computes its version."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from app.db.figures import FigureRow, ReferenceFaceRow, ReferenceRow
from app.services.figures.references import WITH_FACES, assessed_references, unembedded
from models.faces.gallery import EnrolledFigure, Gallery, Role
from models.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class NamedGallery:
    """A gallery, its version, and the ids of its figures by name."""

    gallery: Gallery
    version: str
    ids: dict[str, int]


def gallery_version(session: Session, observation_id: str) -> str:
    """Return a hash of all figures and references, unembedded ones included.

    An interpretation from before a reference was added is thereby stale at once. Whether a
    reference has an embedding is part of the hash: it may be added later, or purged.
    """
    figures = session.scalars(select(FigureRow).options(selectinload(FigureRow.references)))
    embedded = set(session.scalars(_embedded(observation_id)))
    content = sorted(
        [
            figure.name,
            figure.role,
            sorted(
                [r.sha256, r.frame, r.x0, r.y0, r.x1, r.y1, r.id in embedded]
                for r in figure.references
            ),
        ]
        for figure in figures
    )
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _embedded(observation_id: str) -> Select[int]:
    return (
        select(ReferenceFaceRow.reference_id)
        .join(ReferenceRow)
        .where(
            ReferenceRow.observation_id == observation_id,
            ReferenceFaceRow.position == 0,
            ReferenceFaceRow.embedding.is_not(None),
        )
    )


def load_gallery(session: Session, recipe: Recipe) -> NamedGallery | None:
    """Return the figures with their used references; None while photos wait to be embedded."""
    if unembedded(session, recipe.observation_id):
        return None
    figures = list(session.scalars(select(FigureRow).order_by(FigureRow.name).options(WITH_FACES)))
    enrolled = [_enrolled(figure, recipe) for figure in figures]
    ids = {figure.name: figure.id for figure in figures}
    version = gallery_version(session, recipe.observation_id)
    return NamedGallery(Gallery(enrolled), version, ids)


def _enrolled(figure: FigureRow, recipe: Recipe) -> EnrolledFigure:
    used = [
        (reference.embedding, reference.assessment.weight)
        for reference in assessed_references(figure, recipe)
        if reference.embedding is not None and reference.assessment.weight > 0
    ]
    return EnrolledFigure.of(figure.name, figure.role, used)


def leader_names(session: Session) -> frozenset[str]:
    """Return the names of the figures whose role is leader."""
    figures = session.scalars(select(FigureRow))
    return Gallery([EnrolledFigure.of(f.name, f.role, ()) for f in figures]).leaders


def figure_roles(session: Session) -> dict[str, Role]:
    """Return the role of each figure by name."""
    return {figure.name: Role(figure.role) for figure in session.scalars(select(FigureRow))}
