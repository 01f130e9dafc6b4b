"""The enrolled figures as the models know them, and a name for exactly this set of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.db.tables import Figure
from app.services.figures import unembedded
from models.faces.embedding import LENGTH
from models.faces.gallery import EnrolledFigure, Gallery


@dataclass(frozen=True, slots=True, eq=False)
class NamedGallery:
    """A gallery, its version, and the ids of its figures by name."""

    gallery: Gallery
    version: str
    ids: dict[str, int]


def gallery_version(session: Session) -> str:
    """Return a hash of all figures and reference photos, of those that still wait too.

    So what was interpreted before a reference came in is known to be stale at once.
    """
    figures = session.scalars(select(Figure).options(selectinload(Figure.references)))
    content = sorted(
        [figure.name, figure.role, sorted(r.sha256 for r in figure.references)]
        for figure in figures
    )
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def load_gallery(session: Session, observation_id: str) -> NamedGallery | None:
    """Return the figures with their embeddings; None while reference photos wait for theirs."""
    if unembedded(session, observation_id):
        return None
    figures = list(
        session.scalars(
            select(Figure).order_by(Figure.name).options(selectinload(Figure.references))
        )
    )
    enrolled = []
    for figure in figures:
        rows = [r.embedding for r in figure.references if r.embedding is not None]
        vectors = np.array(rows, dtype=np.float32).reshape(len(rows), LENGTH)
        enrolled.append(EnrolledFigure(figure.name, figure.role, vectors))
    ids = {figure.name: figure.id for figure in figures}
    return NamedGallery(Gallery(enrolled), gallery_version(session), ids)


def leader_names(session: Session) -> frozenset[str]:
    """Return the names of the figures whose role is leader."""
    figures = session.scalars(select(Figure))
    return Gallery([EnrolledFigure(f.name, f.role, _NOBODY) for f in figures]).leaders


_NOBODY = np.empty((0, LENGTH), dtype=np.float32)
