"""Undoes what people have changed: each kind of edit knows how, and stays in the log as undone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from presslens.app.db.edits import RESTORED, UNNAMED, Action, EditRow
from presslens.app.db.figures import DiscardedFileRow, FigureRow, ReferenceRow
from presslens.app.db.in_the_way import blocked_by
from presslens.app.db.publications import PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, Gone, NotFound
from presslens.app.services.analysis.summarise import refresh_editions
from presslens.app.services.corrections.annotations import undo_annotations
from presslens.app.services.corrections.editions import undo_edition_change
from presslens.app.services.corrections.later_edits import check_last, live_edits_after, trashed_by
from presslens.app.services.corrections.newspaper_merge import undo_merge
from presslens.app.services.corrections.newspapers import undo_newspaper_change
from presslens.app.services.corrections.page_reviews import undo_page_reviews
from presslens.app.services.corrections.pages import undo_added_pages, undo_page_change
from presslens.app.services.corrections.scans import undo_replacement
from presslens.app.services.corrections.trash import undo_arrival, undo_deletion
from presslens.app.services.edits.listing import EditState, edit_state
from presslens.app.services.figures.confirm import undo_vouching
from presslens.app.services.figures.erasure import discard, erase_figure
from presslens.app.services.figures.figure_edits import check_unreviewed_since, references_of
from presslens.app.services.figures.figures import change_roles
from presslens.app.services.labels.teaching import undo_label
from presslens.app.services.reviews.assignment import undo_assignment
from presslens.app.services.reviews.codebook_changes import undo_codebook
from presslens.app.services.reviews.reviews import undo_reviews
from presslens.app.services.reviews.sample_reviews import undo_draw
from presslens.models.faces.gallery import Role


def undo_enrolment(
    _home: Installation, session: Session, edit: EditRow, now: datetime
) -> Collection[int]:
    """Remove a figure that was enrolled, unless something was said of it since."""
    figure = session.get(FigureRow, edit.target_id, with_for_update=True)
    if figure is not None:
        check_unreviewed_since(session, figure, edit)
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
    """Give a figure a reference back; a worker embeds its face again, which was erased.

    Raises:
        Conflict: The figure or the photo is gone for good, or there is such a reference again.
    """
    figure = session.get(FigureRow, edit.target_id, with_for_update=True)
    if figure is None:
        raise Conflict.saying("the figure was removed with all its references: enrol it again")
    columns = dict(edit.change)
    created_at = datetime.fromisoformat(columns.pop("created_at"))
    added = next(_of_reference(session, edit, Action.ADD_REFERENCE), None)
    if added is not None and added.undone_at is not None:
        return ()  # nor would it be there if it had not been removed
    again = [
        one
        for one in figure.references
        if (one.sha256, one.x0) == (columns["sha256"], columns["x0"])
    ]
    if again or session.get(ReferenceRow, columns["id"]) is not None:
        raise _added_since(session, edit, [columns["id"], *(one.id for one in again)])
    if not home.storage.has_scan(columns["sha256"]):
        raise Conflict.saying(
            "the photo %(name)s is deleted by now: add it once more", name=columns["name"]
        )
    vouched = next(_of_reference(session, edit, Action.VOUCH), None)
    if vouched is not None and vouched.undone_at is not None:
        columns["vouched_by"] = None
    session.execute(delete(DiscardedFileRow).filter_by(sha256=columns["sha256"]))
    figure.references.append(ReferenceRow(**columns, created_at=created_at))
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
    later = live_edits_after(session, removal, Action.ADD_REFERENCE, Action.ENROL)
    for edit in reversed(list(later)):
        if set(ids) & set(edit.change.get("references", ())):
            return blocked_by(edit)
    return Conflict.saying("the figure has this reference again")


def undo_role(
    _home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Give a figure the roles back that it had; a newspaper that is gone gives none.

    Raises:
        Conflict: Somebody has changed a role since; the message names the edit. Or the edit is of
            before roles were those in a newspaper.
    """
    check_last(session, edit)
    figure = session.get(FigureRow, edit.target_id, with_for_update=True)
    if "roles" not in edit.change:
        raise Conflict.saying("roles are by newspaper now: change it by hand")
    if figure is not None:
        roles = {int(id_): Role(role) for id_, role in edit.change["roles"].items()}
        there = select(PublicationRow.id).where(PublicationRow.id.in_(roles))
        change_roles(session, figure, {id_: roles[id_] for id_ in session.scalars(there)})
    return ()


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
    Action.ASSIGN: undo_assignment,
    Action.ASK_AGAIN: undo_codebook,
}
"""How each kind of edit is undone; one that is missing here can't be."""


def undo_edit(home: Installation, edit_id: int, *, coder: str | None, now: datetime) -> EditState:
    """Undo an edit; twice is the same as once. Compositions and statistics follow at once.

    Args:
        coder: Who undoes it; None: nobody gave a name.

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
        edit_ids: The edits; those that are undone already stay so.
        coder: Who undoes them; None: nobody gave a name.

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
                raise NotFound.saying("there is no such edit")
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
        raise Conflict.saying(
            "an edit of this kind (%(action)s) can't be undone", action=row.action.value
        )
    of_reviews = undo in (undo_reviews, undo_page_reviews, undo_annotations)
    if row.change.get(RESTORED) and not of_reviews:
        raise Conflict.saying(
            "it was made before this archive was restored from a snapshot, which does"
            " not contain what undoing it needs: change it back by hand"
        )
    row.undone_at, row.undone_by = now, coder
    try:
        return undo(home, session, row, now)
    except Gone as gone:
        deletion = trashed_by(session, gone.edition_id)
        raise (blocked_by(deletion) if deletion else gone) from None
