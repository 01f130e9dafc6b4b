"""Builds the gallery that faces are matched with, and computes its version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import by_answers
from presslens.app.db.figures import FigureRow
from presslens.app.services.figures.references import (
    WITH_FACES,
    AssessedReference,
    assessed_references,
    unembedded,
)
from presslens.models.faces.enrol import Fault
from presslens.models.faces.gallery import EnrolledFigure, Gallery, Role
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.availability import LookedFor


@dataclass(frozen=True, slots=True, eq=False)
class NamedGallery:
    """A gallery, its version, and the ids of its figures by name."""

    gallery: Gallery
    version: str
    ids: dict[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class GalleryState:
    """The version of the gallery, and which figures faces can be matched with today."""

    version: str
    looked_for: LookedFor


@by_answers
def enrolment(session: Session, recipe: Recipe) -> GalleryState:
    """Return the enrolled figures; no embedding stays in memory."""
    used: dict[str, Role] = {}
    waiting: dict[str, Role] = {}
    unusable: dict[str, Role] = {}
    content = []
    for figure in session.scalars(select(FigureRow).order_by(FigureRow.name).options(WITH_FACES)):
        references = assessed_references(figure, recipe)
        usable = any(one.embedding is not None and one.assessment.weight > 0 for one in references)
        waits = any(one.observation_id != recipe.observation_id for one in figure.references)
        state = used if usable else waiting if waits else unusable
        state[figure.name] = Role(figure.role)
        content.append([figure.name, figure.role, _matched_with(figure, references, recipe)])
    version = hashlib.sha256(json.dumps(sorted(content)).encode()).hexdigest()
    return GalleryState(version, LookedFor(used, waiting, unusable))


def gallery_version(session: Session, recipe: Recipe) -> str:
    """Return a hash of all figures and of the references that faces are or will be matched with.

    An interpretation from before a reference was added is thereby stale at once, and from before an
    embedding was purged. A reference that was refused by itself is no part of the hash: no face was
    ever matched with it, so nothing is read again when it is removed.
    """
    return enrolment(session, recipe).version


def _matched_with(
    figure: FigureRow, references: Sequence[AssessedReference], recipe: Recipe
) -> list[list[str | float | bool]]:
    """Return the references of a figure that wait, are used, or have a say in which are used."""
    compared = {
        reference.id
        for reference in references
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


class NamedFigure(NamedTuple):
    """An enrolled figure."""

    id: int
    name: str
    role: Role


@by_answers
def named_figures(session: Session) -> Sequence[NamedFigure]:
    """Return the figures by name."""
    query = select(FigureRow.id, FigureRow.name, FigureRow.role).order_by(FigureRow.name)
    return [NamedFigure(id_, name, Role(role)) for id_, name, role in session.execute(query)]


def leader_names(session: Session) -> frozenset[str]:
    """Return the names of the figures whose role is leader."""
    figures = named_figures(session)
    return Gallery([EnrolledFigure.of(one.name, one.role, ()) for one in figures]).leaders


def figure_roles(session: Session) -> dict[str, Role]:
    """Return the role of each figure by name."""
    return {figure.name: figure.role for figure in named_figures(session)}
