"""Changes pages: their numbers, the edition that they are of, and whether they are of any.

The documents of edits name scans by their bytes and not by ids, which may be given again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, Author, EditRow, add_edit
from presslens.app.db.in_the_way import blocked_by
from presslens.app.db.publications import TrashedEditionRow
from presslens.app.db.statistics import mark_outdated
from presslens.app.db.tables import PageRow, ScanRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.analysis.summarise import refresh_editions
from presslens.app.services.corrections.later_edits import check_last, in_the_way, live_edits_after
from presslens.app.services.corrections.row_document import row_document, row_of
from presslens.app.services.corrections.trash import emptied_at, locked_edition, mark_unprinted
from presslens.models.message import Message
from presslens.pipelines.scans.page_numbers import MOST_PAGES, number_added_pages
from presslens.pipelines.statistics.page import FRONT_PAGE


def locked_page(session: Session, page_id: int, *more: int) -> PageRow:
    """Return a page; its edition, and others, are locked until the transaction ends.

    Raises:
        NotFound: There is no such page, or no such edition.
        Gone: One of the editions is in the trash.
    """
    page = session.get(PageRow, page_id)
    if page is None:
        raise NotFound.saying("there is no such page")
    for edition_id in sorted({page.edition_id, *more}):
        locked_edition(session, edition_id)
    session.refresh(page)
    return page


def change_page(
    home: Installation,
    page_id: int,
    *,
    number: int | None = None,
    edition_id: int | None = None,
    coder: str | None,
    now: datetime,
) -> int | None:
    """Give a page another number, or move it to another edition; numbers of both follow at once.

    Args:
        number: Its number; None: it keeps its own, or in another edition where that is taken the
            lowest free one.
        edition_id: The edition that it is of; None: its own.
        coder: Who changes it; None: nobody gave a name.

    Returns:
        The id of the edit; None where nothing is changed.

    Raises:
        NotFound: There is no such page or edition.
        Gone: The edition is in the trash.
        Conflict: The edition has a page of that number.
        InvalidRequest: Pages have no such numbers.
    """
    if number is not None and not 1 <= number <= MOST_PAGES:
        raise InvalidRequest.saying("pages are numbered from 1 to %(most)s", most=MOST_PAGES)
    with home.database.write() as session:
        page = locked_page(session, page_id, *(() if edition_id is None else (edition_id,)))
        before = _place(page)
        target = page.edition_id if edition_id is None else edition_id
        if number is None:
            taken = [] if target == page.edition_id else _numbers(session, target)
            (number,) = number_added_pages([""], taken, [page.number])
        after = {"edition_id": target, "number": number}
        if after == before:
            return None
        _put(session, page, after)
        by, text = Author(coder, home.recipe.codebook, now), _sentence(before, after)
        change, edition = {"before": before, "after": after}, before["edition_id"]
        edit_id = add_edit(
            session, by, Action.CHANGE_PAGE, ("page", page_id), text, change, edition_id=edition
        ).id
    refresh_editions(home, {before["edition_id"], target})
    return edit_id


def remove_page(home: Installation, page_id: int, *, coder: str | None, now: datetime) -> int:
    """Take a page out of its edition, and return the id of the edit, which can be undone.

    What was observed of its scan, and said of it, stays as long as a deleted edition does.

    Raises:
        NotFound: There is no such page.
    """
    with home.database.write() as session:
        page = locked_page(session, page_id)
        edition_id, day = page.edition_id, page.edition.edition_date.isoformat()
        text = Message(
            "took page %(page)s out of the edition of %(day)s", page=page.number, day=day
        )
        by, target = Author(coder, home.recipe.codebook, now), ("page", page_id)
        change = {"removed": {**row_document(page), "scan": scan_name(page.scan)}}
        edit_id = add_edit(
            session, by, Action.CHANGE_PAGE, target, text, change, edition_id=edition_id
        ).id
        take_out(session, page, emptied_at(home.settings, now))
    refresh_editions(home, [edition_id])
    return edit_id


def take_out(session: Session, page: PageRow, due_at: datetime | None) -> None:
    """Delete the row of a page, and note when its scan goes."""
    scan_id = page.scan_id
    session.delete(page)
    mark_unprinted(session, () if scan_id is None else (scan_id,), due_at)


def undo_page_change(
    home: Installation,  # noqa: ARG001
    session: Session,
    edit: EditRow,
    now: datetime,  # noqa: ARG001
) -> Collection[int]:
    """Put a page where it was, or into its edition again."""
    check_last(session, edit)
    if "removed" in edit.change:
        return [_put_back(session, edit)]
    before, after = edit.change["before"], edit.change["after"]
    locked_edition(session, after["edition_id"])
    if session.get(PageRow, edit.target_id) is None:
        raise in_the_way(session, edit)
    page = locked_page(session, edit.target_id, before["edition_id"])
    if _place(page) != after:
        raise in_the_way(session, edit)
    _check_unclaimed(session, edit, before)
    _put(session, page, before)
    return {before["edition_id"], after["edition_id"]}


def _put_back(session: Session, edit: EditRow) -> int:
    document: dict[str, Any] = dict(edit.change["removed"])
    edition = locked_edition(session, document["edition_id"])
    _check_unclaimed(session, edit, _removed_from(edit))
    _check_free(session, edition.id, document["number"])
    document["scan_id"] = scan_id_of(session, document.pop("scan"))
    session.add(row_of(PageRow, document))
    session.flush()
    return edition.id


def _removed_from(edit: EditRow) -> dict[str, int] | None:
    removed = edit.change.get("removed")
    return removed and {"edition_id": removed["edition_id"], "number": removed["number"]}


def _check_unclaimed(session: Session, edit: EditRow, place: dict[str, int] | None) -> None:
    """Check that no later edit has put another page where one comes back, or taken it away again.

    Raises:
        Conflict: One has; the message names it.
    """
    there = select(PageRow.edit_id).filter_by(**place or {})
    added_by = session.scalar(there)
    for later in live_edits_after(session, edit, Action.CHANGE_PAGE, Action.ADD_PAGES):
        change = later.change
        places = (change.get("before"), change.get("after"), _removed_from(later))
        if place in places or later.id == added_by:
            raise blocked_by(later)


def _place(page: PageRow) -> dict[str, int]:
    return {"edition_id": page.edition_id, "number": page.number}


def _put(session: Session, page: PageRow, place: dict[str, int]) -> None:
    """Set edition and number of a page.

    Raises:
        Conflict: The edition has a page of that number.
    """
    _check_free(session, place["edition_id"], place["number"], but=page.id)
    page.edition_id, page.number = place["edition_id"], place["number"]
    page.is_front = page.number == FRONT_PAGE
    session.flush()


def _check_free(session: Session, edition_id: int, number: int, *, but: int = 0) -> None:
    taken = select(PageRow.id).filter_by(edition_id=edition_id, number=number)
    if session.scalar(taken.where(PageRow.id != but)) is not None:
        raise Conflict.saying(
            "edition %(edition)s has a page %(number)s already: give that one another number first",
            edition=edition_id,
            number=number,
        )


def _numbers(session: Session, edition_id: int) -> list[int]:
    return list(session.scalars(select(PageRow.number).filter_by(edition_id=edition_id)))


def _sentence(before: dict[str, int], after: dict[str, int]) -> Message:
    if before["edition_id"] == after["edition_id"]:
        return Message(
            "page %(old)s is now page %(new)s", old=before["number"], new=after["number"]
        )
    return Message(
        "moved page %(old)s to edition %(edition)s, as page %(new)s",
        old=before["number"],
        edition=after["edition_id"],
        new=after["number"],
    )


def undo_added_pages(
    home: Installation, session: Session, edit: EditRow, now: datetime
) -> Collection[int]:
    """Take the pages and files out of an edition again that were added to it."""
    edition = locked_edition(session, edit.target_id)
    pages = session.scalars(select(PageRow).filter_by(edit_id=edit.id)).all()
    _check_untouched(session, edit, {page.id for page in pages})
    due_at = emptied_at(home.settings, now)
    for page in pages:
        take_out(session, page, due_at)
    for file in [file for file in edition.files if file.edit_id == edit.id]:
        session.delete(file)
    old, new = edit.change["pages_expected"]
    if edition.pages_expected == new:
        edition.pages_expected = old
    session.flush()
    session.expire(edition)
    if edition.unpacked_at is None and all(file.unpacked for file in edition.files):
        edition.unpacked_at = now
    mark_outdated(session, [edition.id])
    return [edition.id]


def _check_untouched(session: Session, edit: EditRow, added: set[int]) -> None:
    """Check that added pages, and how many pages the edition had, are as an edit has left them.

    Raises:
        Conflict: They aren't; the message names the edit that has changed them.
    """
    for trashed in session.scalars(select(TrashedEditionRow)):
        added |= {page["id"] for page in trashed.document["page"] if page["edit_id"] == edit.id}
    for later in live_edits_after(session, edit, Action.CHANGE_PAGE, Action.REPLACE_SCAN):
        removed = later.change.get("removed") or {}
        if later.target_id in added or removed.get("edit_id") == edit.id:
            raise blocked_by(later)
    old, new = edit.change["pages_expected"]
    for later in live_edits_after(session, edit, Action.CHANGE_EDITION, Action.ADD_PAGES):
        if old != new and later.target_id == edit.target_id:
            raise blocked_by(later)


ScanName = tuple[str, int]
"""The sha256 of a scan's file, and which frame of it."""


def scan_name(scan: ScanRow | None) -> ScanName | None:
    """Return the name of a scan; None of none."""
    return None if scan is None else (scan.sha256, scan.frame)


def scan_id_of(session: Session, name: ScanName | list[str | int] | None) -> int | None:
    """Return the id of a scan, which is locked against deletion until the transaction ends.

    Raises:
        Conflict: It was deleted with the trash.
    """
    if name is None:
        return None
    sha256, frame = name
    query = select(ScanRow.id).filter_by(sha256=sha256, frame=frame)
    scan_id = session.scalar(query.with_for_update(key_share=True))
    if scan_id is None:
        raise Conflict.saying("the scan is gone for good: the trash was emptied")
    return scan_id


@dataclass(frozen=True, slots=True)
class RemovedPage:
    """A page that is out of its edition; undoing ``edit_id`` puts it back."""

    edit_id: int  # the edit that took it out
    number: int  # the number that it had
    source: str  # the file that it came from
    coder: str  # who took it out
    removed_at: datetime  # when that was


def removed_pages(home: Installation, edition_id: int) -> list[RemovedPage]:
    """Return the pages that are out of an edition, by number; not those whose scans are gone."""
    query = (
        select(EditRow)
        .where(
            EditRow.edition_id == edition_id,
            EditRow.action == Action.CHANGE_PAGE,
            EditRow.undone_at.is_(None),
        )
        .order_by(EditRow.id)
    )
    with home.database.read() as session:
        edits = [edit for edit in session.scalars(query) if "removed" in edit.change]
        names = {tuple(scan) for edit in edits if (scan := edit.change["removed"]["scan"])}
        if not edits:
            return []
        scans = select(ScanRow.sha256, ScanRow.frame).where(
            tuple_(ScanRow.sha256, ScanRow.frame).in_(names)
        )
        there = {(sha256, frame) for sha256, frame in session.execute(scans)}
    pages = [
        RemovedPage(edit.id, page["number"], page["source"], edit.coder, edit.created_at)
        for edit in edits
        if (page := edit.change["removed"])["scan"] is None or tuple(page["scan"]) in there
    ]
    return sorted(pages, key=lambda page: page.number)
