"""Carries what people said of a scan's photos over to the scan that has replaced it.

A photo of the new scan is one of the old scan's if its box is at the same place (the IoU of the
boxes, in shares of the page, is at least ``photo_matching.SAME_PHOTO``) and it looks the same: the
cosine of their stored features is at least ``SAME_LOOK``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Select, and_, delete, select
from sqlalchemy.orm import Session, aliased, selectinload

from app.db.edits import EditRow
from app.db.page_reviews import PageMarkRow, PageReviewRow
from app.db.publications import ReplacedScanRow
from app.db.reviews import ReviewAnswerRow, ReviewRow
from app.db.samples import SampleItemRow
from app.db.tables import OutcomeRow, PageRow, PhotoFeaturesRow, PhotoRow
from app.installation import Installation
from app.services.catalogue.page_checks import found_photos
from app.services.reviews.consensus import (
    active_reviews,
    match_reviews,
    photo_boxes,
    update_scans_consensus,
)
from app.services.reviews.page_photos import apply_page_reviews
from models.geometry import Box
from models.vocabulary import Vector
from pipelines.statistics.photo_matching import match_photos, nearest_photo

SAME_LOOK = 0.8
"""Smallest cosine of the features of one photo on two scans.

Measured on composed pages of the sample month that were scanned anew by program, 16 photos in each
way: of pairs of one photo it takes all that are brighter or darker by a quarter or skewed by one
degree, 88 % at half the resolution, 88 % with skew, 0.6 of the resolution, blur and brightness
together, and 75 % blurred by two pixels; of 120 pairs of different photos none (at most 0.79, and
1.7 % are 0.7 or more). What is missed is only asked again; what is taken wrongly would be a false
answer of a person, so the bound is above the likest strangers.
"""

_WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class _ScannedPhoto:
    """A photo of a scan: its box in shares of the page, and its features, if they are stored.

    A drawn photo is the same one where its box is: it was carried over with the page's reviews.
    """

    id: int
    box: Box
    features: Vector | None
    by_hand: bool = False


def uncarried(observation_id: str) -> Select[int]:
    """Return the query of the edits whose new scan was observed, and nothing is carried yet."""
    seen = aliased(OutcomeRow)
    return (
        select(ReplacedScanRow.edit_id)
        .join(
            seen,
            and_(
                seen.scan_id == ReplacedScanRow.new_scan_id, seen.observation_id == observation_id
            ),
        )
        .where(ReplacedScanRow.carried_at.is_(None))
    )


def carry_reviews(home: Installation, edit_id: int, *, now: datetime) -> int:
    """Carry the reviews of a replaced scan over, and return how many reviews were.

    The copies belong to the edit that replaced the scan, so that undoing it withdraws them.
    Reviews of the whole page are carried only where every photo is the same. Items of samples go
    with their photos, unless another page prints the old scan still.
    """
    observation_id = home.recipe.observation_id
    with home.database.write() as session:
        query = select(ReplacedScanRow).filter_by(edit_id=edit_id, carried_at=None)
        replaced = session.scalars(query.with_for_update()).one_or_none()
        edit = session.get(EditRow, edit_id)
        if replaced is None or edit is None:
            return 0
        replaced.carried_at = now
        copies, whole = 0, _whole(session, replaced, observation_id)
        if whole:
            copies += _copy_page_reviews(session, replaced)
            session.flush()
            apply_page_reviews(session, replaced.new_scan_id)
        old = _photos(session, replaced.old_scan_id, observation_id)
        new = _photos(session, replaced.new_scan_id, observation_id)
        pairs = same_photos(old, new)
        copies += _copy_reviews(session, replaced, [(old[i], new[j]) for i, j in pairs])
        boxes = {i: new[j].box for i, j in pairs}
        moved = _move_items(session, replaced, [photo.box for photo in old], boxes, whole)
        edit.change = {**edit.change, "items": moved}
        session.flush()
        update_scans_consensus(session, sorted({replaced.old_scan_id, replaced.new_scan_id}))
        return copies


def withdraw_carried(session: Session, edit: EditRow, *, now: datetime) -> None:
    """Withdraw what was carried over by an edit, and put items of samples back."""
    carried = {"edit_id": edit.id, "withdrawn_at": None}
    rows: list[ReviewRow | PageReviewRow] = [
        *session.scalars(select(ReviewRow).filter_by(**carried)),
        *session.scalars(select(PageReviewRow).filter_by(**carried)),
    ]
    for row in rows:
        row.withdrawn_at = now
    scans = {row.scan_id for row in rows}
    for item_id, scan_id, box in edit.change.get("items", ()):
        item = session.get(SampleItemRow, item_id)
        if item is not None:
            scans |= {item.scan_id, scan_id}
            item.scan_id = scan_id
            item.x0, item.y0, item.x1, item.y1 = box
    session.flush()
    for scan_id in {row.scan_id for row in rows if isinstance(row, PageReviewRow)}:
        apply_page_reviews(session, scan_id)
    update_scans_consensus(session, sorted(scans))


def same_photos(
    old: Sequence[_ScannedPhoto], new: Sequence[_ScannedPhoto]
) -> list[tuple[int, int]]:
    """Return the (old, new) indices of the photos that two scans share: by place and look."""
    pairs = match_photos([photo.box for photo in old], [photo.box for photo in new])
    return [(i, j) for i, j in pairs if (old[i].by_hand and new[j].by_hand)
        or likeness(old[i].features, new[j].features) >= SAME_LOOK]  # fmt: skip


def likeness(a: Vector | None, b: Vector | None) -> float:
    """Return the cosine of two feature vectors, -1 to 1; 0 where one is missing."""
    if a is None or b is None or a.shape != b.shape:
        return 0.0
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norms if norms else 0.0


def _photos(session: Session, scan_id: int, observation_id: str) -> list[_ScannedPhoto]:
    return _scanned(session, photo_boxes(session, observation_id, [scan_id]).get(scan_id, []))


def _found(session: Session, scan_id: int, observation_id: str) -> list[_ScannedPhoto]:
    """Return the photos that the machine has found on a scan, those that people removed too."""
    found = found_photos(session, observation_id, [scan_id]).get(scan_id, [])
    return _scanned(session, [(photo.id, photo.box) for photo in found])


def _scanned(session: Session, photos: Sequence[tuple[int, Box]]) -> list[_ScannedPhoto]:
    ids = [photo_id for photo_id, _ in photos]
    query = select(PhotoFeaturesRow.photo_id, PhotoFeaturesRow.vector)
    rows = session.execute(query.where(PhotoFeaturesRow.photo_id.in_(ids)))
    features: Mapping[int, Any] = {photo_id: vector for photo_id, vector in rows}  # noqa: C416
    drawn = set(session.scalars(select(PhotoRow.id).where(PhotoRow.id.in_(ids), PhotoRow.by_hand)))
    return [_ScannedPhoto(i, box, features.get(i), i in drawn) for i, box in photos]


def _whole(session: Session, replaced: ReplacedScanRow, observation_id: str) -> bool:
    """Return whether the machine has found the same photos on both scans, one at least."""
    old, new = (
        _found(session, scan_id, observation_id)
        for scan_id in (replaced.old_scan_id, replaced.new_scan_id)
    )
    return bool(old) and len(same_photos(old, new)) == len(old) == len(new)


def _copy_reviews(
    session: Session,
    replaced: ReplacedScanRow,
    pairs: Sequence[tuple[_ScannedPhoto, _ScannedPhoto]],
) -> int:
    reviews = active_reviews(session, [replaced.old_scan_id])
    by_photo = match_reviews(reviews, [(old.id, old.box) for old, _ in pairs])
    count = 0
    for old, new in pairs:
        for review in by_photo.get(old.id, ()):
            session.add(_copied_review(review, replaced, new.box))
            count += 1
    return count


def _copied_review(review: ReviewRow, replaced: ReplacedScanRow, box: Box) -> ReviewRow:
    return ReviewRow(
        scan_id=replaced.new_scan_id,
        x0=box.x0,
        y0=box.y0,
        x1=box.x1,
        y1=box.y1,
        coder=review.coder,
        codebook=review.codebook,
        adjudicates=review.adjudicates,
        note=review.note,
        created_at=review.created_at,
        edit_id=replaced.edit_id,
        seconds=review.seconds,
        answers=[
            ReviewAnswerRow(measure=answer.measure, shows=answer.shows, place=answer.place)
            for answer in review.answers
        ],
    )


def _copy_page_reviews(session: Session, replaced: ReplacedScanRow) -> int:
    query = (
        select(PageReviewRow)
        .filter_by(scan_id=replaced.old_scan_id, withdrawn_at=None)
        .order_by(PageReviewRow.id)
        .options(selectinload(PageReviewRow.marks))
    )
    rows = session.scalars(query).all()
    for row in rows:
        copied = ("coder", "codebook", "checked", "adjudicates", "two_editions", "note")
        marked = ("position", "x0", "y0", "x1", "y1", "photos", "boxes")
        session.add(
            PageReviewRow(
                scan_id=replaced.new_scan_id,
                created_at=row.created_at,
                edit_id=replaced.edit_id,
                marks=[
                    PageMarkRow(**{name: getattr(mark, name) for name in marked})
                    for mark in row.marks
                ],
                **{name: getattr(row, name) for name in copied},
            )
        )
    return len(rows)


def _move_items(
    session: Session,
    replaced: ReplacedScanRow,
    old: Sequence[Box],
    new: Mapping[int, Box],
    whole: bool,
) -> list[list[Any]]:
    """Move the items of samples to the new scan, and return where each was: id, scan and box."""
    printed = select(PageRow.id).filter_by(scan_id=replaced.old_scan_id).limit(1)
    if session.scalar(printed) is not None:
        return []
    moved: list[list[Any]] = []
    for item in session.scalars(select(SampleItemRow).filter_by(scan_id=replaced.old_scan_id)):
        was = Box(item.x0, item.y0, item.x1, item.y1)
        index = nearest_photo(was, old)
        to = (
            (_WHOLE if whole else None)
            if was == _WHOLE
            else new.get(-1 if index is None else index)
        )
        if to is None:
            continue
        moved.append([item.id, replaced.old_scan_id, was.to_list()])
        item.scan_id = replaced.new_scan_id
        item.x0, item.y0, item.x1, item.y1 = to.to_list()
    return moved


def discard_reviews(session: Session, scan_ids: Collection[int]) -> None:
    """Delete all that people said of scans that are deleted themselves."""
    for table in (ReviewRow, PageReviewRow):
        session.execute(delete(table).where(table.scan_id.in_(scan_ids)))
