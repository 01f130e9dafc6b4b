"""What stands in the way of undoing an edit: a later one of the same row."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.edits import EditRow
from app.db.in_the_way import blocked_by
from app.errors import Conflict
from models.message import Message


def in_the_way(session: Session, edit: EditRow) -> Conflict:
    """Return the error of an edit whose row is no more as the edit left it."""
    query = (
        select(EditRow)
        .where(
            EditRow.target == edit.target,
            EditRow.target_id == edit.target_id,
            EditRow.id > edit.id,
            EditRow.undone_at.is_(None),
        )
        .order_by(EditRow.id.desc())
        .limit(1)
    )
    later = session.scalars(query).first()
    if later is None:
        return Conflict(Message("it has changed since in another way: change it back by hand"))
    return blocked_by(later)
