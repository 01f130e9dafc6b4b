"""Lets the files of removed references go, once it is sure that nothing else needs them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db.figures import DiscardedFileRow, ReferenceRow
from app.db.tables import LabelExampleRow, ScanRow, UploadFileRow
from app.db.upsert import insert_new
from app.installation import Installation

KEPT = timedelta(hours=1)
"""For so long a file stays: an upload of the same bytes may be on its way, its rows come last."""

_NEEDED_BY = (UploadFileRow.sha256, ScanRow.sha256, ReferenceRow.sha256, LabelExampleRow.sha256)


def discard(session: Session, files: Iterable[str], *, now: datetime) -> None:
    """Note files, by their sha256, that may go."""
    for sha256 in files:
        insert_new(session, DiscardedFileRow, sha256=sha256, discarded_at=now)


def sweep_discarded(home: Installation, *, now: datetime) -> int:
    """Delete discarded files that nothing needs any more; return how many went."""
    before = now - KEPT
    due = select(DiscardedFileRow).where(DiscardedFileRow.discarded_at <= before)
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
