"""Undoes what people have changed about figures; workers interpret the photos again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from app.db.edits import EditRow
from app.db.figures import FigureRow
from app.installation import Installation
from app.services.figures.erasure import discard, erase_figure
from app.services.figures.figure_edits import check_nothing_said_since, references_of
from app.services.figures.vouch import take_back_vouching


def undo_enrolment(
    _home: Installation, session: Session, edit: EditRow, now: datetime
) -> Collection[int]:
    """Remove a figure that was enrolled, unless something was said of it since."""
    figure = session.get(FigureRow, edit.target_id, with_for_update=True)
    if figure is not None:
        check_nothing_said_since(session, figure, edit)
        erase_figure(session, figure, now=now)
    return ()


def undo_references(
    _home: Installation, session: Session, edit: EditRow, now: datetime
) -> Collection[int]:
    """Remove the references that were added; their files go as those of removed ones do."""
    for reference in references_of(session, edit):
        discard(session, [reference.sha256], now=now)
        session.delete(reference)
    return ()


def undo_vouching(
    _home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Take the word for a reference back, and its embedding with it."""
    take_back_vouching(session, edit)
    return ()


def undo_role(
    _home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Give a figure the role back that it had."""
    figure = session.get(FigureRow, edit.target_id, with_for_update=True)
    if figure is not None:
        figure.role = edit.change["role"]
    return ()
