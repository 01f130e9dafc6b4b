"""Replaces the scan of a page by a better one; the page stays the same."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, Author, EditRow, add_edit
from presslens.app.db.publications import ReplacedScanRow
from presslens.app.db.statistics import mark_outdated
from presslens.app.db.tables import PageRow, ScanRow
from presslens.app.db.upsert import insert_new
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.corrections.later_edits import check_last, in_the_way
from presslens.app.services.corrections.pages import locked_page, scan_id_of, scan_name
from presslens.app.services.corrections.row_document import row_document, row_of
from presslens.app.services.corrections.trash import emptied_at, mark_unprinted
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.reviews.carried_reviews import move_back
from presslens.models.message import Message
from presslens.pipelines.scans.scan import ScanFormat, shown, sniff

_COLUMNS = ("source", "status", "reason", "detail", "settled_at")
_HEAD = 16


def replace_scan(
    home: Installation, page_id: int, file: Incoming, *, coder: str | None, now: datetime
) -> int:
    """Put another scan in the place of a page's, and return the id of the edit.

    The page keeps its id and number. Once the new scan is observed, what people said of those
    photos that are unchanged is carried over to it (``app.services.reviews.carried_reviews``); the
    numbers of the edition follow then.

    Args:
        file: A file of one page.
        coder: Who replaces it; None: nobody gave a name.

    Raises:
        NotFound: There is no such page.
        InvalidRequest: The file has not exactly one page, or can't be read.
        Conflict: It is the page's scan already.
        LimitExceeded: The file is larger than the settings allow.
        DiskFull: Too little disk is free.
    """
    blob = home.storage.put(file.stream, most=home.settings.file_bytes)
    name = shown(file.name) or "unnamed"
    with home.storage.open_scan(blob.sha256) as path:
        _check_single(home, path, name)
    with home.database.write() as session:
        page = locked_page(session, page_id)
        insert_new(session, ScanRow, sha256=blob.sha256, frame=0)
        new_id = scan_id_of(session, (blob.sha256, 0))
        old_id = page.scan_id
        if new_id == old_id or new_id is None:
            raise Conflict.saying("this is the scan that the page has already")
        before = _state(page)
        page.scan_id, page.source = new_id, name
        page.status = page.reason = page.detail = page.settled_at = None
        session.flush()
        session.refresh(page)
        text = Message("replaced the scan of page %(page)s", page=page.number)
        by, target = Author(coder, home.recipe.codebook, now), ("page", page_id)
        change = {"before": before, "after": _state(page)}
        edit = add_edit(
            session, by, Action.REPLACE_SCAN, target, text, change, edition_id=page.edition_id
        )
        if old_id is not None:
            session.add(ReplacedScanRow(edit_id=edit.id, old_scan_id=old_id, new_scan_id=new_id))
            mark_unprinted(session, [old_id], emptied_at(home.settings, now))
        mark_outdated(session, [page.edition_id])
        return edit.id


def undo_replacement(
    home: Installation, session: Session, edit: EditRow, now: datetime
) -> Collection[int]:
    """Give a page the scan again that it had, and move back what was moved to its successor."""
    page = session.get(PageRow, edit.target_id)
    if page is None:
        raise in_the_way(session, edit)
    check_last(session, edit)
    page = locked_page(session, edit.target_id)
    before, after = edit.change["before"], edit.change["after"]
    if _state(page) != after:
        raise in_the_way(session, edit)
    new_id = page.scan_id
    page.scan_id = scan_id_of(session, before["scan"])
    restored = row_of(PageRow, {name: before[name] for name in _COLUMNS})
    for name in _COLUMNS:
        setattr(page, name, getattr(restored, name))
    session.flush()
    if page.scan_id is not None:
        move_back(session, edit, page.scan_id)
    session.execute(delete(ReplacedScanRow).filter_by(edit_id=edit.id))
    if new_id is not None:
        mark_unprinted(session, [new_id], emptied_at(home.settings, now))
    mark_outdated(session, [page.edition_id])
    return [page.edition_id]


def _check_single(home: Installation, path: Path, name: str) -> None:
    """Check that a file is one page.

    Raises:
        InvalidRequest: It is not; the message says what it is.
    """
    with path.open("rb") as stream:
        kind = sniff(stream.read(_HEAD))
    if kind is ScanFormat.ZIP:
        raise InvalidRequest.saying("a scan is one page: give an image, not an archive")
    from presslens.pipelines.scans.sandbox import Sandbox
    from presslens.pipelines.scans.scan import ScanRejected

    with Sandbox(home.settings.limits) as sandbox, home.storage.scratch() as folder:
        sources = sandbox.unpack(path, name, folder)
    if isinstance(sources[0], ScanRejected):
        raise InvalidRequest.saying(
            "%(file)s can't be read: %(why)s", file=name, why=sources[0].detail
        )
    if len(sources) != 1:
        raise InvalidRequest.saying(
            "%(file)s has %(pages)s pages: give a file of one page", file=name, pages=len(sources)
        )


def _state(page: PageRow) -> dict[str, Any]:
    document = row_document(page)
    scan = scan_name(page.scan)
    return {**{name: document[name] for name in _COLUMNS}, "scan": list(scan) if scan else None}
