"""Moves the reviews of a scan's photos over to the scan that has replaced it.

A photo of the new scan is one of the old scan's if its box is at the same place (the IoU of the
boxes, in shares of the page, is at least ``photo_matching.SAME_PHOTO``) and it looks the same: the
cosine of their stored features is at least ``SAME_LOOK``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import Select, and_, delete, select
from sqlalchemy.orm import Session, aliased

from presslens.app.db.coding import FlagRow
from presslens.app.db.edits import EditRow
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.publications import ReplacedScanRow
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampleItemRow
from presslens.app.db.tables import OutcomeRow, PageRow, PhotoFeaturesRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.page_checks import detected_photos
from presslens.app.services.reviews.consensus import (
    active_reviews,
    match_reviews,
    photo_boxes,
    update_scans_consensus,
)
from presslens.app.services.reviews.page_photos import apply_page_reviews
from presslens.models.geometry import Box
from presslens.models.vocabulary import Vector
from presslens.pipelines.statistics.photo_matching import match_photos, nearest_photo

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

MovedRow = TypeVar("MovedRow", ReviewRow, FlagRow)
"""What is about a photo, and moves with it."""


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
    """Move the reviews of a replaced scan to the new one, and return how many were moved.

    A review stays that of the edit that made it, which goes on undoing it; the edit that replaced
    the scan keeps where it was. Reviews of the whole page are moved only where every photo is the
    same. Items of samples go with their photos. While another page prints the old scan, all stays.
    """
    observation_id = home.recipe.observation_id
    with home.database.write() as session:
        query = select(ReplacedScanRow).filter_by(edit_id=edit_id, carried_at=None)
        replaced = session.scalars(query.with_for_update()).one_or_none()
        edit = session.get(EditRow, edit_id)
        if replaced is None or edit is None:
            return 0
        replaced.carried_at = now
        printed = select(PageRow.id).filter_by(scan_id=replaced.old_scan_id).limit(1)
        if session.scalar(printed) is not None:
            return 0
        old = _photos(session, replaced.old_scan_id, observation_id)
        whole = _whole(session, replaced, observation_id)
        pages = _move_page_reviews(session, replaced) if whole else []
        new = _photos(session, replaced.new_scan_id, observation_id)
        pairs = same_photos(old, new)
        same = [(old[i], new[j]) for i, j in pairs]
        given = active_reviews(session, [replaced.old_scan_id], withdrawn=True)
        reviews = _move_reviews(replaced, given, same)
        raised = session.scalars(select(FlagRow).filter_by(scan_id=replaced.old_scan_id)).all()
        flags = _move_reviews(replaced, raised, same)
        boxes = {i: new[j].box for i, j in pairs}
        items = _move_items(session, replaced, [photo.box for photo in old], boxes, whole)
        edit.change = {**edit.change, "items": items, "reviews": reviews, "flags": flags,
                       "page_reviews": pages}  # fmt: skip
        session.flush()
        if pages:
            apply_page_reviews(session, replaced.old_scan_id)
        update_scans_consensus(session, sorted({replaced.old_scan_id, replaced.new_scan_id}))
        return len(reviews) + len(pages)


def move_back(session: Session, edit: EditRow, scan_id: int) -> None:
    """Move back what an edit that replaced a scan has moved; later reviews stay.

    Args:
        scan_id: The scan that the page had before, and has again.
    """
    scans = {scan_id}
    moved: list[tuple[ReviewRow | FlagRow | SampleItemRow | None, Sequence[float]]] = [
        *((session.get(ReviewRow, i), box) for i, box in edit.change.get("reviews", ())),
        *((session.get(FlagRow, i), box) for i, box in edit.change.get("flags", ())),
        *((session.get(SampleItemRow, i), box) for i, box in edit.change.get("items", ())),
    ]
    for row, box in moved:
        if row is not None:
            scans.add(row.scan_id)
            row.scan_id = scan_id
            row.x0, row.y0, row.x1, row.y1 = box
    pages = set()
    for row_id in edit.change.get("page_reviews", ()):
        page_review = session.get(PageReviewRow, row_id)
        if page_review is not None:
            pages |= {page_review.scan_id, scan_id}
            page_review.scan_id = scan_id
    session.flush()
    for one in sorted(pages):
        apply_page_reviews(session, one)
    update_scans_consensus(session, sorted(scans | pages))


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


def _scanned_photos(session: Session, scan_id: int, observation_id: str) -> list[_ScannedPhoto]:
    """Return the photos that the machine has found on a scan, those that people removed too."""
    photos = detected_photos(session, observation_id, [scan_id]).get(scan_id, [])
    return _scanned(session, [(photo.id, photo.box) for photo in photos])


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
        _scanned_photos(session, scan_id, observation_id)
        for scan_id in (replaced.old_scan_id, replaced.new_scan_id)
    )
    return bool(old) and len(same_photos(old, new)) == len(old) == len(new)


def _move_reviews(
    replaced: ReplacedScanRow,
    reviews: Sequence[MovedRow],
    pairs: Sequence[tuple[_ScannedPhoto, _ScannedPhoto]],
) -> list[list[Any]]:
    """Move reviews or flags, and return where each was: id and box."""
    by_photo = match_reviews(reviews, [(old.id, old.box) for old, _ in pairs])
    moved: list[list[Any]] = []
    for old, new in pairs:
        for review in by_photo.get(old.id, ()):
            moved.append([review.id, [review.x0, review.y0, review.x1, review.y1]])
            review.scan_id = replaced.new_scan_id
            review.x0, review.y0, review.x1, review.y1 = new.box.to_list()
    return moved


def _move_page_reviews(session: Session, replaced: ReplacedScanRow) -> list[int]:
    """Move the reviews of the whole page, whose photos follow, and return their ids."""
    query = select(PageReviewRow).filter_by(scan_id=replaced.old_scan_id)
    rows = session.scalars(query.order_by(PageReviewRow.id)).all()
    for row in rows:
        row.scan_id = replaced.new_scan_id
    session.flush()
    if rows:
        apply_page_reviews(session, replaced.new_scan_id)
    return [row.id for row in rows]


def _move_items(
    session: Session,
    replaced: ReplacedScanRow,
    old: Sequence[Box],
    new: Mapping[int, Box],
    whole: bool,
) -> list[list[Any]]:
    """Move the items of samples to the new scan, and return where each was: id and box."""
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
        moved.append([item.id, was.to_list()])
        item.scan_id = replaced.new_scan_id
        item.x0, item.y0, item.x1, item.y1 = to.to_list()
    return moved


def discard_reviews(session: Session, scan_ids: Collection[int]) -> None:
    """Delete all reviews of scans that are deleted themselves."""
    for table in (ReviewRow, PageReviewRow):
        session.execute(delete(table).where(table.scan_id.in_(scan_ids)))
