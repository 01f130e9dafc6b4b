"""What stands in the way of undoing an edit: a later one, which has to be undone first."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, EditRow
from presslens.app.db.in_the_way import blocked_by
from presslens.app.db.publications import TrashedEditionRow
from presslens.app.platform.errors import Conflict


def live_edits_after(session: Session, edit: EditRow, *actions: Action) -> Iterator[EditRow]:
    """Yield the edits of some kinds that came after an edit and are not undone, the latest first.

    Args:
        *actions: The kinds.
    """
    query = select(EditRow).where(
        EditRow.id > edit.id, EditRow.undone_at.is_(None), EditRow.action.in_(actions)
    )
    yield from session.scalars(query.order_by(EditRow.id.desc()))


def check_last(session: Session, edit: EditRow) -> None:
    """Check that no later edit of the same kind has changed the row of an edit.

    A row that looks as the edit left it may have been changed, and changed back.

    Raises:
        Conflict: One has; the message names it.
    """
    for later in live_edits_after(session, edit, edit.action):
        if (later.target, later.target_id) == (edit.target, edit.target_id):
            raise blocked_by(later)


def in_the_way(session: Session, edit: EditRow) -> Conflict:
    """Return the error of an edit whose row is no more as the edit left it."""
    same = (EditRow.target == edit.target) & (EditRow.target_id == edit.target_id)
    query = (
        select(EditRow)
        .where(
            or_(same, EditRow.action == Action.MERGE_NEWSPAPERS),
            EditRow.id > edit.id,
            EditRow.undone_at.is_(None),
        )
        .order_by(EditRow.id.desc())
    )
    for later in session.scalars(query):
        if later.target == edit.target or _merged(later, edit):
            return blocked_by(later)
    if edit.target == "page":
        for trashed in session.scalars(select(TrashedEditionRow)):
            if edit.target_id in (page["id"] for page in trashed.document["page"]):
                deletion = trashed_by(session, trashed.id)
                if deletion is not None:
                    return blocked_by(deletion)
    return Conflict.saying("it has changed since in another way: change it back by hand")


def trashed_by(session: Session, edition_id: int) -> EditRow | None:
    """Return the edit that put an edition into the trash; None: it is not in the log any more."""
    query = (
        select(EditRow)
        .where(
            EditRow.action.in_((Action.DELETE_EDITION, Action.MERGE_NEWSPAPERS)),
            EditRow.undone_at.is_(None),
        )
        .order_by(EditRow.id.desc())
    )
    for edit in session.scalars(query):
        if edit.action is Action.MERGE_NEWSPAPERS:
            if edition_id in edit.change.get("same_scans", ()):
                return edit
        elif edit.target_id == edition_id:
            return edit
    return None


def changes_edition(edit: EditRow, edition_id: int) -> bool:
    """Return whether an edit has put an edition into the trash or back, or changed its pages."""
    if edit.action is Action.MERGE_NEWSPAPERS:
        return edition_id in edit.change.get("same_scans", ())
    places = (edit.change.get("before"), edit.change.get("after"))
    return edition_id in (edit.edition_id, *(place["edition_id"] for place in places
                          if place and "edition_id" in place))  # fmt: skip


def _merged(later: EditRow, edit: EditRow) -> bool:
    return edit.target == "edition" and edit.target_id in later.change.get("editions", ())
