"""A page as a recipe has observed it, with the photos that people have removed and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from presslens.app.db.edits import EditRow
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.app.services.catalogue.page_checks import review_rows, statement_of
from presslens.models.geometry import Box
from presslens.pipelines.result import Moment, Served
from presslens.pipelines.statistics.page_places import (
    EffectivePhoto,
    PageStatement,
    PlaceCount,
    effective_photos,
    place_counts,
    same_box,
)

DIGITS = 3
"""Digits after the point of a drawn box, in pixels."""


@dataclass(frozen=True, eq=False)
class CorrectedPage:
    """A scan as one recipe has observed it, and what people say of its photos."""

    outcome: OutcomeRow  # its outcome, which has a width and a height
    # The photos that the machine has found, on the page or removed, in reading order.
    detected: Sequence[PhotoRow]
    drawn: list[PhotoRow]  # the photos that people have drawn, on the page or removed, by position
    reviews: Sequence[PageReviewRow]  # the page reviews that are not withdrawn, the earliest first

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the page, in pixels."""
        return self.outcome.size

    @property
    def two_editions(self) -> bool:
        """Whether somebody says that the scan shows pages of two editions."""
        return any(review.two_editions for review in self.reviews)

    @cached_property
    def detected_boxes(self) -> list[Box]:
        """The boxes of the found photos, in shares of the page."""
        return [self.in_shares(photo.box) for photo in self.detected]

    @cached_property
    def statements(self) -> list[PageStatement]:
        """What the reviews say."""
        return [statement_of(review) for review in self.reviews]

    @cached_property
    def places(self) -> list[PlaceCount]:
        """The places with statements."""
        return place_counts(self.detected_boxes, self.statements)

    @cached_property
    def effective(self) -> list[EffectivePhoto]:
        """The photos of the page as they count, two editions or not."""
        return effective_photos(self.detected_boxes, self.statements)

    @property
    def standing(self) -> list[PhotoRow]:
        """The rows of the photos that are on the page, in reading order."""
        return [row for row in (*self.detected, *self.drawn) if row.outcome_id is not None]

    def photo_of(self, row: PhotoRow) -> EffectivePhoto | None:
        """Return a row's photo as it counts; None for a photo that does not count."""
        for photo in self.effective:
            if photo.detected is None:
                if row.by_hand and self.in_pixels(photo.box) == row.box:
                    return photo
            elif self.detected[photo.detected] is row:
                return photo
        return None

    def in_shares(self, box: Box) -> Box:
        """Return a box of page pixels in shares of the page."""
        return box.in_shares(self.size)

    def in_pixels(self, box: Box) -> Box:
        """Return a box in shares of the page in page pixels."""
        return Box(*(round(side, DIGITS) for side in box.scaled(*self.size).corners().values()))


def load_page(session: Session, outcome: OutcomeRow) -> CorrectedPage:
    """Return a scan as it was observed, which has a size, and what people say of its photos."""
    photos = session.scalars(
        select(PhotoRow)
        .where(or_(PhotoRow.outcome_id == outcome.id, PhotoRow.removed_from_id == outcome.id))
        .order_by(PhotoRow.position, PhotoRow.id)
    ).all()
    reviews = session.scalars(
        review_rows([outcome.scan_id]).where(PageReviewRow.withdrawn_at.is_(None))
    ).all()
    return CorrectedPage(
        outcome,
        [photo for photo in photos if not photo.by_hand],
        [photo for photo in photos if photo.by_hand],
        reviews,
    )


@dataclass(frozen=True, slots=True)
class Removal(Served):
    """A removed photo: its id, its box in page pixels, who has removed it, when, by which edit."""

    SERVED: ClassVar[str] = "id=photo_id box coder at edit=edit_id"

    photo_id: int
    box: Box
    coder: str
    at: Moment
    edit_id: int | None


def removals(page: CorrectedPage) -> list[Removal]:
    """Return the photos that the machine has found and people have removed, in reading order."""
    gone = [row for row in page.detected if row.outcome_id is None]
    return [removal for row in gone if (removal := _removal(row, _remover(page, row)))]


def who_removed(session: Session, page: CorrectedPage, row: PhotoRow) -> Removal | None:
    """Return who has removed a photo, a drawn one too; None if that is not known."""
    if not row.by_hand:
        return _removal(row, _remover(page, row))
    reviews = session.scalars(review_rows([page.outcome.scan_id])).all()
    for review in reversed(reviews):
        for mark in statement_of(review).marks:
            if not any(page.in_pixels(box) == row.box for box in mark.boxes or ()):
                continue
            edit = session.get(EditRow, review.edit_id) if review.edit_id else None
            if review.withdrawn_at is not None:
                name = (edit.undone_by if edit else None) or review.coder
                return Removal(row.id, row.box, name, review.withdrawn_at, review.edit_id)
            return _removal(row, _decider(page, mark.box))
    return None


def _removal(row: PhotoRow, review: PageReviewRow | None) -> Removal | None:
    if review is None:
        return None
    return Removal(row.id, row.box, review.coder, review.created_at, review.edit_id)


def _remover(page: CorrectedPage, row: PhotoRow) -> PageReviewRow | None:
    """Return the review that has removed a found photo."""
    if page.two_editions:
        return next(review for review in reversed(page.reviews) if review.two_editions)
    index = page.detected.index(row)
    place = next((place for place in page.places if index in place.detected), None)
    return page.reviews[place.statement] if place and place.statement is not None else None


def _decider(page: CorrectedPage, box: Box) -> PageReviewRow | None:
    """Return the review that decides a place."""
    place = next((place for place in page.places if same_box(place.box, box)), None)
    return page.reviews[place.statement] if place and place.statement is not None else None
