"""Builds the gallery that faces are matched with, and computes its version."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.figures import FigureRow
from presslens.app.services.figures.references import WITH_FACES, assessed_references, unembedded
from presslens.models.faces.enrol import Fault
from presslens.models.faces.gallery import EnrolledFigure, Gallery, Role
from presslens.models.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class NamedGallery:
    """A gallery, its version, and the ids of its figures by name."""

    gallery: Gallery
    version: str
    ids: dict[str, int]


def gallery_version(session: Session, recipe: Recipe) -> str:
    """Return a hash of all figures and of the references that faces are or will be matched with.

    An interpretation from before a reference was added is thereby stale at once, and from before an
    embedding was purged. A reference that was refused by itself is no part of the hash: no face was
    ever matched with it, so nothing is read again when it is removed.
    """
    figures = session.scalars(select(FigureRow).options(WITH_FACES))
    content = sorted(
        [figure.name, figure.role, _matched_with(figure, recipe)] for figure in figures
    )
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _matched_with(figure: FigureRow, recipe: Recipe) -> list[list[str | float | bool]]:
    """Return the references of a figure that wait, are used, or have a say in which are used."""
    compared = {
        reference.id
        for reference in assessed_references(figure, recipe)
        if reference.embedding is not None
        and (reference.assessment.weight > 0 or reference.assessment.fault is Fault.DISAGREES)
    }
    return sorted(
        [r.sha256, r.frame, r.x0, r.y0, r.x1, r.y1, r.id in compared]
        for r in figure.references
        if r.id in compared or r.observation_id != recipe.observation_id
    )


def load_gallery(session: Session, recipe: Recipe) -> NamedGallery | None:
    """Return the figures with their used references; None while photos wait to be embedded."""
    if unembedded(session, recipe.observation_id):
        return None
    figures = list(session.scalars(select(FigureRow).order_by(FigureRow.name).options(WITH_FACES)))
    enrolled = [_enrolled(figure, recipe) for figure in figures]
    ids = {figure.name: figure.id for figure in figures}
    version = gallery_version(session, recipe)
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
