"""People review the photos of a page: which are none or several, where some were missed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.edits import UNNAMED, Action, Author, EditRow, add_edit
from presslens.app.db.in_the_way import blocked_by
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.tables import (
    InterpretationRow,
    OutcomeRow,
    PageRow,
    PhotoFeaturesRow,
    PhotoRow,
)
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.analysis.summarise import refresh_editions
from presslens.app.services.catalogue.corrected_page import CorrectedPage, load_page
from presslens.app.services.catalogue.page_checks import detected_photos, page_mark, review_rows
from presslens.app.services.corrections.photo_marks import PhotoMarks
from presslens.app.services.reviews.consensus import lock_scan
from presslens.app.services.reviews.page_photos import apply_page_reviews, printed_in
from presslens.app.services.reviews.page_reviews import mark_rows, scan_of_page
from presslens.app.services.reviews.reviews import check_person
from presslens.models.geometry import Box
from presslens.models.message import Message, join_messages
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.page_places import PageMark, same_box

MOST_MARKS = 200
"""Largest number of marks of a review."""

SMALLEST_SHARE = 0.002
"""Shortest side of a box in shares of the page: below, there is no photo that anybody can see."""

MOST_IN_ONE = 100
"""Largest number of photos that a box may be said to hold."""


@dataclass(frozen=True, slots=True)
class MarkInput:
    """A mark as it is given: of a photo of the page, or of a box where none was found."""

    photos: int  # how many printed photos it is: 0, it is none
    photo_id: int | None = None  # the photo, under today's recipe; None: ``box`` is given
    box: Box | None = None  # the box in shares of the page; None: a photo is given
    # These photos, ``photos`` of them, in shares of the page: they take the stead of what is there;
    # None: they are counted, and nothing is drawn.
    boxes: tuple[Box, ...] | None = None


@dataclass(frozen=True, slots=True)
class NewPageReview:
    """What a coder says of the photos of a page."""

    page_id: int
    coder: str  # name of the coder
    marks: tuple[MarkInput, ...] = ()
    checked: bool = False  # the coder has looked through the whole page
    adjudicates: bool = False  # the review decides what coders disagree on
    note: str | None = None  # a remark of the coder
    # The page is of two editions, so that nothing of it is to be counted.
    two_editions: bool = False
    # The coder has seen what the machine has found, and nothing that others have drawn: of places
    # that the coder has not marked, the machine's photos are what is said.
    blind: bool = False


def review_page(home: Installation, review: NewPageReview, *, now: datetime) -> int:
    """Store a page review and return its id; later marks of a place replace a coder's earlier ones.

    Who has looked through the whole page agrees with the photos that people have drawn on it,
    unless they were not shown.

    Raises:
        NotFound: There is no such page, or no such photo on it.
        InvalidRequest: The page was not analysed, or a mark says nothing or is not on the page.
        Conflict: A marked photo was drawn by somebody, and is not on the page any more.
    """
    if not (review.marks or review.checked or review.two_editions):
        raise InvalidRequest.saying(
            "a page review marks something, or says that the page is checked"
        )
    if len(review.marks) > MOST_MARKS:
        raise InvalidRequest.saying("a page review has at most %(most)s marks", most=MOST_MARKS)
    check_person(review.coder)
    with home.database.write() as session:
        scan_id = scan_of_page(session, review.page_id)
        row = session.get_one(PageRow, review.page_id)
        lock_scan(session, scan_id)
        page = _analysed(session, scan_id, home.recipe)
        marks = _marks(page, review)
        by, target = Author(review.coder, home.recipe.codebook, now), ("page", row.id)
        text, change = _sentence(row.number, review), {BLIND: True} if review.blind else None
        edit = add_edit(
            session, by, Action.REVIEW_PAGE, target, text, change, edition_id=row.edition_id
        )
        stored = PageReviewRow(
            scan_id=scan_id,
            coder=review.coder,
            codebook=home.recipe.codebook,
            checked=review.checked,
            adjudicates=review.adjudicates,
            two_editions=review.two_editions,
            note=review.note or None,
            created_at=now,
            edit_id=edit.id,
            marks=mark_rows(marks),
        )
        session.add(stored)
        session.flush()
        review_id, editions = stored.id, _applied(session, scan_id)
    refresh_editions(home, editions)
    return review_id


def withdraw_page_review(
    home: Installation, review_id: int, *, coder: str | None = None, now: datetime
) -> int:
    """Withdraw a page review and return the id of its page's scan. Twice is the same as once.

    Args:
        coder: The coder whose review it must be; None: anybody.

    Raises:
        NotFound: There is no such review.
        Conflict: It is another coder's, or a later review says anew what it has drawn.
    """
    editions: Collection[int] = ()
    with home.database.write() as session:
        row = session.get(PageReviewRow, review_id)
        if row is None:
            raise NotFound.saying("there is no such page review")
        if coder is not None and row.coder != coder:
            raise Conflict.saying(
                "page review %(review_id)s is by another coder", review_id=review_id
            )
        scan_id = row.scan_id
        if row.withdrawn_at is None:
            check_not_superseded(session, home.recipe, [row])
            row.withdrawn_at = now
            edit = session.get(EditRow, row.edit_id) if row.edit_id is not None else None
            alone = edit is not None and edit.action is not Action.ANNOTATE
            if edit is not None and alone and edit.undone_at is None:
                edit.undone_at, edit.undone_by = now, coder or UNNAMED
            session.flush()
            editions = _applied(session, scan_id)
    refresh_editions(home, editions)
    return scan_id


def undo_page_reviews(
    home: Installation, session: Session, edit: EditRow, now: datetime
) -> Collection[int]:
    """Withdraw the page reviews of an edit; return the editions whose photos have changed.

    Raises:
        Conflict: A later review says anew where the photos are that they have drawn.
    """
    rows = session.scalars(
        select(PageReviewRow).filter_by(edit_id=edit.id, withdrawn_at=None)
    ).all()
    check_not_superseded(session, home.recipe, rows)
    for row in rows:
        row.withdrawn_at = now
    session.flush()
    scans = sorted({row.scan_id for row in rows})
    return [edition for scan_id in scans for edition in _applied(session, scan_id)]


def _applied(session: Session, scan_id: int) -> Collection[int]:
    """Make the photos of a scan follow; return the editions that have to be summarised again."""
    if not apply_page_reviews(session, scan_id):
        return ()
    _check_observed(session, scan_id)
    return printed_in(session, [scan_id])


def _check_observed(session: Session, scan_id: int) -> None:
    """Check that no photo came back to a page of which nothing is known, for ever.

    Raises:
        Conflict: One did.
    """
    read = select(InterpretationRow.photo_id).where(InterpretationRow.photo_id == PhotoRow.id)
    features = select(PhotoFeaturesRow.photo_id).where(PhotoFeaturesRow.photo_id == PhotoRow.id)
    lost = (
        select(PhotoRow.id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(OutcomeRow.scan_id == scan_id, ~PhotoRow.by_hand)
        .where(~read.exists(), ~features.exists())
    )
    if session.scalar(lost.limit(1)) is not None:
        raise Conflict.saying(
            "a photo would come back that was removed before this archive was restored from a"
            " snapshot, which does not contain what the machine saw in it: draw the photo anew"
        )


def _analysed(session: Session, scan_id: int, recipe: Recipe) -> CorrectedPage:
    outcome = session.scalars(
        select(OutcomeRow).filter_by(scan_id=scan_id, observation_id=recipe.observation_id)
    ).one_or_none()
    if outcome is None or outcome.width is None:
        raise InvalidRequest.saying("the page was not analysed yet: there is nothing to check")
    return load_page(session, outcome)


def _marks(page: CorrectedPage, review: NewPageReview) -> list[PageMark]:
    """Return the marks of a review, with what its coder agrees to."""
    placed = PhotoMarks(page)
    given = [mark for one in review.marks if (mark := _mark(page, one, placed, review)) is not None]
    if review.checked and not review.blind:
        marked = [mark.box for mark in (*given, *placed.marks())]
        for place in page.places:
            if place.boxes is not None and not any(same_box(place.box, box) for box in marked):
                placed.keep(place)
    return [*given, *placed.marks()]


def _mark(
    page: CorrectedPage, mark: MarkInput, placed: PhotoMarks, review: NewPageReview
) -> PageMark | None:
    """Return a given mark; None for one of a drawn photo, which is added to ``placed``."""
    _check(mark, review)
    if mark.box is not None:
        return PageMark(mark.box, mark.photos, mark.boxes)
    for row, box in zip(page.detected, page.detected_boxes, strict=True):
        if row.id == mark.photo_id:
            return PageMark(box, mark.photos, mark.boxes)
    named = [row for row in page.drawn if mark.photo_id in (row.id, row.frame_id)]
    drawn = max(named, key=lambda row: row.outcome_id is not None, default=None)
    if drawn is None:
        raise NotFound.saying("there is no photo %(photo_id)s on this page", photo_id=mark.photo_id)
    photo = page.photo_of(drawn) if drawn.outcome_id is not None else None
    if photo is None:
        raise Conflict.saying(
            "photo %(photo_id)s is not on the page any more", photo_id=mark.photo_id
        )
    if mark.boxes is None and mark.photos > 1:
        raise InvalidRequest.saying(
            "photo %(photo_id)s was drawn by hand: draw the photos that it is",
            photo_id=mark.photo_id,
        )
    boxes = mark.boxes if mark.boxes is not None else (photo.box,) * mark.photos
    placed.replace(photo, boxes)
    return None


def _check(mark: MarkInput, review: NewPageReview) -> None:
    if (mark.photo_id is None) == (mark.box is None):
        raise InvalidRequest.saying("a mark names a found photo or a box, and not both")
    if not 0 <= mark.photos <= MOST_IN_ONE:
        raise InvalidRequest.saying("a box contains 0 to %(most)s photos", most=MOST_IN_ONE)
    boxes = mark.boxes or ()
    if not all(map(_on_page, boxes if mark.box is None else (mark.box, *boxes))):
        raise InvalidRequest.saying(
            "a box is x0, y0, x1, y1 in shares of the page, each from 0 to 1, and no dot"
        )
    if mark.photo_id is None and mark.photos < 1 and not review.adjudicates:
        raise InvalidRequest.saying("a box where nothing was found contains a photo or more")
    if mark.boxes is not None and len(boxes) != mark.photos:
        raise InvalidRequest.saying("a mark with boxes has as many of them as photos")
    if any(same_box(box, other) for i, box in enumerate(boxes) for other in boxes[:i]):
        raise InvalidRequest.saying("two boxes of a mark are the same")


def _on_page(box: Box) -> bool:
    sides = min(box.width, box.height)
    return box.x0 >= 0 and box.x1 <= 1 and box.y0 >= 0 and box.y1 <= 1 and sides >= SMALLEST_SHARE


def _sentence(page: int, review: NewPageReview) -> Message:
    """Return what a review says as a sentence of the log."""
    none = sum(mark.photos == 0 for mark in review.marks)
    parts = [Message("page %(page)s", page=page)]
    if none:
        parts.append(Message("no photo: %(n)s", n=none))
    if len(review.marks) > none:
        parts.append(Message("places marked: %(n)s", n=len(review.marks) - none))
    if review.checked:
        parts.append(Message("looked through"))
    if review.two_editions:
        parts.append(Message("of two editions: not counted"))
    return join_messages(parts, ", ")


BLIND = "blind"
"""In ``change`` of an edit: its coder has not seen what others had drawn, and so builds on none."""


def check_not_superseded(session: Session, recipe: Recipe, rows: Sequence[PageReviewRow]) -> None:
    """Check that no later review redraws photos that some reviews have drawn.

    Such a review was made on the page as they had left it, so that their photos would stay where
    it has them, and the removed ones away. One that only counts says so by itself.

    Args:
        recipe: The recipe, which says which photos were found.
        rows: The reviews that are to be withdrawn together.

    Raises:
        Conflict: One does; the message names the latest.
    """
    ids = {row.id for row in rows}
    scans = sorted({row.scan_id for row in rows})
    photos = detected_photos(session, recipe.observation_id, scans)
    later = review_rows(scans).where(
        PageReviewRow.withdrawn_at.is_(None), PageReviewRow.id > min(ids, default=0)
    )
    for other in reversed(session.scalars(later).all()):
        if other.id in ids:
            continue
        own = [photo.box for photo in photos.get(other.scan_id, ())]
        drawn_anew = _drawn(other, own)
        before = (row for row in rows if row.scan_id == other.scan_id and row.id < other.id)
        drawn = [box for row in before for box in _drawn(row, own)]
        restated = any(same_box(box, one) for box in drawn_anew for one in drawn)
        if restated and not _is_blind(session, other):
            raise _superseded_by(session, other)


def _drawn(row: PageReviewRow, own: Sequence[Box]) -> list[Box]:
    """Return the places whose photos a review has drawn, but for found ones that it leaves."""
    return [
        mark.box
        for mark in map(page_mark, row.marks)
        if mark.boxes is not None
        and not (_leaves(mark) and any(same_box(mark.box, box) for box in own))
    ]


def _leaves(mark: PageMark) -> bool:
    return mark.boxes is not None and len(mark.boxes) == 1 and same_box(mark.box, mark.boxes[0])


def _is_blind(session: Session, row: PageReviewRow) -> bool:
    edit = session.get(EditRow, row.edit_id) if row.edit_id is not None else None
    return edit is not None and bool(edit.change.get(BLIND))


def _superseded_by(session: Session, row: PageReviewRow) -> Conflict:
    edit = session.get(EditRow, row.edit_id) if row.edit_id is not None else None
    if edit is not None:
        return blocked_by(edit)
    return Conflict.saying(
        "page review %(review)s of %(coder)s says anew where these photos are: withdraw that first",
        review=row.id,
        coder=row.coder,
    )
