"""People correct which photos a page has: they draw, move, remove, split and join them.

Each change is a page review: the machine's photos stay, and what people say decides which of them
are on the page. Compositions, statistics and exports follow at once.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, ClassVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from presslens.app.db.edits import UNNAMED, Action, Author, EditRow, add_edit
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.analysis.summarise import refresh_editions
from presslens.app.services.catalogue.corrected_page import CorrectedPage, load_page, who_removed
from presslens.app.services.corrections.annotated_photos import same_pixels
from presslens.app.services.corrections.photo_marks import PhotoMarks, settles
from presslens.app.services.reviews.consensus import lock_scan
from presslens.app.services.reviews.page_photos import apply_page_reviews, printed_in
from presslens.app.services.reviews.page_reviews import mark_rows
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.page_places import EffectivePhoto, PageMark, same_box
from presslens.pipelines.statistics.photo_matching import nearest_photo

SMALLEST_SIDE = 8
"""A photo is at least so many pixels wide and high: smaller ones show nothing."""

MOST_PARTS = 100
"""Largest number of photos that one is split into, or that are joined."""


@dataclass(frozen=True, slots=True)
class ChangedPhotos(Served):
    """A page whose photos a person has changed."""

    SERVED: ClassVar[str] = """
        edit=edit_id page=page_id made=made_addresses disputed photos=served_photos
    """

    edit_id: int
    page_id: int
    # Its photos now, in reading order: id, box in page pixels, whether drawn by hand.
    photos: tuple[tuple[int, Box, bool], ...]
    made: tuple[int, ...]  # ids of the photos that the change has put on the page
    disputed: bool  # whether coders disagree on the place still
    addresses: Mapping[int, int]  # the address of each photo, by its id

    @property
    def made_addresses(self) -> list[int]:
        """Addresses of the photos that were made."""
        return [self.addresses[photo_id] for photo_id in self.made]

    @property
    def served_photos(self) -> list[dict[str, Any]]:
        """The photos of the page now."""
        return [
            {"id": self.addresses[photo_id], "box": box.to_list(), "by_hand": by_hand}
            for photo_id, box, by_hand in self.photos
        ]


def draw_photo(
    home: Installation, page_id: int, box: Box, *, coder: str | None, now: datetime
) -> ChangedPhotos:
    """Draw a photo that was missed.

    Args:
        box: The photo, in page pixels.
        coder: Who draws it; None: nobody gave a name.

    Raises:
        NotFound: There is no such page.
        InvalidRequest: The page was not analysed, or the box is none on the page.
        Conflict: There is a photo already.
    """
    with home.database.write() as session:
        row = session.get(PageRow, page_id)
        if row is None:
            raise NotFound.saying("there is no such page")
        page = _page_of(session, row, home.recipe)
        _check_box(page, box)
        there = nearest_photo(box, [photo.box for photo in page.standing])
        if there is not None:
            photo = page.standing[there]
            raise Conflict.saying(
                "photo %(photo)s is there already%(by)s: move it, or split it",
                photo=photo.frame_id,
                by=_drawn_by(page, photo),
            )
        marks = PhotoMarks(page)
        marks.add(page.in_shares(box))
        text = Message("page %(page)s: drew a photo that was missed", page=row.number)
        by, target = Author(coder, home.recipe.codebook, now), ("page", page_id)
        changed = _store(session, by, row, page, marks, target, text)
    return _refreshed(home, changed)


def move_photo(
    home: Installation, photo_id: int, box: Box, *, coder: str | None, now: datetime
) -> ChangedPhotos:
    """Put the box of a photo right; for arguments and errors, see ``split_photo``."""
    text = Message("page %(page)s: moved the box of a photo")
    return _replace(home, photo_id, [box], text, coder=coder, now=now)


def remove_photo(
    home: Installation, photo_id: int, *, coder: str | None, now: datetime
) -> ChangedPhotos:
    """Say that a photo is none; for arguments and errors, see ``split_photo``."""
    text = Message("page %(page)s: what was taken for a photo is none")
    return _replace(home, photo_id, [], text, coder=coder, now=now)


def split_photo(
    home: Installation,
    photo_id: int,
    boxes: Sequence[Box],
    *,
    coder: str | None,
    now: datetime,
) -> ChangedPhotos:
    """Say that a photo is several.

    Args:
        photo_id: The photo as its coder sees it, under today's recipe: its id, and not its address.
        boxes: The photos that it is, in page pixels.
        coder: Who says so; None: nobody gave a name.

    Raises:
        NotFound: There is no such photo under the recipe.
        InvalidRequest: A box is none on the page, or a photo's already.
        Conflict: Somebody has changed the photo meanwhile.
    """
    if not 2 <= len(boxes) <= MOST_PARTS:
        raise InvalidRequest.saying("a photo is split into 2 to %(most)s boxes", most=MOST_PARTS)
    text = Message("page %(page)s: split a photo into %(parts)s")
    return _replace(home, photo_id, boxes, text, coder=coder, now=now)


def join_photos(
    home: Installation,
    photo_id: int,
    others: Collection[int],
    *,
    coder: str | None,
    now: datetime,
) -> ChangedPhotos:
    """Say that several photos of a page are one, which takes the box around all.

    Args:
        photo_id: A photo, under today's recipe.
        coder: Who says so; None: nobody gave a name.

    Raises:
        NotFound: There is no such photo under the recipe.
        InvalidRequest: There are no others, or not on the same page.
        Conflict: Somebody has changed one of the photos meanwhile.
    """
    ids = dict.fromkeys(others)
    ids.pop(photo_id, None)
    if not 1 <= len(ids) < MOST_PARTS:
        raise InvalidRequest.saying(
            "a photo is joined with 1 to %(most)s others", most=MOST_PARTS - 1
        )
    with home.database.write() as session:
        row, page = _photo(session, photo_id, home.recipe)
        rows = {one.id: one for one in (*page.detected, *page.drawn)}
        if missing := sorted(ids.keys() - rows):
            raise InvalidRequest.saying(
                "photo %(photo)s is not on the page of photo %(other)s",
                photo=missing[0],
                other=photo_id,
            )
        every = [row, *(rows[one] for one in ids)]
        photos = [_there(session, page, one) for one in every]
        box = reduce(Box.union, (one.box for one in every))
        _check_box(page, box, but=every)
        marks = PhotoMarks(page)
        marks.replace(photos[0], [page.in_shares(box)])
        for photo in photos[1:]:
            marks.replace(photo, [])
        on = _first_page(session, page.outcome.scan_id)
        text = Message(
            "page %(page)s: joined %(photos)s", page=on.number, photos=counted(len(every), "photo")
        )
        by, target = Author(coder, home.recipe.codebook, now), ("photo", row.frame_id)
        changed = _store(session, by, on, page, marks, target, text)
    return _refreshed(home, changed)


def check_seen(home: Installation, photo_id: int, box: Box) -> None:
    """Check that a photo has the box that was shown to whoever is to change it.

    Args:
        box: The box, in page pixels.

    Raises:
        NotFound: There is no such photo under the recipe.
        Conflict: Somebody has moved it meanwhile, or taken it off its page.
    """
    with home.database.read() as session:
        row, page = _photo(session, photo_id, home.recipe)
        if row.outcome_id is None or not same_pixels(row.box, box):
            raise _changed_by(session, page, row)


_Changed = tuple[ChangedPhotos, list[int]]
"""A changed page, and the editions that print it."""


def _replace(
    home: Installation,
    photo_id: int,
    boxes: Sequence[Box],
    template: Message,
    *,
    coder: str | None,
    now: datetime,
) -> ChangedPhotos:
    with home.database.write() as session:
        row, page = _photo(session, photo_id, home.recipe)
        photo = _there(session, page, row)
        for i, box in enumerate(boxes):
            _check_box(page, box, but=[row] if len(boxes) > 1 else [])
            if any(same_pixels(box, other) for other in boxes[:i]):
                raise InvalidRequest.saying("two of the boxes are the same")
        marks = PhotoMarks(page)
        marks.replace(photo, [page.in_shares(box) for box in boxes])
        on = _first_page(session, page.outcome.scan_id)
        by, target = Author(coder, home.recipe.codebook, now), ("photo", row.frame_id)
        parts = {"parts": len(boxes)} if len(boxes) > 1 else {}
        text = Message(template, page=on.number, **parts)
        changed = _store(session, by, on, page, marks, target, text)
    return _refreshed(home, changed)


def _refreshed(home: Installation, changed: _Changed) -> ChangedPhotos:
    page, editions = changed
    refresh_editions(home, editions)
    return page


def _store(
    session: Session,
    by: Author,
    row: PageRow,
    page: CorrectedPage,
    made: PhotoMarks,
    target: tuple[str, int],
    text: Message,
) -> _Changed:
    """Store a change as a page review and an edit, and make the photos follow."""
    name, marks, scan_id = by.coder or UNNAMED, made.marks(), page.outcome.scan_id
    edit = add_edit(session, by, Action.CHANGE_PHOTOS, target, text, edition_id=row.edition_id)
    session.add(
        PageReviewRow(
            scan_id=scan_id,
            coder=name,
            codebook=by.codebook,
            checked=False,
            adjudicates=settles(page, name, marks),
            created_at=by.now,
            edit_id=edit.id,
            marks=mark_rows(marks),
        )
    )
    session.flush()
    before = {one.id for one in page.standing}
    apply_page_reviews(session, scan_id)
    after = load_page(session, page.outcome)
    return _changed_page(after, edit, row.id, marks, before), printed_in(session, [scan_id])


def _changed_page(
    page: CorrectedPage,
    edit: EditRow,
    page_id: int,
    marks: Sequence[PageMark],
    before: Collection[int],
) -> ChangedPhotos:
    rows = page.standing
    return ChangedPhotos(
        edit.id,
        page_id,
        tuple((row.id, row.box, row.by_hand) for row in rows),
        tuple(row.id for row in rows if row.id not in before),
        any(
            place.photos is None and any(same_box(place.box, mark.box) for mark in marks)
            for place in page.places
        ),
        {row.id: row.frame_id for row in rows},
    )


def _page_of(session: Session, row: PageRow, recipe: Recipe) -> CorrectedPage:
    """Lock the scan of a page, and return it as today's recipe has observed it."""
    if row.scan_id is None:
        raise InvalidRequest.saying("the page has no scan: its file was not readable")
    lock_scan(session, row.scan_id)
    outcome = session.scalars(
        select(OutcomeRow).filter_by(scan_id=row.scan_id, observation_id=recipe.observation_id)
    ).one_or_none()
    if outcome is None or outcome.width is None:
        raise InvalidRequest.saying("the page was not analysed yet: there is nothing to correct")
    return _one_edition(load_page(session, outcome))


def _photo(session: Session, photo_id: int, recipe: Recipe) -> tuple[PhotoRow, CorrectedPage]:
    """Lock the scan of a photo, on its page or removed, and return both."""
    query = (
        select(OutcomeRow)
        .join(
            PhotoRow,
            or_(PhotoRow.outcome_id == OutcomeRow.id, PhotoRow.removed_from_id == OutcomeRow.id),
        )
        .where(PhotoRow.id == photo_id, OutcomeRow.observation_id == recipe.observation_id)
    )
    outcome = session.scalars(query).one_or_none()
    if outcome is None:
        raise NotFound.saying("there is no such photo")
    lock_scan(session, outcome.scan_id)
    page = load_page(session, outcome)
    row = next(one for one in (*page.detected, *page.drawn) if one.id == photo_id)
    return row, page


def _there(session: Session, page: CorrectedPage, row: PhotoRow) -> EffectivePhoto:
    """Return a row's photo as it counts.

    Raises:
        Conflict: Somebody has changed it meanwhile.
    """
    photo = page.photo_of(row) if row.outcome_id is not None else None
    if photo is not None:
        return photo
    raise _changed_by(session, page, row)


def _changed_by(session: Session, page: CorrectedPage, row: PhotoRow) -> Conflict:
    """Return the error of a photo that somebody has changed, or whose frame's box was moved."""
    before = next((one for one in page.detected if one.frame_id == row.frame_id), row)
    removal = who_removed(session, page, before)
    return Conflict.saying(
        "photo %(photo)s was changed by %(coder)s on %(time)s;"
        " the photos of the page are %(photos)s now",
        photo=row.frame_id,
        coder=removal.coder if removal else UNNAMED,
        time=f"{removal.at:%Y-%m-%d %H:%M} UTC" if removal else "?",
        photos=", ".join(str(one.frame_id) for one in page.standing) or "none",
    )


def _one_edition(page: CorrectedPage) -> CorrectedPage:
    if page.two_editions:
        raise Conflict.saying(
            "somebody says that this page is of two editions, so that none of its photos count:"
            " undo that first"
        )
    return page


def _check_box(page: CorrectedPage, box: Box, *, but: Collection[PhotoRow] = ()) -> None:
    """Check a box that is to be a photo's.

    Raises:
        InvalidRequest: It is none on the page, or another photo's already.
    """
    width, height = page.size
    corners = box.x0, box.y0, box.x1, box.y1
    inside = 0 <= box.x0 < box.x1 <= width and 0 <= box.y0 < box.y1 <= height
    if not all(map(math.isfinite, corners)) or not inside:
        raise InvalidRequest.saying(
            "a box is x0, y0, x1, y1 in pixels of the page, from 0 to %(width)s and %(height)s",
            width=width,
            height=height,
        )
    if min(box.width, box.height) < SMALLEST_SIDE:
        raise InvalidRequest.saying(
            "a photo is %(least)s pixels wide and high at least",
            least=SMALLEST_SIDE,
        )
    for row in page.standing:
        if row not in but and same_pixels(row.box, box):
            raise InvalidRequest.saying("photo %(photo)s has this box already", photo=row.frame_id)


def _drawn_by(page: CorrectedPage, row: PhotoRow) -> str:
    """Return who has drawn a photo, in brackets; "" for a found one."""
    photo = page.photo_of(row) if row.by_hand else None
    if photo is None or photo.place is None or photo.place.statement is None:
        return ""
    review = page.reviews[photo.place.statement]
    return f" ({review.coder}, {review.created_at:%Y-%m-%d %H:%M} UTC)"


def _first_page(session: Session, scan_id: int) -> PageRow:
    of_scan = select(PageRow).filter_by(scan_id=scan_id).order_by(PageRow.id).limit(1)
    page = session.scalars(of_scan).one_or_none()
    if page is None:
        raise NotFound.saying("no page prints this photo any more: its edition or page was deleted")
    return page
