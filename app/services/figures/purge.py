"""Deletes all face embeddings; the photos stay, and show no figures any more."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.db.columns import FaceColumns
from app.db.figures import ReferenceFaceRow
from app.db.tables import FaceRow
from app.installation import Installation


@dataclass(frozen=True, slots=True)
class Purged:
    """How many faces in photos, and how many of references, had an embedding that is deleted."""

    faces: int
    references: int


def purge_embeddings(home: Installation) -> Purged:
    """Delete the embeddings of all faces, under whatever recipe they were seen: all, or none.

    The photos are interpreted again, and show no figures. Nothing is looked at again by itself.
    """
    with home.database.write(erasing=True) as session:
        return Purged(_purged(session, FaceRow), _purged(session, ReferenceFaceRow))


def _purged(session: Session, table: type[FaceColumns]) -> int:
    held = table.embedding.is_not(None)
    count = session.scalar(select(func.count()).select_from(table).where(held)) or 0
    session.execute(update(table).where(held).values(embedding=None))
    return count
