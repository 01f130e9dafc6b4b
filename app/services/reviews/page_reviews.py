"""Page reviews as results: what people say of the photos of a page, and what counts make of it.

A mark is a place and the number of printed photos in it: a found photo that is none, a found photo
that holds several, or a photo that was missed; and their boxes, where they were drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from presslens.app.db.page_reviews import PageMarkRow, PageReviewRow
from presslens.app.db.tables import PageRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.catalogue.page_checks import (
    detected_photos,
    drawn_scans,
    page_mark,
    review_rows,
    statement_of,
)
from presslens.models.geometry import Box
from presslens.pipelines.result import Moment, Served
from presslens.pipelines.statistics.count_estimates import PageCheck
from presslens.pipelines.statistics.page_places import PageMark, page_check, place_counts


@dataclass(frozen=True, slots=True)
class PageReviewState(Served):
    """A stored page review; boxes of marks are in shares of the page."""

    SERVED: ClassVar[str] = """
        id edit=edit_id coder codebook checked adjudicates two_editions marks=served_marks
        note created_at withdrawn_at
    """

    id: int
    coder: str
    codebook: str
    checked: bool
    adjudicates: bool
    marks: tuple[PageMark, ...]
    note: str | None
    created_at: Moment
    withdrawn_at: Moment | None
    two_editions: bool = False
    edit_id: int | None = None

    @property
    def served_marks(self) -> list[dict[str, Any]]:
        """The marks: boxes in shares of the page."""
        return [_mark(mark) for mark in self.marks]


@dataclass(frozen=True, slots=True)
class PageReviews(Served):
    """The reviews of a page, and what they make of its count."""

    SERVED: ClassVar[str] = """
        recipe=recipe_id page=page_id found checked no_photos added_photos photos
        two_editions disputed=disputed_boxes reviews
    """

    recipe_id: str  # the recipe under which the photos were found
    page_id: int
    # Number of photos that the machine has found; None if the page was not analysed.
    found: int | None
    check: PageCheck | None  # what the count takes from the reviews; None without any
    disputed: tuple[Box, ...]  # boxes at which coders disagree, in shares of the page
    reviews: tuple[PageReviewState, ...]  # all reviews of the page, withdrawn ones too
    # Somebody says that the page is of two editions, so that it is not counted.
    two_editions: bool = False

    @property
    def checked(self) -> bool:
        """Whether the whole page was looked through."""
        return self.check is not None and self.check.whole

    @property
    def no_photos(self) -> int:
        """Found photos that are none."""
        return len(self.check.false) if self.check else 0

    @property
    def added_photos(self) -> int:
        """Photos that were missed."""
        return self.check.extra if self.check else 0

    @property
    def photos(self) -> int | None:
        """Number of photos, where the whole page was checked."""
        if self.found is None or self.check is None or not self.check.whole:
            return None
        return self.found + self.check.correction

    @property
    def disputed_boxes(self) -> list[list[float]]:
        """Boxes at which coders disagree, in shares of the page."""
        return [_corners(box) for box in self.disputed]


def page_reviews(home: Installation, page_id: int) -> PageReviews:
    """Return the reviews of a page, and what they make of its count.

    Raises:
        NotFound: There is no such page.
    """
    with home.database.read() as session:
        scan_id = scan_of_page(session, page_id)
        rows = session.scalars(review_rows([scan_id])).all()
        photos = detected_photos(session, home.recipe.observation_id, [scan_id]).get(scan_id)
        active = [statement_of(row) for row in rows if row.withdrawn_at is None]
        drawn = bool(drawn_scans(session, [scan_id]))
        check: PageCheck | None = None
        disputed: tuple[Box, ...] = ()
        if photos is not None and active:
            boxes = [photo.box for photo in photos]
            check = page_check(boxes, [photo.cell for photo in photos], active, drawn=drawn)
            places = place_counts(boxes, active)
            disputed = tuple(place.box for place in places if place.photos is None)
        return PageReviews(
            home.recipe.id,
            page_id,
            None if photos is None else len(photos),
            check,
            disputed,
            tuple(_state(row) for row in rows),
            any(row.two_editions for row in rows if row.withdrawn_at is None),
        )


def scan_of_page(session: Session, page_id: int) -> int:
    """Return the id of a page's scan.

    Raises:
        NotFound: There is no such page.
        InvalidRequest: It has no scan.
    """
    page = session.get(PageRow, page_id)
    if page is None:
        raise NotFound.saying("there is no such page")
    if page.scan_id is None:
        raise InvalidRequest.saying("the page has no scan: its file was not readable")
    return page.scan_id


def mark_rows(marks: Sequence[PageMark]) -> list[PageMarkRow]:
    """Return the rows of the marks of a page review."""
    return [
        PageMarkRow(
            position=i,
            **asdict(mark.box),
            photos=mark.photos,
            boxes=None if mark.boxes is None else [list(astuple(box)) for box in mark.boxes],
        )
        for i, mark in enumerate(marks)
    ]


def _state(row: PageReviewRow) -> PageReviewState:
    return PageReviewState.from_attributes(row, marks=tuple(map(page_mark, row.marks)))


def _mark(mark: PageMark) -> dict[str, Any]:
    drawn = None if mark.boxes is None else [_corners(box) for box in mark.boxes]
    return {"box": _corners(mark.box), "photos": mark.photos, "boxes": drawn}


def _corners(box: Box) -> list[float]:
    return [round(side, 6) for side in (box.x0, box.y0, box.x1, box.y1)]
