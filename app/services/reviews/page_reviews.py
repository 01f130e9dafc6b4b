"""Page reviews: what people say of the photos found on a page. The machine's rows stay as they are.

A mark is a box and the number of printed photos in it: a found photo that is none, a found photo
that holds several, or a photo that was missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db.page_reviews import PageMarkRow, PageReviewRow
from app.db.tables import PageRow
from app.errors import Conflict, InvalidRequest, NotFound
from app.installation import Installation
from app.services.catalogue.page_checks import (
    drawn_scans,
    found_photos,
    review_rows,
    statement_of,
)
from app.services.reviews.consensus import lock_scan
from models.geometry import Box
from pipelines.statistics.count_estimates import PageCheck
from pipelines.statistics.page_checks import PageMark, page_check, place_counts

MOST_MARKS = 200
"""Largest number of marks of a review."""

MOST_IN_ONE = 100
"""Largest number of photos that a box may be said to hold."""


@dataclass(frozen=True, slots=True)
class GivenMark:
    """A mark as it is given: of a found photo, or of a box where none was found.

    Attributes:
        photos: How many printed photos it is: 0, it is none.
        photo_id: The found photo, under today's recipe; None: ``box`` is given.
        box: The box in shares of the page; None: a found photo is given.
    """

    photos: int
    photo_id: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class NewPageReview:
    """What a coder says of the photos of a page.

    Attributes:
        page_id: The page.
        coder: Name of the coder.
        marks: The marks.
        checked: The coder has looked through the whole page.
        adjudicates: The review decides what coders disagree on.
        note: A remark of the coder.
    """

    page_id: int
    coder: str
    marks: tuple[GivenMark, ...] = ()
    checked: bool = False
    adjudicates: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PageReviewState:
    """A stored page review; boxes of marks are in shares of the page."""

    id: int
    coder: str
    codebook: str
    checked: bool
    adjudicates: bool
    marks: tuple[PageMark, ...]
    note: str | None
    created_at: datetime
    withdrawn_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """Return the review as it is served."""
        return {
            "id": self.id,
            "coder": self.coder,
            "codebook": self.codebook,
            "checked": self.checked,
            "adjudicates": self.adjudicates,
            "marks": [{"box": _corners(m.box), "photos": m.photos} for m in self.marks],
            "note": self.note,
            "created_at": self.created_at.isoformat(),
            "withdrawn_at": self.withdrawn_at.isoformat() if self.withdrawn_at else None,
        }


@dataclass(frozen=True, slots=True)
class PageReviews:
    """The reviews of a page, and what they make of its count.

    Attributes:
        recipe_id: The recipe under which the photos were found.
        page_id: The page.
        found: Number of found photos; None if the page was not analysed.
        check: What the count takes from the reviews; None without any.
        disputed: Boxes at which coders disagree, in shares of the page.
        reviews: All reviews of the page, withdrawn ones too.
    """

    recipe_id: str
    page_id: int
    found: int | None
    check: PageCheck | None
    disputed: tuple[Box, ...]
    reviews: tuple[PageReviewState, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the reviews as they are served."""
        check = self.check
        return {
            "recipe": self.recipe_id,
            "page": self.page_id,
            "found": self.found,
            "checked": check is not None and check.whole,
            "no_photos": len(check.false) if check else 0,
            "added_photos": check.extra if check else 0,
            "photos": self.found + check.change
            if self.found is not None and check is not None and check.whole
            else None,
            "disputed": [_corners(box) for box in self.disputed],
            "reviews": [review.to_json() for review in self.reviews],
        }


def review_page(home: Installation, review: NewPageReview, *, now: datetime) -> int:
    """Store a page review and return its id; later marks of a place replace a coder's earlier ones.

    Raises:
        NotFound: There is no such page, or no such photo on it.
        InvalidRequest: The page was not analysed, or a mark says nothing or is not on the page.
    """
    if not review.marks and not review.checked:
        raise InvalidRequest("a page review marks something, or says that the page is checked")
    if len(review.marks) > MOST_MARKS:
        raise InvalidRequest(f"a page review has at most {MOST_MARKS} marks")
    with home.database.write() as session:
        scan_id = _scan_of(session, review.page_id)
        lock_scan(session, scan_id)
        found = found_photos(session, home.recipe.observation_id, [scan_id])
        if scan_id not in found:
            raise InvalidRequest("the page was not analysed yet: there is nothing to check")
        by_id = {photo.id: photo.box for photo in found[scan_id]}
        row = PageReviewRow(
            scan_id=scan_id,
            coder=review.coder,
            codebook=home.recipe.codebook,
            checked=review.checked,
            adjudicates=review.adjudicates,
            note=review.note or None,
            created_at=now,
            marks=[_mark_row(i, mark, by_id) for i, mark in enumerate(review.marks)],
        )
        session.add(row)
        session.flush()
        return row.id


def withdraw_page_review(
    home: Installation, review_id: int, *, coder: str | None = None, now: datetime
) -> int:
    """Withdraw a page review and return the id of its page's scan. Twice is the same as once.

    Args:
        home: The installation.
        review_id: The review.
        coder: The coder whose review it must be; None: anybody.
        now: The time.

    Raises:
        NotFound: There is no such review.
        Conflict: It is another coder's.
    """
    with home.database.write() as session:
        row = session.get(PageReviewRow, review_id)
        if row is None:
            raise NotFound("there is no such page review")
        if coder is not None and row.coder != coder:
            raise Conflict(f"page review {review_id} is by another coder")
        row.withdrawn_at = row.withdrawn_at or now
        return row.scan_id


def page_reviews(home: Installation, page_id: int) -> PageReviews:
    """Return the reviews of a page, and what they make of its count.

    Raises:
        NotFound: There is no such page.
    """
    with home.database.read() as session:
        scan_id = _scan_of(session, page_id)
        rows = session.scalars(review_rows([scan_id])).all()
        found = found_photos(session, home.recipe.observation_id, [scan_id]).get(scan_id)
        active = [statement_of(row) for row in rows if row.withdrawn_at is None]
        drawn = bool(drawn_scans(session, [scan_id]))
        check: PageCheck | None = None
        disputed: tuple[Box, ...] = ()
        if found is not None and active:
            boxes = [photo.box for photo in found]
            check = page_check(boxes, [photo.cell for photo in found], active, drawn=drawn)
            places = place_counts(boxes, active)
            disputed = tuple(place.box for place in places if place.photos is None)
        return PageReviews(
            home.recipe.id,
            page_id,
            None if found is None else len(found),
            check,
            disputed,
            tuple(_state(row) for row in rows),
        )


def _scan_of(session: Session, page_id: int) -> int:
    page = session.get(PageRow, page_id)
    if page is None:
        raise NotFound("there is no such page")
    if page.scan_id is None:
        raise InvalidRequest("the page has no scan: its file was not readable")
    return page.scan_id


def _mark_row(position: int, mark: GivenMark, found: Mapping[int, Box]) -> PageMarkRow:
    if (mark.photo_id is None) == (mark.box is None):
        raise InvalidRequest("a mark names a found photo or a box, and not both")
    if mark.photo_id is not None and mark.photo_id not in found:
        raise NotFound(f"there is no photo {mark.photo_id} on this page")
    box = found[mark.photo_id] if mark.photo_id is not None else mark.box
    if box is None or not (0 <= box.x0 < box.x1 <= 1 and 0 <= box.y0 < box.y1 <= 1):
        raise InvalidRequest("a box is x0, y0, x1, y1 in shares of the page, each from 0 to 1")
    if mark.photo_id is None and mark.photos < 1:
        raise InvalidRequest("a box where nothing was found holds a photo or more")
    if not 0 <= mark.photos <= MOST_IN_ONE:
        raise InvalidRequest(f"a box holds 0 to {MOST_IN_ONE} photos")
    return PageMarkRow(
        position=position, x0=box.x0, y0=box.y0, x1=box.x1, y1=box.y1, photos=mark.photos
    )


def _state(row: PageReviewRow) -> PageReviewState:
    marks = tuple(PageMark(mark.box, mark.photos) for mark in row.marks)
    return PageReviewState(
        row.id,
        row.coder,
        row.codebook,
        row.checked,
        row.adjudicates,
        marks,
        row.note,
        row.created_at,
        row.withdrawn_at,
    )


def _corners(box: Box) -> list[float]:
    return [round(side, 6) for side in (box.x0, box.y0, box.x1, box.y1)]
