"""Matches reviews with photos, and stores the consensus of each photo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple, TypeVar

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session, selectinload

from presslens.app.db.coding import FlagRow, TrainingItemRow
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from presslens.app.db.tables import OutcomeRow, PhotoRow, ScanRow
from presslens.app.services.figures.gallery import roles_on_scans
from presslens.app.services.samples.sampled_photos import (
    DrawnPlace,
    TimedAnswer,
    drawn_places,
    update_sampled_photos,
)
from presslens.models.faces.gallery import Role
from presslens.models.geometry import Box
from presslens.models.subjects.codebook import entry_version
from presslens.pipelines.statistics.consensus import CoderAnswer, consensus_answers
from presslens.pipelines.statistics.photo_matching import nearest_photo

BATCH = 500
"""Scans that are updated at a time."""


class StoredAnswer(NamedTuple):
    """An answer of a review; None: the coder can't tell."""

    measure: str
    shows: bool | None


@dataclass(frozen=True, slots=True)
class ActiveReview:
    """A review that is not withdrawn, with the columns that a consensus needs."""

    id: int
    scan_id: int
    x0: float
    y0: float
    x1: float
    y1: float
    coder: str
    codebook: str
    adjudicates: bool
    answers: list[StoredAnswer]


AnyReview = TypeVar("AnyReview", ReviewRow, ActiveReview, FlagRow, TrainingItemRow)
"""What is about a photo by its scan and box."""


def lock_scan(session: Session, scan_id: int) -> None:
    """Lock a scan against other reviews and analyses until this transaction ends."""
    session.execute(select(ScanRow.id).filter_by(id=scan_id).with_for_update(key_share=True))


def update_scan_consensus(session: Session, scan_id: int) -> None:
    """Update the consensus of a scan's photos, under all recipes that have analysed it."""
    update_scans_consensus(session, [scan_id])


def update_scans_consensus(session: Session, scan_ids: Sequence[int]) -> None:
    """Lock scans, and update the consensus of their photos, under all recipes."""
    for i in range(0, len(scan_ids), BATCH):
        batch = scan_ids[i : i + BATCH]
        locked = select(ScanRow.id).where(ScanRow.id.in_(batch)).order_by(ScanRow.id)
        session.execute(locked.with_for_update(key_share=True))
        reviews: dict[int, list[ReviewRow]] = defaultdict(list)
        for review in active_reviews(session, batch):
            reviews[review.scan_id].append(review)
        places, roles = drawn_places(session, batch), roles_on_scans(session, batch)
        query = select(OutcomeRow.observation_id).where(OutcomeRow.scan_id.in_(batch)).distinct()
        for observation_id in list(session.scalars(query)):
            photos = photo_boxes(session, observation_id, batch)
            for scan_id, boxes in photos.items():
                _update(session, boxes, reviews[scan_id], places[scan_id], roles[scan_id])


def update_observation_consensus(session: Session, scan_id: int, observation_id: str) -> None:
    """Update the consensus of the photos of a scan that was analysed just now."""
    lock_scan(session, scan_id)
    reviews = active_reviews(session, [scan_id])
    places = drawn_places(session, [scan_id]).get(scan_id, [])
    if reviews or places:
        photos = photo_boxes(session, observation_id, [scan_id])[scan_id]
        _update(session, photos, reviews, places, roles_on_scans(session, [scan_id])[scan_id])


def _update(
    session: Session,
    photos: Sequence[tuple[int, Box]],
    reviews: Sequence[ReviewRow],
    places: Sequence[DrawnPlace],
    roles: Mapping[str, Role],
) -> None:
    by_photo = match_reviews(reviews, photos)
    ids = [photo_id for photo_id, _ in photos]
    answers = {photo_id: _timed(of_photo) for photo_id, of_photo in by_photo.items()}
    update_sampled_photos(session, photos, places, answers)
    # By the connection: the session would look through all reviews that it holds each time.
    connection = session.connection()
    connection.execute(delete(SettledAnswerRow).where(SettledAnswerRow.photo_id.in_(ids)))
    stored_rows = [
        {
            "photo_id": photo_id,
            "measure": measure,
            "shows": answer.shows,
            "codebook": answer.codebook,
        }
        for photo_id, of_photo in by_photo.items()
        for measure, answer in consensus_answers(coder_answers(of_photo), roles).items()
    ]
    if stored_rows:
        connection.execute(insert(SettledAnswerRow), stored_rows)


def _timed(reviews: Iterable[ReviewRow]) -> list[TimedAnswer]:
    return [
        TimedAnswer(answer, review.created_at)
        for review in reviews
        for answer in coder_answers([review])
    ]


def photo_answers(
    session: Session, observation_id: str, scan_ids: Sequence[int], coder: str | None = None
) -> dict[int, list[CoderAnswer]]:
    """Return the answers of coders for the photos of scans, by photo.

    Args:
        observation_id: The observe part of the recipe whose photos the reviews are matched with.
        coder: The only coder; None: all.
    """
    answers: dict[int, list[CoderAnswer]] = {}
    for i in range(0, len(scan_ids), BATCH):
        reviews = _reviews_by_scan(session, scan_ids[i : i + BATCH], coder)
        for scan_id, photos in photo_boxes(session, observation_id, reviews).items():
            for photo_id, of_photo in match_reviews(reviews[scan_id], photos).items():
                answers[photo_id] = coder_answers(of_photo)
    return answers


def _reviews_by_scan(
    session: Session, scan_ids: Collection[int], coder: str | None
) -> dict[int, list[ActiveReview]]:
    """Return the active reviews of scans, by scan: as columns, since they are thousands."""
    active = ReviewRow.withdrawn_at.is_(None)
    conditions: list[ColumnElement[bool]] = [active, ReviewRow.scan_id.in_(scan_ids)]
    if coder is not None:
        conditions.append(ReviewRow.coder == coder)
    connection = session.connection()
    answers: dict[int, list[StoredAnswer]] = defaultdict(list)
    query = select(ReviewAnswerRow.review_id, ReviewAnswerRow.measure, ReviewAnswerRow.shows)
    query = (
        query.join(ReviewRow)
        .where(*conditions)
        .order_by(ReviewAnswerRow.review_id, ReviewAnswerRow.measure)
    )
    for review_id, measure, shows in connection.execute(query):
        answers[review_id].append(StoredAnswer(measure, shows))
    names = [one.name for one in fields(ActiveReview) if one.name != "answers"]
    columns = [getattr(ReviewRow, name) for name in names]
    reviews: dict[int, list[ActiveReview]] = defaultdict(list)
    for row in connection.execute(select(*columns).where(*conditions).order_by(ReviewRow.id)):
        review = ActiveReview(**dict(zip(names, row, strict=True)), answers=answers[row[0]])
        reviews[review.scan_id].append(review)
    return reviews


def active_reviews(
    session: Session, scan_ids: Iterable[int], *, withdrawn: bool = False
) -> list[ReviewRow]:
    """Return the reviews of scans in the order of their ids; withdrawn ones on request."""
    query = select(ReviewRow).where(ReviewRow.scan_id.in_(list(scan_ids))).order_by(ReviewRow.id)
    if not withdrawn:
        query = query.where(ReviewRow.withdrawn_at.is_(None))
    return list(session.scalars(query.options(selectinload(ReviewRow.answers))))


def photo_boxes(
    session: Session, observation_id: str, scan_ids: Collection[int]
) -> dict[int, list[tuple[int, Box]]]:
    """Return the photos of scans under a recipe's ``observation_id``, by scan.

    Each is its id and its box in shares of the page.
    """
    query = (
        select(
            OutcomeRow.scan_id, PhotoRow.id, PhotoRow.x0, PhotoRow.y0, PhotoRow.x1, PhotoRow.y1,
            OutcomeRow.width, OutcomeRow.height,
        )
        .join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
        .where(OutcomeRow.observation_id == observation_id, OutcomeRow.scan_id.in_(scan_ids))
        .order_by(PhotoRow.id)
    )  # fmt: skip
    boxes: dict[int, list[tuple[int, Box]]] = defaultdict(list)
    for scan_id, photo_id, x0, y0, x1, y1, width, height in session.connection().execute(query):
        box = Box(x0, y0, x1, y1).in_shares((width or 1, height or 1))
        boxes[scan_id].append((photo_id, box))
    return boxes


def match_reviews(
    reviews: Iterable[AnyReview], photos: Sequence[tuple[int, Box]]
) -> dict[int, list[AnyReview]]:
    """Return the reviews of each photo of one page, by the photo's id.

    Args:
        reviews: Of the page's scan.
        photos: From ``photo_boxes``.
    """
    by_photo: dict[int, list[AnyReview]] = defaultdict(list)
    boxes = [box for _, box in photos]
    for review in reviews:
        index = nearest_photo(Box(review.x0, review.y0, review.x1, review.y1), boxes)
        if index is not None:
            by_photo[photos[index][0]].append(review)
    return dict(by_photo)


def photos_of(session: Session, observation_id: str, rows: Iterable[AnyReview]) -> dict[int, int]:
    """Return the photo that each row is about under a recipe, by the id of the row."""
    by_scan: dict[int, list[AnyReview]] = defaultdict(list)
    for row in rows:
        by_scan[row.scan_id].append(row)
    boxes = photo_boxes(session, observation_id, list(by_scan))
    return {
        row.id: photo_id
        for scan_id, of_scan in by_scan.items()
        for photo_id, of_photo in match_reviews(of_scan, boxes.get(scan_id, [])).items()
        for row in of_photo
    }


def answers_by(codebook: str, answers: Iterable[CoderAnswer]) -> list[CoderAnswer]:
    """Return the answers that follow the entries of a codebook."""
    return [one for one in answers if one.codebook == entry_version(codebook, one.measure)]


def coder_answers(reviews: Iterable[ReviewRow] | Iterable[ActiveReview]) -> list[CoderAnswer]:
    """Return the answers of reviews, one by one."""
    return [
        CoderAnswer(
            review.id,
            review.coder,
            measure,
            shows,
            review.adjudicates,
            entry_version(review.codebook, measure),
            review.codebook,
        )
        for review in reviews
        for measure, shows in ((answer.measure, answer.shows) for answer in review.answers)
    ]
