"""Makes the photos of a page follow what people say of them, in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.db.placement import placements
from app.db.reviews import SettledAnswerRow
from app.db.samples import SampledPhotoRow
from app.db.statistics import EditionSummaryRow
from app.db.tables import OutcomeRow, PageRow, PhotoRow
from app.services.catalogue.corrected_page import CorrectedPage, load_page
from app.services.reviews.consensus import lock_scan, update_scan_consensus
from models.geometry import Box

FIRST_BY_HAND = 1000
"""The position of the first photo of a page that is drawn by hand; found ones stand before it."""


def apply_page_reviews(session: Session, scan_id: int) -> bool:
    """Make the photos of a scan what people say, under all recipes that have observed it.

    Photos are never deleted: one that is not wanted any more is removed from its page, and comes
    back when it is. Reviews and items of samples find their photos anew, by place.

    Returns:
        Whether anything has changed: the editions that print it are to be summarised again.
    """
    lock_scan(session, scan_id)
    outcomes = session.scalars(select(OutcomeRow).filter_by(scan_id=scan_id)).all()
    changed = [apply_to_outcome(session, outcome) for outcome in outcomes if outcome.width]
    if any(changed):
        update_scan_consensus(session, scan_id)
        mark_outdated(session, printed_in(session, [scan_id]))
    return any(changed)


def apply_to_outcome(session: Session, outcome: OutcomeRow) -> bool:
    """Make the photos of one observation of a scan what people say; tell whether they changed."""
    page = load_page(session, outcome)
    wanted = [] if page.two_editions else page.effective
    spare = list(page.drawn)
    rows: list[PhotoRow] = []
    for photo in wanted:
        if photo.found is not None:
            rows.append(page.found[photo.found])
            continue
        box = page.in_pixels(photo.box)
        row = next((one for one in spare if one.box == box), None)
        if row is None:
            row = _drawn(session, page, box)
        else:
            spare.remove(row)
        rows.append(row)
    kept = {id(row) for row in rows}
    gone = [row for row in (*page.found, *page.drawn) if id(row) not in kept]
    changed = [row for row in rows if row.outcome_id is None]
    changed += [row for row in gone if row.outcome_id is not None]
    if not changed:
        return False
    for row in gone:
        row.outcome_id, row.removed_from_id = None, outcome.id
    rows.sort(key=lambda row: row.position)
    for row, placement in zip(rows, placements([row.box for row in rows], page.size), strict=True):
        row.outcome_id, row.removed_from_id = outcome.id, None
        for name, value in placement.items():
            setattr(row, name, value)
    ids = [row.id for row in gone]
    for table in (SettledAnswerRow, SampledPhotoRow):
        session.execute(delete(table).where(table.photo_id.in_(ids)))
    session.flush()
    session.expire(outcome, ["photos"])
    return True


def _drawn(session: Session, page: CorrectedPage, box: Box) -> PhotoRow:
    """Return a new photo that a person has drawn, removed from its page as yet."""
    positions = [row.position for row in page.drawn]
    (placement,) = placements([box], page.size)
    row = PhotoRow(
        removed_from_id=page.outcome.id,
        by_hand=True,
        position=max(positions, default=FIRST_BY_HAND - 1) + 1,
        score=1.0,
        x0=box.x0,
        y0=box.y0,
        x1=box.x1,
        y1=box.y1,
        **placement,
    )
    session.add(row)
    session.flush()
    page.drawn.append(row)
    return row


def printed_in(session: Session, scan_ids: Collection[int]) -> list[int]:
    """Return the ids of the editions that print some scans."""
    query = select(PageRow.edition_id).where(PageRow.scan_id.in_(scan_ids)).distinct()
    return list(session.scalars(query.order_by(PageRow.edition_id)))


def mark_outdated(session: Session, edition_ids: Collection[int]) -> None:
    """Have the summaries of editions made again, whose photos have changed."""
    session.execute(
        update(EditionSummaryRow)
        .where(EditionSummaryRow.edition_id.in_(edition_ids))
        .values(outdated=True)
    )
