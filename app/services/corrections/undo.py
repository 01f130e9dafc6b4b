"""Undoes what people have changed: each kind of edit knows how, and stays in the log as undone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.edits import RESTORED, UNNAMED, Action, EditRow
from presslens.app.db.in_the_way import blocked_by
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, Gone, NotFound
from presslens.app.services.analysis.summarise import refresh_editions
from presslens.app.services.corrections.annotations import undo_annotations
from presslens.app.services.corrections.editions import undo_edition_change
from presslens.app.services.corrections.later_edits import trashed_by
from presslens.app.services.corrections.newspaper_merge import undo_merge
from presslens.app.services.corrections.newspapers import undo_newspaper_change
from presslens.app.services.corrections.page_reviews import undo_page_reviews
from presslens.app.services.corrections.pages import undo_added_pages, undo_page_change
from presslens.app.services.corrections.scans import undo_replacement
from presslens.app.services.corrections.trash import undo_arrival, undo_deletion
from presslens.app.services.corrections.undo_figures import (
    undo_enrolment,
    undo_references,
    undo_removal,
    undo_role,
    undo_vouching,
)
from presslens.app.services.edits.listing import EditState, edit_state
from presslens.app.services.labels.teaching import undo_label
from presslens.app.services.reviews.reviews import undo_reviews
from presslens.app.services.reviews.undraw import undo_draw
from presslens.models.message import Message

Undo = Callable[[Installation, Session, EditRow, datetime], Collection[int]]
"""Undoes an edit in a transaction, and returns the editions whose plain numbers have changed.

It raises ``Conflict`` where a later change stands in the way, which the message names.
"""

UNDO: Mapping[Action, Undo] = {
    Action.REVIEW: undo_reviews,
    Action.REVIEW_MANY: undo_reviews,
    Action.UPLOAD: undo_arrival,
    Action.ADD_PAGES: undo_added_pages,
    Action.CHANGE_EDITION: undo_edition_change,
    Action.DELETE_EDITION: undo_deletion,
    Action.RESTORE_EDITION: undo_arrival,
    Action.CHANGE_PAGE: undo_page_change,
    Action.REPLACE_SCAN: undo_replacement,
    Action.CHANGE_LABEL: undo_label,
    Action.ENROL: undo_enrolment,
    Action.ADD_REFERENCE: undo_references,
    Action.REMOVE_REFERENCE: undo_removal,
    Action.VOUCH: undo_vouching,
    Action.CHANGE_FIGURE: undo_role,
    Action.REVIEW_PAGE: undo_page_reviews,
    Action.CHANGE_PHOTOS: undo_page_reviews,
    Action.ANNOTATE: undo_annotations,
    Action.CHANGE_NEWSPAPER: undo_newspaper_change,
    Action.MERGE_NEWSPAPERS: undo_merge,
    Action.DRAW_SAMPLE: undo_draw,
}
"""How each kind of edit is undone; one that is missing here can't be."""


def undo_edit(home: Installation, edit_id: int, *, coder: str | None, now: datetime) -> EditState:
    """Undo an edit; twice is the same as once. Compositions and statistics follow at once.

    Args:
        home: The installation.
        edit_id: The edit.
        coder: Who undoes it; None: nobody gave a name.
        now: The time.

    Raises:
        NotFound: There is no such edit.
        Conflict: It can't be undone, or a later change stands in the way.
        Gone: Its edition is in the trash, and no edit has put it there that could be undone.
    """
    (state,) = undo_edits(home, [edit_id], coder=coder, now=now)
    return state


def undo_edits(
    home: Installation, edit_ids: Collection[int], *, coder: str | None, now: datetime
) -> list[EditState]:
    """Undo several edits, the latest first: all of them, or none.

    Args:
        home: The installation.
        edit_ids: The edits; those that are undone already stay so.
        coder: Who undoes them; None: nobody gave a name.
        now: The time.

    Returns:
        The edits, the latest first.

    Raises:
        NotFound: There is no such edit.
        Conflict: One can't be undone, or a later change stands in the way, which is named.
        Gone: Its edition is in the trash, and no edit has put it there that could be undone.
    """
    editions: set[int] = set()
    states: list[EditState] = []
    with home.database.write(erasing=True) as session:
        for edit_id in sorted(set(edit_ids), reverse=True):
            locked = select(EditRow).filter_by(id=edit_id).with_for_update()
            row = session.scalars(locked).one_or_none()
            if row is None:
                raise NotFound(Message("there is no such edit"))
            if row.undone_at is None:
                editions |= set(_undo(home, session, row, coder or UNNAMED, now))
            states.append(edit_state(row))
    refresh_editions(home, sorted(editions))
    return states


def _undo(
    home: Installation, session: Session, row: EditRow, coder: str, now: datetime
) -> Collection[int]:
    undo = UNDO.get(row.action)
    if undo is None:
        raise Conflict(
            Message("an edit of this kind (%(action)s) can't be undone", action=row.action.value)
        )
    of_reviews = undo in (undo_reviews, undo_page_reviews, undo_annotations)
    if row.change.get(RESTORED) and not of_reviews:
        raise Conflict(
            Message(
                "it was made before this archive was restored from a snapshot, which does"
                " not hold what undoing it needs: change it back by hand"
            )
        )
    row.undone_at, row.undone_by = now, coder
    try:
        return undo(home, session, row, now)
    except Gone as gone:
        deletion = trashed_by(session, gone.edition_id)
        raise (blocked_by(deletion) if deletion else gone) from None
