"""Finds the pages in the files of an edition, in the worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from presslens.app.db.columns import Status
from presslens.app.db.edits import EditRow
from presslens.app.db.statistics import mark_outdated
from presslens.app.db.tables import EditionRow, PageRow, ScanRow, UploadFileRow
from presslens.app.db.upsert import insert_new
from presslens.app.installation import Installation
from presslens.pipelines.failpoints import Failpoint, around
from presslens.pipelines.scans.page_numbers import number_added_pages, number_pages
from presslens.pipelines.scans.scan import PageSource, ScanRejected, shown

if TYPE_CHECKING:
    from presslens.pipelines.scans.sandbox import Sandbox

MOST_ATTEMPTS = 5
"""After so many attempts to unpack an edition that did not end, its pages count as failed."""


@dataclass(frozen=True, slots=True)
class _NewPage:
    source: str
    sha256: str = ""
    frame: int = 0
    status: Status | None = None
    reason: str | None = None
    detail: str | None = None


def packed_editions() -> Select[int]:
    """Return the query of the ids of editions that are not unpacked yet."""
    return select(EditionRow.id).where(EditionRow.unpacked_at.is_(None))


def unpack(
    home: Installation, edition_id: int, sandbox: Sandbox, *, now: datetime, attempts: int = 1
) -> list[tuple[Status, str]]:
    """Find the pages of an edition, and store them, all or none.

    A file that can't be read is a rejected page; the others are unpacked. The outcomes of such
    pages, and the reasons, are returned: nobody will look at them.

    Args:
        sandbox: Opens the files.
        attempts: How often workers have begun to unpack the edition, this time included.

    Raises:
        ReadingFailed: The readers were ended from outside.
    """
    with home.database.read() as session:
        edition = session.get(EditionRow, edition_id)
        files = [file for file in edition.files if not file.unpacked] if edition else []
    batches: dict[int | None, list[_NewPage]] = {}
    for file in files:
        pages = [_lost(file)] if attempts > MOST_ATTEMPTS else _pages(home, file, sandbox)
        batches.setdefault(file.edit_id, []).extend(pages)
    with around(Failpoint.UNPACK_STORE), home.database.write() as session:
        if _mark_unpacked(session, edition_id, [file.position for file in files], now):
            refused = _Refused(session, edition_id)
            new = {edit_id: refused.settle(pages) for edit_id, pages in batches.items()}
            refused.remove([file.name for file in files])
            for edit_id, pages in new.items():
                _write(session, edition_id, edit_id, pages)
        else:  # another worker was faster, and has counted them
            batches = {}
    unpacked = [page for pages in batches.values() for page in pages]
    return [(page.status, page.reason or "") for page in unpacked if page.status is not None]


class _Refused:
    """What an edition has of files that are unpacked once more, since pages were refused.

    Pages that are there stay as they are; refused ones become what their file gives now.
    """

    def __init__(self, session: Session, edition_id: int) -> None:
        self._session = session
        pages = session.scalars(select(PageRow).filter_by(edition_id=edition_id)).all()
        self._refused = [page for page in pages if page.scan_id is None]
        scans = select(PageRow.source, ScanRow.sha256, ScanRow.frame).join(
            ScanRow, ScanRow.id == PageRow.scan_id
        )
        rows = session.execute(scans.where(PageRow.edition_id == edition_id)).all()
        self._there = {(source, sha256, frame) for source, sha256, frame in rows}

    def settle(self, pages: Sequence[_NewPage]) -> list[_NewPage]:
        """Bring refused pages up to date; return those pages that the edition hasn't yet."""
        return [
            page
            for page in pages
            if (page.source, page.sha256, page.frame) not in self._there and not self._renew(page)
        ]

    def _renew(self, page: _NewPage) -> bool:
        row = next((row for row in self._refused if row.source == page.source), None)
        if row is None:
            return False
        self._refused.remove(row)
        row.scan_id = _scan(self._session, page) if page.status is None else None
        row.status, row.reason, row.detail = page.status, page.reason, page.detail
        return True

    def remove(self, names: Sequence[str]) -> None:
        """Delete the pages that stood for whole files which give other pages now."""
        for row in self._refused:
            if row.source in names:
                self._session.delete(row)
        self._session.flush()


def _lost(file: UploadFileRow) -> _NewPage:
    detail = f"unpacking was given up after {MOST_ATTEMPTS} attempts that did not end"
    return _NewPage(file.name, status=Status.FAILED, reason="lost", detail=detail)


def _pages(home: Installation, file: UploadFileRow, sandbox: Sandbox) -> Iterator[_NewPage]:
    with ExitStack() as opened:
        try:
            path = opened.enter_context(home.storage.open_scan(file.sha256))
        except FileNotFoundError:
            detail = "the file is missing from the store"
            yield _NewPage(file.name, status=Status.FAILED, reason="missing", detail=detail)
            return
        folder = opened.enter_context(home.storage.scratch())
        with around(Failpoint.UNPACK_READ):
            sources = sandbox.unpack(path, file.name, folder)
        for source in sources:
            yield _page(home, file, path, source)


def _page(
    home: Installation, file: UploadFileRow, path: Path, source: PageSource | ScanRejected
) -> _NewPage:
    if isinstance(source, ScanRejected):
        return _NewPage(
            shown(source.name),
            status=Status.REJECTED,
            reason=source.reason.value,
            detail=source.detail,
        )
    sha256 = file.sha256
    if source.path != path:
        with source.path.open("rb") as member:
            sha256 = home.storage.put(member, most=home.settings.file_bytes).sha256
    return _NewPage(shown(source.name), sha256, source.frame)


def _mark_unpacked(session: Session, edition_id: int, positions: list[int], now: datetime) -> bool:
    """Mark files as unpacked; False where the edition is gone, or another worker was first."""
    locked = select(EditionRow.id).filter_by(id=edition_id, unpacked_at=None).with_for_update()
    if session.scalar(locked) is None:
        return False
    waiting = update(UploadFileRow).filter_by(edition_id=edition_id, unpacked=False)
    marked = session.scalars(
        waiting.where(UploadFileRow.position.in_(positions))
        .values(unpacked=True)
        .returning(UploadFileRow.position)
        .execution_options(synchronize_session=False)
    ).all()
    if len(marked) < len(positions):
        return False
    left = select(UploadFileRow.position).filter_by(edition_id=edition_id, unpacked=False)
    if session.scalar(left.limit(1)) is None:
        done = update(EditionRow).where(EditionRow.id == edition_id)
        session.execute(done.values(unpacked_at=now).execution_options(synchronize_session=False))
    return True


def _write(session: Session, edition_id: int, edit_id: int | None, pages: list[_NewPage]) -> None:
    numbers = _numbers(session, edition_id, edit_id, [page.source for page in pages])
    for number, page in zip(numbers, pages, strict=True):
        scan_id = _scan(session, page) if page.status is None else None
        session.add(
            PageRow(
                edition_id=edition_id,
                number=number,
                source=page.source,
                scan_id=scan_id,
                status=page.status,
                reason=page.reason,
                detail=page.detail,
                edit_id=edit_id,
            )
        )
    session.flush()
    # What was added up without them is added up again once they are analysed.
    mark_outdated(session, [edition_id])


def _numbers(session: Session, edition_id: int, edit_id: int | None, names: list[str]) -> list[int]:
    """Return the numbers of pages that came with an upload, or were added to it by an edit."""
    taken = session.scalars(select(PageRow.number).filter_by(edition_id=edition_id)).all()
    if edit_id is None:
        given = session.scalar(select(EditionRow.page_numbers).filter_by(id=edition_id))
        # A page may have been moved to the edition before its own were found.
        return number_added_pages(names, taken, given) if taken else number_pages(names, given)
    edit = session.get(EditRow, edit_id)
    return number_added_pages(names, taken, edit.change.get("page_numbers") if edit else None)


def _scan(session: Session, page: _NewPage) -> int:
    key = {"sha256": page.sha256, "frame": page.frame}
    insert_new(session, ScanRow, **key)
    return session.scalars(select(ScanRow.id).filter_by(**key)).one()
