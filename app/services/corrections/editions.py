"""Changes what an edition is of: its day, its newspaper, and how many pages it had."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, Author, EditRow, add_edit
from presslens.app.db.in_the_way import blocked_by
from presslens.app.db.publications import find_publication, publication_named
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.db.unused_newspaper import drop_unused_newspaper
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.analysis.summarise import refresh_editions
from presslens.app.services.corrections.later_edits import check_last, in_the_way, live_edits_after
from presslens.app.services.corrections.row_document import row_document, row_of
from presslens.app.services.corrections.trash import locked_edition
from presslens.app.services.figures.figures import update_implied
from presslens.app.services.ingest.upload import check_edition_date
from presslens.app.services.ingest.upload_mode import (
    UploadMode,
    chosen_edition,
    edition_exists,
    edition_extent,
    editions_of_day,
)
from presslens.models.message import Message, join_messages

_CHANGED = ("publication_id", "edition_date", "issue", "created_at", "pages_expected")
_NAMING = (Action.CHANGE_EDITION, Action.CHANGE_NEWSPAPER, Action.MERGE_NEWSPAPERS)
_MODES = (UploadMode.REPLACE, UploadMode.SEPARATE)


@dataclass(frozen=True, slots=True)
class EditionChange:
    """What an edition is to be of; None: it stays as it is."""

    day: date | None = None
    publication: str | None = None  # the name of its newspaper, which is added when it is new
    # How many pages it had, as a list of one; of one None: it is not known.
    pages_expected: tuple[int | None] | None = None
    mode: UploadMode | None = None  # what is done where the day has an edition already; None: ask
    # The edition of the day that is replaced; None: the latest that counts.
    edition: int | None = None


def change_edition(
    home: Installation,
    edition_id: int,
    change: EditionChange,
    *,
    coder: str | None,
    now: datetime,
) -> int | None:
    """Change an edition; what is summed up by day or newspaper follows at once.

    An edition that replaces another one is from now on as if it had been uploaded now.

    Args:
        coder: Who changes it; None: nobody gave a name.

    Returns:
        The id of the edit; None where nothing is changed.

    Raises:
        NotFound: There is no such edition.
        Gone: It is in the trash.
        EditionExists: The newspaper has an edition of that day, and there is no mode.
        Conflict: It has one with the same bytes.
        InvalidRequest: There can be no edition of that day, or nothing is to be changed.
    """
    if change.day is not None:
        check_edition_date(change.day, now)
    with home.database.write() as session:
        edition = locked_edition(session, edition_id)
        before = _state(edition)
        new = _is_new(session, change.publication)
        beside = [one.id for one in _same_issue(session, edition)]
        words = _apply(session, home, edition, change, now)
        if not words:
            return None
        session.flush()
        _update_leaders(session, before, _state(edition))
        changes = {
            "before": before,
            "after": _state(edition),
            "beside": beside,
            "new_newspaper": edition.publication_id if new else None,
        }
        by, target = Author(coder, home.recipe.codebook, now), ("edition", edition_id)
        text = join_messages(words, "; ")
        edit_id = add_edit(
            session, by, Action.CHANGE_EDITION, target, text, changes, edition_id=edition_id
        ).id
    refresh_editions(home, [edition_id])
    return edit_id


def undo_edition_change(
    home: Installation,  # noqa: ARG001
    session: Session,
    edit: EditRow,
    now: datetime,  # noqa: ARG001
) -> Collection[int]:
    """Make an edition be of the day and newspaper again that it was of."""
    edition = locked_edition(session, edit.target_id)
    check_last(session, edit)
    before, after = edit.change["before"], edit.change["after"]
    if _state(edition) != after:
        raise in_the_way(session, edit)
    _check_publication(session, edit, before["publication_id"])
    set_columns(edition, before)
    with session.no_autoflush:
        others = _same_issue(session, edition)
    if before["edition_date"] != after["edition_date"]:
        _check_day(session, edit, [one for one in others if one.id not in edit.change["beside"]])
    _check_bytes(edition, others)
    session.flush()
    _update_leaders(session, after, before)
    new = edit.change.get("new_newspaper")
    if not any(_is_about(later, new) for later in live_edits_after(session, edit, *_NAMING)):
        drop_unused_newspaper(session, new)
    return [edition.id]


def _update_leaders(session: Session, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Settle anew what follows from answers about leaders, who are other ones elsewhere."""
    if before["publication_id"] != after["publication_id"]:
        update_implied(session)


def _is_about(edit: EditRow, publication_id: int | None) -> bool:
    """Return whether an edit, undone, may give an edition to a newspaper, or change that."""
    if edit.action is Action.CHANGE_EDITION:
        places = (edit.change["before"], edit.change["after"])
        return publication_id in [place["publication_id"] for place in places]
    return publication_id == edit.target_id


def _is_new(session: Session, name: str | None) -> bool:
    """Return whether there is no newspaper of a name that is given."""
    return bool(name and name.strip()) and find_publication(session, name or "") is None


def set_columns(row: EditionRow, values: dict[str, Any]) -> None:
    """Set columns of a row to what a document says."""
    made = row_of(type(row), values)
    for name in values:
        setattr(row, name, getattr(made, name))


def _state(edition: EditionRow) -> dict[str, Any]:
    document = row_document(edition)
    return {name: document[name] for name in _CHANGED}


def _apply(
    session: Session,
    home: Installation,
    edition: EditionRow,
    change: EditionChange,
    now: datetime,
) -> list[Message]:
    """Change the row of an edition, and return what is changed, in words."""
    words: list[Message] = []
    old_name, old_day = edition.publication.name, edition.edition_date
    name = old_name if change.publication is None else change.publication.strip()
    day = change.day or old_day
    if (name, day) != (old_name, old_day):
        publication_id = publication_named(session, name) if name else 0
        if not name:
            raise InvalidRequest.saying("an edition needs the name of its newspaper")
        if (publication_id, day) != (edition.publication_id, old_day):
            _place(session, home, edition, publication_id, day, change, now)
    if edition.edition_date != old_day:
        words.append(Message("day: %(old)s, now %(new)s", old=str(old_day), new=str(day)))
    if edition.publication.name != old_name:
        new_name = edition.publication.name
        words.append(Message("newspaper: %(old)s, now %(new)s", old=old_name, new=new_name))
    if change.pages_expected not in (None, (edition.pages_expected,)):
        (pages,) = change.pages_expected or (None,)
        edition.pages_expected = pages
        number = Message("pages it had: %(pages)s", pages=pages)
        words.append(Message("pages it had: not known") if pages is None else number)
    return words


def _place(
    session: Session,
    home: Installation,
    edition: EditionRow,
    publication_id: int,
    day: date,
    change: EditionChange,
    now: datetime,
) -> None:
    """Put an edition on a day of a newspaper, beside or in place of those that are there."""
    papers = select(PublicationRow.id).where(
        PublicationRow.id.in_((edition.publication_id, publication_id))
    )
    session.execute(papers.order_by(PublicationRow.id).with_for_update())
    there = editions_of_day(session, publication_id, day, but=edition.id)
    _check_bytes(edition, there)
    issue = 1
    if there:
        if change.mode is None:
            incoming = edition_extent(session, home.recipe, edition)
            raise edition_exists(session, home.recipe, there, modes=_MODES, incoming=incoming)
        if change.mode is UploadMode.ADD:
            raise InvalidRequest.saying("to add pages to another edition, move each page to it")
        target = chosen_edition(session, home.recipe, there, change.edition)
        issue = target.issue
        if change.mode is UploadMode.SEPARATE:
            issue = max(one.issue for one in there) + 1
        elif target.created_at >= edition.created_at:
            edition.created_at = now
    edition.publication_id, edition.edition_date, edition.issue = publication_id, day, issue
    session.flush()
    session.refresh(edition)


def _same_issue(session: Session, edition: EditionRow) -> list[EditionRow]:
    """Return the other editions of an edition's newspaper, day and issue."""
    there = editions_of_day(session, edition.publication_id, edition.edition_date, but=edition.id)
    return [one for one in there if one.issue == edition.issue]


def _check_bytes(edition: EditionRow, there: Sequence[EditionRow]) -> None:
    same = [one.id for one in there if one.content_key == edition.content_key]
    if same:
        raise Conflict.saying("edition %(edition)s of that day has the same files", edition=same[0])


def _check_day(session: Session, edit: EditRow, new: Sequence[EditionRow]) -> None:
    """Check that no edition was put on a day after an edit.

    One that was there before the edit, and is back since, is none.

    Raises:
        Conflict: One was; the message names the edit that did so, if any.
    """
    arrivals = (Action.UPLOAD, Action.CHANGE_EDITION, Action.RESTORE_EDITION)
    put = {one.target_id: one for one in live_edits_after(session, edit, *arrivals)}
    for edition in new:
        if edition.id in put:
            raise blocked_by(put[edition.id])
        if edition.created_at > edit.created_at:
            raise Conflict.saying(
                "edition %(edition)s has been put there since", edition=edition.id
            )


def _check_publication(session: Session, edit: EditRow, publication_id: int) -> None:
    if session.get(PublicationRow, publication_id) is None:
        for merge in live_edits_after(session, edit, Action.MERGE_NEWSPAPERS):
            if merge.change["from"]["id"] == publication_id:
                raise blocked_by(merge)
        raise Conflict.saying("the newspaper is gone: it was merged into another one")
