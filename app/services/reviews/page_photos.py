"""Makes the photos of a page follow what people say of them, in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from presslens.app.db.placement import placements
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.samples import SampledPhotoRow
from presslens.app.db.statistics import mark_outdated
from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow
from presslens.app.services.catalogue.corrected_page import CorrectedPage, load_page
from presslens.app.services.reviews.consensus import lock_scan, update_scan_consensus
from presslens.models.geometry import Box
from presslens.pipelines.statistics.photo_matching import same_frames

FIRST_BY_HAND = 1000
"""The position of the first photo of a page that is drawn by hand; found ones stand before it."""

EQUAL = 0.99
"""Smallest IoU of one drawn box under two recipes, whose pages have other sizes."""


def apply_page_reviews(session: Session, scan_id: int) -> bool:
    """Make the photos of a scan what people say, under all recipes that have observed it.

    Photos are never deleted: one that is not wanted any more is removed from its page, and comes
    back when it is. Reviews and items of samples find their photos anew, by place.

    Returns:
        Whether anything has changed: the editions that print it are to be summarised again.
    """
    lock_scan(session, scan_id)
    changed = [apply_to_outcome(session, outcome) for outcome in _outcomes(session, scan_id)]
    if any(changed):
        update_scan_consensus(session, scan_id)
        mark_outdated(session, printed_in(session, [scan_id]))
    return any(changed)


def apply_to_outcome(session: Session, outcome: OutcomeRow) -> bool:
    """Make the photos of one observation of a scan what people say; return whether they changed."""
    page = load_page(session, outcome)
    rows = _corrected_photos(session, page)
    standing = {id(row) for row in rows}
    gone = [row for row in (*page.detected, *page.drawn) if id(row) not in standing]
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


def _outcomes(session: Session, scan_id: int) -> Sequence[OutcomeRow]:
    """Return the observations of a scan that have a size, the latest first."""
    query = select(OutcomeRow).where(OutcomeRow.scan_id == scan_id, OutcomeRow.width.is_not(None))
    return session.scalars(query.order_by(OutcomeRow.seen_at.desc(), OutcomeRow.id.desc())).all()


def _corrected_photos(session: Session, page: CorrectedPage) -> list[PhotoRow]:
    """Return the photos of a page after its reviews; newly drawn ones are new rows."""
    spare = sorted(page.drawn, key=lambda row: row.outcome_id is None)
    rows: list[PhotoRow] = []
    new: list[Box] = []
    for photo in [] if page.two_editions else page.effective:
        if photo.detected is not None:
            rows.append(page.detected[photo.detected])
            continue
        box, taken = page.in_pixels(photo.box), {row.frame_id for row in rows}
        row = next((one for one in spare if one.box == box and one.frame_id not in taken), None)
        if row is None:
            new.append(box)
        else:
            spare.remove(row)
            rows.append(row)
    if not new:
        return rows
    for box, frame in zip(new, _frames(session, page, new, rows), strict=True):
        rows.append(_drawn(session, page, box, frame))
    return rows


def _drawn(session: Session, page: CorrectedPage, box: Box, frame: int | None) -> PhotoRow:
    """Return a new photo that a person has drawn, removed from its page as yet."""
    positions = [row.position for row in page.drawn]
    (placement,) = placements([box], page.size)
    row = PhotoRow(
        removed_from_id=page.outcome.id,
        earlier_id=frame,
        by_hand=True,
        position=max(positions, default=FIRST_BY_HAND - 1) + 1,
        score=1.0,
        **asdict(box),
        **placement,
    )
    session.add(row)
    session.flush()
    page.drawn.append(row)
    return row


def _frames(
    session: Session, page: CorrectedPage, new: Sequence[Box], others: Sequence[PhotoRow]
) -> list[int | None]:
    """Return the frame that each newly drawn photo is of: None, of its own.

    It is that of the same box under another recipe, else that of the photo whose box it moves.

    Args:
        page: The page as it was.
        new: The boxes of the photos, in pixels of the page.
        others: The other photos that the page is to have.
    """
    drawn_before = [
        (frame, box)
        for outcome in _outcomes(session, page.outcome.scan_id)
        if outcome.id != page.outcome.id
        for other in [load_page(session, outcome)]
        for frame, box in [(row.frame_id, other.in_shares(row.box)) for row in other.drawn]
    ]
    gone = [row for row in page.standing if row not in others]
    come = [*new, *(row.box for row in others if row.outcome_id is None)]
    moved = {j: gone[i].frame_id for i, j in same_frames([row.box for row in gone], come)}
    taken = {row.frame_id for row in others}
    frames: list[int | None] = []
    for i, box in enumerate(new):
        shares = page.in_shares(box)
        drawn = (frame for frame, there in drawn_before if there.iou(shares) >= EQUAL)
        frame = next((one for one in (*drawn, moved.get(i)) if one not in taken), None)
        frames.append(frame)
        if frame is not None:
            taken.add(frame)
    return frames


def name_frames(session: Session, outcome: OutcomeRow) -> None:
    """Give the photos that were just found on a scan the addresses that their frames have.

    A frame is what another recipe has found at the place, or what a person has drawn there.
    """
    page = load_page(session, outcome)
    taken: set[int] = set()
    for other in _outcomes(session, outcome.scan_id):
        if other.id == outcome.id:
            continue
        before = load_page(session, other)
        for earlier in (before.detected, [row for row in before.standing if row.by_hand]):
            old = [row for row in earlier if row.frame_id not in taken]
            new = [row for row in page.detected if row.earlier_id is None]
            boxes = (
                [before.in_shares(row.box) for row in old],
                [page.in_shares(row.box) for row in new],
            )
            for i, j in same_frames(*boxes):
                new[j].earlier_id = old[i].frame_id
                taken.add(old[i].frame_id)
    session.flush()


def printed_in(session: Session, scan_ids: Collection[int]) -> list[int]:
    """Return the ids of the editions that print some scans."""
    query = select(PageRow.edition_id).where(PageRow.scan_id.in_(scan_ids)).distinct()
    return list(session.scalars(query.order_by(PageRow.edition_id)))
