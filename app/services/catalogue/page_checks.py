"""What people said of the photos found on pages, as counts take it from the page reviews."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session, selectinload

from presslens.app.db.archive_view import by_answers
from presslens.app.db.page_reviews import PageMarkRow, PageReviewRow
from presslens.app.db.samples import SampleItemRow, SampleKind, SampleRow
from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow
from presslens.models.geometry import Box
from presslens.models.photos.finder_errors import detection_cells
from presslens.pipelines.statistics.count_estimates import PageCheck
from presslens.pipelines.statistics.page_places import PageMark, PageStatement, page_check

FEW = 500
"""Up to so many editions are named in a query; of more, all reviewed pages are loaded."""


@dataclass(frozen=True, slots=True)
class DetectedPhoto:
    """A photo that the machine has found: its id, its box in shares of the page, its cell."""

    id: int
    box: Box
    cell: int


def page_checks(
    session: Session, observation_id: str, edition_ids: Sequence[int] | None = None
) -> dict[int, dict[int, PageCheck]]:
    """Return the statements of people about the photos of pages, by edition and page number.

    Args:
        observation_id: Of the recipe under which the photos were found.
        edition_ids: The editions; None: all.
    """
    if not _reviewed_scans(session):
        return {}
    reviewed = select(PageReviewRow.scan_id).where(PageReviewRow.withdrawn_at.is_(None))
    query = select(PageRow.edition_id, PageRow.number, PageRow.scan_id).where(
        PageRow.scan_id.in_(reviewed)
    )
    if edition_ids is not None and len(edition_ids) <= FEW:
        query = query.where(PageRow.edition_id.in_(edition_ids))
    chosen = None if edition_ids is None else set(edition_ids)
    pages = [
        (edition_id, number, scan_id)
        for edition_id, number, scan_id in session.execute(query)
        if scan_id is not None and (chosen is None or edition_id in chosen)
    ]
    if not pages:
        return {}
    scans = sorted({scan_id for _, _, scan_id in pages})
    statements: dict[int, list[PageStatement]] = defaultdict(list)
    for row in session.scalars(review_rows(scans).where(PageReviewRow.withdrawn_at.is_(None))):
        statements[row.scan_id].append(statement_of(row))
    detected, drawn = detected_photos(session, observation_id, scans), drawn_scans(session, scans)
    checks: dict[int, dict[int, PageCheck]] = defaultdict(dict)
    for edition_id, number, scan_id in pages:
        if scan_id in detected:
            photos = detected[scan_id]
            checks[edition_id][number] = page_check(
                [photo.box for photo in photos],
                [photo.cell for photo in photos],
                statements[scan_id],
                drawn=scan_id in drawn,
            )
    return dict(checks)


def detected_photos(
    session: Session, observation_id: str, scan_ids: Sequence[int]
) -> dict[int, list[DetectedPhoto]]:
    """Return the photos that the machine has found by scan, those that people removed among them.

    Scans that were not analysed are left out.
    """
    analysed = select(OutcomeRow.scan_id, OutcomeRow.width, OutcomeRow.height).where(
        OutcomeRow.observation_id == observation_id,
        OutcomeRow.scan_id.in_(scan_ids),
        OutcomeRow.width.is_not(None),
    )
    sizes = {
        scan_id: (width or 1, height or 1) for scan_id, width, height in session.execute(analysed)
    }
    detected: dict[int, list[DetectedPhoto]] = {scan_id: [] for scan_id in sizes}
    columns = (PhotoRow.id, PhotoRow.x0, PhotoRow.y0, PhotoRow.x1, PhotoRow.y1, PhotoRow.score)
    query = (
        select(OutcomeRow.scan_id, *columns)
        .join(PhotoRow, detected_by(OutcomeRow.id.expression))
        .where(OutcomeRow.observation_id == observation_id, OutcomeRow.scan_id.in_(list(sizes)))
        .order_by(PhotoRow.position, PhotoRow.id)
    )
    for scan_id, photo_id, x0, y0, x1, y1, score in session.connection().execute(query):
        box = Box(x0, y0, x1, y1).in_shares(sizes[scan_id])
        cell = detection_cells([box.area], [score]).index(1)
        detected[scan_id].append(DetectedPhoto(photo_id, box, cell))
    return detected


def detected_by(outcome_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition for photos that the machine has found on a page, removed ones too."""
    either = or_(PhotoRow.outcome_id == outcome_id, PhotoRow.removed_from_id == outcome_id)
    return either & ~PhotoRow.by_hand


def drawn_scans(session: Session, scan_ids: Iterable[int]) -> set[int]:
    """Return the scans that chance has chosen for the counting of photos."""
    query = (
        select(SampleItemRow.scan_id)
        .join(SampleRow, SampleRow.id == SampleItemRow.sample_id)
        .where(SampleRow.kind == SampleKind.PAGES, SampleItemRow.scan_id.in_(list(scan_ids)))
    )
    return set(session.scalars(query))


def review_rows(scan_ids: Sequence[int]) -> Select[PageReviewRow]:
    """Return the query of the page reviews of scans, the earliest first."""
    return (
        select(PageReviewRow)
        .where(PageReviewRow.scan_id.in_(scan_ids))
        .order_by(PageReviewRow.id)
        .options(selectinload(PageReviewRow.marks))
    )


def statement_of(row: PageReviewRow) -> PageStatement:
    """Return a page review as what it says."""
    return PageStatement(row.coder, row.checked, row.adjudicates, tuple(map(page_mark, row.marks)))


def page_mark(row: PageMarkRow) -> PageMark:
    """Return a mark as what it says."""
    drawn = None if row.boxes is None else tuple(Box(*corners) for corners in row.boxes)
    return PageMark(row.box, row.photos, drawn)


def two_edition_scans(session: Session, scan_ids: Iterable[int]) -> set[int]:
    """Return the scans that show pages of two editions, as people say: they count as not seen."""
    reviewed = _reviewed_scans(session)
    return {scan_id for scan_id in scan_ids if reviewed.get(scan_id)}


@by_answers
def _reviewed_scans(session: Session) -> Mapping[int, bool]:
    """Return whether a scan shows two editions, as people say, for each with a page review."""
    query = (
        select(PageReviewRow.scan_id, func.max(case((PageReviewRow.two_editions, 1), else_=0)))
        .where(PageReviewRow.withdrawn_at.is_(None))
        .group_by(PageReviewRow.scan_id)
    )
    return {scan_id: bool(two) for scan_id, two in session.execute(query)}
