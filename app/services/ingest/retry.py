"""Has pages that could not be analysed looked at once more: a person asks, or good bytes came."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind, Status
from presslens.app.db.figures import ReferenceRow
from presslens.app.db.statistics import mark_outdated
from presslens.app.db.tables import (
    EditionRow,
    LeaseRow,
    OutcomeRow,
    PageRow,
    ScanRow,
    UploadFileRow,
)
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.models.message import Message

REFUSED = (Status.REJECTED, Status.FAILED)
ARCHIVE = ".zip"

log = structlog.get_logger()


def retry_pages(
    home: Installation, edition_id: int, numbers: Collection[int] = frozenset()
) -> list[int]:
    """Have pages of an edition that could not be analysed looked at again; return their numbers.

    What was rejected may be read by now, on another machine or by another version; what a file
    can't give is rejected again. Settled pages are open again.

    Args:
        numbers: Numbers of the pages; empty: all that could not be analysed.

    Raises:
        NotFound: There is no such edition, or no such page of it that could not be analysed.
    """
    with home.database.write() as session:
        pages = session.scalars(
            select(PageRow).filter_by(edition_id=edition_id).order_by(PageRow.number)
        ).all()
        refused = _refused_scans(session, [one.scan_id for one in pages if one.scan_id], home)
        again = [
            page
            for page in pages
            if (page.scan_id in refused if page.scan_id else page.status in REFUSED)
            and (not numbers or page.number in numbers)
        ]
        missing = sorted(set(numbers) - {page.number for page in again})
        if missing or not again:
            raise NotFound(_nothing_failed(edition_id, missing))
        _observe_again(session, [page.scan_id for page in again if page.scan_id])
        _unpack_again(session, edition_id, [page.source for page in again if not page.scan_id])
        for page in again:
            page.settled_at = None
        log.info("pages are looked at again", edition=edition_id, pages=len(again))
        return [page.number for page in again]


def _nothing_failed(edition_id: int, missing: Sequence[int]) -> Message:
    if missing:
        return Message(
            "page %(page)s of edition %(edition)s has not failed",
            page=missing[0],
            edition=edition_id,
        )
    return Message("no page of edition %(edition)s has failed", edition=edition_id)


def look_again(session: Session, files: Collection[str]) -> None:
    """Look again at all that failed of files whose bytes were missing or damaged until now.

    Args:
        session: A transaction that writes.
        files: The sha256 of files that are whole again.
    """
    if not files:
        return
    scans = session.scalars(select(ScanRow.id).where(ScanRow.sha256.in_(files))).all()
    _observe_again(session, scans)
    packed = select(UploadFileRow.edition_id, UploadFileRow.name).where(
        UploadFileRow.sha256.in_(files), UploadFileRow.unpacked
    )
    for edition_id, name in session.execute(packed).all():
        refused = select(PageRow.id).filter_by(edition_id=edition_id, source=name)
        if session.scalar(refused.where(PageRow.status.in_(REFUSED))) is not None:
            _unpack_again(session, edition_id, [name])
    session.execute(
        update(ReferenceRow)
        .where(ReferenceRow.sha256.in_(files), ReferenceRow.status.in_(REFUSED))
        .values(status=None, observation_id=None, reason=None, detail=None)
    )


def _refused_scans(session: Session, scans: Sequence[int], home: Installation) -> set[int]:
    query = select(OutcomeRow.scan_id).where(
        OutcomeRow.scan_id.in_(scans),
        OutcomeRow.observation_id == home.recipe.observation_id,
        OutcomeRow.status.in_(REFUSED),
    )
    return set(session.scalars(query))


def _observe_again(session: Session, scans: Sequence[int]) -> None:
    """Forget that scans were refused, so that they are work again."""
    session.execute(
        delete(OutcomeRow).where(OutcomeRow.scan_id.in_(scans), OutcomeRow.status.in_(REFUSED))
    )
    _forget_attempts(session, JobKind.OBSERVE, scans)
    mark_outdated(session, select(PageRow.edition_id).where(PageRow.scan_id.in_(scans)))


def _unpack_again(session: Session, edition_id: int, sources: Sequence[str]) -> None:
    """Have the files unpacked again that pages are named after, or the archives they were in."""
    if not sources:
        return
    files = session.scalars(select(UploadFileRow).filter_by(edition_id=edition_id)).all()
    named = {file.name for file in files}
    for file in files:
        in_archive = file.name.lower().endswith(ARCHIVE) and not named.issuperset(sources)
        if file.name in sources or in_archive:
            file.unpacked = False
    edition = session.get_one(EditionRow, edition_id)
    edition.unpacked_at = None
    _forget_attempts(session, JobKind.UNPACK, [edition_id])


def _forget_attempts(session: Session, kind: JobKind, keys: Sequence[int]) -> None:
    session.execute(delete(LeaseRow).where(LeaseRow.kind == kind, LeaseRow.key.in_(keys)))
