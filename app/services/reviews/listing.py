"""Lists reviews, the latest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.db import cursor
from app.db.reviews import ReviewAnswerRow, ReviewRow
from app.errors import InvalidRequest
from app.installation import Installation
from app.services.reviews.agreement import located
from app.services.reviews.reviews import ReviewState, review_state
from pipelines.statistics.measure import is_measure


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which reviews are wanted; None means any.

    Attributes:
        coder: By whom.
        measure: With an answer to this one.
        withdrawn: Those that are withdrawn, or those that are not.
    """

    coder: str | None = None
    measure: str | None = None
    withdrawn: bool | None = None


@dataclass(frozen=True, slots=True)
class ReviewList:
    """Some reviews, and the cursor of the next ones."""

    reviews: list[ReviewState]
    next_cursor: str | None


def list_reviews(
    home: Installation, wanted: ReviewFilter, *, limit: int, start: str | None = None
) -> ReviewList:
    """Return reviews, the latest first.

    Args:
        home: The installation.
        wanted: Which ones.
        limit: At most so many.
        start: The cursor that the list before gave.

    Raises:
        InvalidRequest: The cursor is not one of this list, or there is no such measure.
    """
    query = select(ReviewRow).order_by(ReviewRow.id.desc()).options(selectinload(ReviewRow.answers))
    if wanted.coder is not None:
        query = query.where(ReviewRow.coder == wanted.coder)
    if wanted.measure is not None:
        if not is_measure(wanted.measure):
            raise InvalidRequest(f"there is no measure {wanted.measure!r}")
        query = query.where(ReviewRow.answers.any(ReviewAnswerRow.measure == wanted.measure))
    if wanted.withdrawn is not None:
        gone = ReviewRow.withdrawn_at.is_not(None)
        query = query.where(gone if wanted.withdrawn else ~gone)
    if start is not None:
        query = query.where(
            cursor.after([ReviewRow.id.expression], cursor.decode(start, [int]), descending=True)
        )
    with home.database.read() as session:
        rows = list(session.scalars(query.limit(limit + 1)))
        more, rows = len(rows) > limit, rows[:limit]
        photos = located(session, home.recipe, rows)
        reviews = [review_state(row, photos.get(row.id)) for row in rows]
    return ReviewList(reviews, cursor.encode([rows[-1].id]) if more else None)


def iterate_reviews(home: Installation, wanted: ReviewFilter) -> Iterator[ReviewState]:
    """Yield all reviews that are wanted."""
    start = None
    while True:
        found = list_reviews(home, wanted, limit=500, start=start)
        yield from found.reviews
        if (start := found.next_cursor) is None:
            return
