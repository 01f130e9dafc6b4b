"""Erases what was stored of faces: all embeddings, and the files of removed references."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db.columns import FaceColumns
from app.db.figures import DiscardedFileRow, ReferenceFaceRow, ReferenceRow
from app.db.tables import FaceRow, LabelExampleRow, ScanRow, UploadFileRow
from app.db.upsert import insert_new
from app.installation import Installation

GRACE = timedelta(hours=1)
"""A discarded file stays so long: an upload of the same bytes may be under way, rows come last."""

_NEEDED_BY = (UploadFileRow.sha256, ScanRow.sha256, ReferenceRow.sha256, LabelExampleRow.sha256)


@dataclass(frozen=True, slots=True)
class PurgeCounts:
    """Numbers of faces in photos and of references' faces whose embeddings were deleted."""

    faces: int
    references: int

    def to_json(self) -> dict[str, Any]:
        """Return the counts as they are printed."""
        return asdict(self)


def purge_embeddings(home: Installation) -> PurgeCounts:
    """Delete the embeddings of all faces, under every recipe: all, or none.

    The photos are interpreted again, and show no figures. No page is analysed again by itself.
    """
    with home.database.write(erasing=True) as session:
        return PurgeCounts(_delete(session, FaceRow), _delete(session, ReferenceFaceRow))


def _delete(session: Session, table: type[FaceColumns]) -> int:
    embedded = table.embedding.is_not(None)
    count = session.scalar(select(func.count()).select_from(table).where(embedded)) or 0
    session.execute(update(table).where(embedded).values(embedding=None))
    return count


def discard(session: Session, files: Iterable[str], *, now: datetime) -> None:
    """Mark files, by their sha256, as no longer needed by a reference."""
    for sha256 in files:
        insert_new(session, DiscardedFileRow, sha256=sha256, discarded_at=now)


def due_files(now: datetime) -> Select[DiscardedFileRow]:
    """Return the query of the discarded files whose time of grace is over."""
    return select(DiscardedFileRow).where(DiscardedFileRow.discarded_at <= now - GRACE)


def sweep_discarded(home: Installation, *, now: datetime) -> int:
    """Delete the discarded files that nothing else needs; return their number."""
    due, before = due_files(now), now - GRACE
    with home.database.read() as session:
        if session.scalars(due.limit(1)).first() is None:
            return 0
    gone = 0
    with home.database.write() as session:
        for file in session.scalars(due):
            if any(session.scalar(_uses(column, file.sha256)) for column in _NEEDED_BY):
                session.delete(file)
            elif home.storage.remove(file.sha256, unless_put_after=before.timestamp()):
                session.delete(file)
                gone += 1
    return gone


def _uses(column: InstrumentedAttribute[str], sha256: str) -> Select[str]:
    return select(column).where(column == sha256).limit(1)
