"""Undoes what people have changed about figures; workers interpret the photos again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, EditRow
from presslens.app.db.figures import DiscardedFileRow, FigureRow, ReferenceRow
from presslens.app.db.in_the_way import blocked_by
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict
from presslens.app.services.corrections.later_edits import check_last
from presslens.app.services.figures.denials import update_denials
from presslens.app.services.figures.erasure import discard, erase_figure
from presslens.app.services.figures.figure_edits import check_nothing_said_since, references_of
from presslens.app.services.figures.vouch import take_back_vouching
from presslens.models.message import Message


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


def undo_removal(
    home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Give a figure a reference back; a worker embeds its face anew, which was erased.

    Raises:
        Conflict: The figure or the photo is gone for good, or there is such a reference again.
    """
    figure = session.get(FigureRow, edit.target_id, with_for_update=True)
    if figure is None:
        raise Conflict(Message("the figure was removed with all its references: enrol it again"))
    kept = dict(edit.change)
    created_at = datetime.fromisoformat(kept.pop("created_at"))
    added = next(_of_reference(session, edit, Action.ADD_REFERENCE), None)
    if added is not None and added.undone_at is not None:
        return ()  # nor would it be there if it had not been removed
    again = [
        one for one in figure.references if (one.sha256, one.x0) == (kept["sha256"], kept["x0"])
    ]
    if again or session.get(ReferenceRow, kept["id"]) is not None:
        raise _added_since(session, edit, [kept["id"], *(one.id for one in again)])
    if not home.storage.has_scan(kept["sha256"]):
        raise Conflict(
            Message("the photo %(name)s is deleted by now: add it once more", name=kept["name"])
        )
    vouched = next(_of_reference(session, edit, Action.VOUCH), None)
    if vouched is not None and vouched.undone_at is not None:
        kept["vouched_by"] = None
    session.execute(delete(DiscardedFileRow).filter_by(sha256=kept["sha256"]))
    figure.references.append(ReferenceRow(**kept, created_at=created_at))
    return ()


def _of_reference(session: Session, removal: EditRow, action: Action) -> Iterator[EditRow]:
    """Yield the edits that added a removed reference, or vouched for it, the latest first."""
    query = select(EditRow).where(
        EditRow.target == "figure",
        EditRow.target_id == removal.target_id,
        EditRow.action == action,
        EditRow.id < removal.id,
    )
    for edit in session.scalars(query.order_by(EditRow.id.desc())):
        if removal.change["id"] in (
            edit.change.get("reference"),
            *edit.change.get("references", ()),
        ):
            yield edit


def _added_since(session: Session, removal: EditRow, ids: Collection[int]) -> Conflict:
    """Return the error of a reference that is there again, or whose id is another one's."""
    query = select(EditRow).where(
        EditRow.action.in_((Action.ADD_REFERENCE, Action.ENROL)),
        EditRow.id > removal.id,
        EditRow.undone_at.is_(None),
    )
    for edit in session.scalars(query.order_by(EditRow.id)):
        if set(ids) & set(edit.change.get("references", ())):
            return blocked_by(edit)
    return Conflict(Message("the figure has this reference again"))


def undo_vouching(
    _home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Take the word for a reference back, and its embedding with it."""
    take_back_vouching(session, edit)
    return ()


def undo_role(
    _home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Give a figure the role back that it had.

    Raises:
        Conflict: Somebody has changed the role since; the message names the edit.
    """
    check_last(session, edit)
    figure = session.get(FigureRow, edit.target_id, with_for_update=True)
    if figure is not None:
        figure.role = edit.change["role"]
        update_denials(session, figure)
    return ()
