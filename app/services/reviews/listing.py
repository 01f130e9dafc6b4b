"""Lists reviews, the latest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from presslens.app.db.queries import BATCH, Key, Listing, every, paginate
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.catalogue.photo_address import frame_ids
from presslens.app.services.reviews.agreement import reviewed_photo_ids
from presslens.app.services.reviews.documents import ReviewState
from presslens.app.services.reviews.reviews import review_state
from presslens.app.services.samples.sampled_photos import drawn_measures
from presslens.pipelines.statistics.measure import is_measure


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """A selection of reviews; None means any."""

    coder: str | None = None  # the coder's name
    measure: str | None = None  # a measure that the review answers
    withdrawn: bool | None = None  # only withdrawn reviews, or only active ones


def list_reviews(
    home: Installation, criteria: ReviewFilter, *, limit: int, start: str | None = None
) -> Listing[ReviewState]:
    """Return reviews, the latest first.

    Args:
        limit: Largest number of reviews.
        start: The cursor of the listing before; None for the first one.

    Raises:
        InvalidRequest: The cursor is not one of this list, or there is no such measure.
    """
    query = select(ReviewRow).options(selectinload(ReviewRow.answers))
    if criteria.coder is not None:
        query = query.where(ReviewRow.coder == criteria.coder)
    if criteria.measure is not None:
        if not is_measure(criteria.measure):
            raise InvalidRequest(f"there is no measure {criteria.measure!r}")
        query = query.where(ReviewRow.answers.any(ReviewAnswerRow.measure == criteria.measure))
    if criteria.withdrawn is not None:
        withdrawn = ReviewRow.withdrawn_at.is_not(None)
        query = query.where(withdrawn if criteria.withdrawn else ~withdrawn)
    with home.database.read() as session:
        keys = [Key(ReviewRow.id, int)]
        page = paginate(session, query, keys, limit=limit, start=start, descending=True)
        rows = [row.ReviewRow for row in page.items]
        photo_ids = reviewed_photo_ids(session, home.recipe, rows)
        drawn = drawn_measures(session, list(photo_ids.values()))
        frames = frame_ids(session, photo_ids.values())
        reviews = [
            review_state(row, photo_id and frames[photo_id], drawn.get(photo_id or 0, ()))
            for row in rows
            for photo_id in (photo_ids.get(row.id),)
        ]
    return Listing(reviews, page.next_cursor)


def iterate_reviews(home: Installation, criteria: ReviewFilter) -> Iterator[ReviewState]:
    """Yield all selected reviews, the latest first."""
    return every(lambda start: list_reviews(home, criteria, limit=BATCH, start=start))
