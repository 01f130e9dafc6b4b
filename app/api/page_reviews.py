"""Page reviews: what people say of the photos found on a page, and which were missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field, model_validator

from presslens.app.api import links
from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.coder import NamedCoder, QueryCoder
from presslens.app.api.given import Given, OneOf
from presslens.app.api.params import Home, Id
from presslens.app.api.reviews import LONGEST_NOTE
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.services.corrections.page_reviews import (
    MOST_IN_ONE,
    MOST_MARKS,
    MarkInput,
    NewPageReview,
    review_page,
    withdraw_page_review,
)
from presslens.app.services.reviews.page_reviews import PageReviews, page_reviews
from presslens.models.geometry import Box

router = APIRouter(tags=["reviews"], route_class=PermittedRoute)

Share = Annotated[float, Field(ge=0, le=1)]
BoxInShares = OneOf[tuple[Share, Share, Share, Share]]


class MarkOnPage(Given):
    """A found photo, or a box in shares of the page, and how many printed photos it is."""

    photo: int | None = Field(default=None, ge=1, le=2**31 - 1)
    box: BoxInShares | None = None
    photos: int = Field(
        ge=0, le=MOST_IN_ONE, description="0: no photo; 2 or more: several; 1: one missed here"
    )
    boxes: list[BoxInShares] | None = Field(
        default=None,
        max_length=MOST_IN_ONE,
        description="these photos, as many: they take the stead of what is there; null: counted,"
        " not drawn",
    )


class GivenPageReview(Given):
    """What a coder says of a page; ``checked``: of the whole page, its photos were counted."""

    coder: NamedCoder = Field(default_factory=str)
    marks: list[MarkOnPage] = Field(default=[], max_length=MOST_MARKS)
    checked: bool = False
    adjudicates: bool = False
    note: str | None = Field(default=None, max_length=LONGEST_NOTE)
    two_editions: bool = Field(
        default=False, description="the page is of two editions: nothing of it is counted"
    )
    blind: bool = Field(
        default=False,
        description="the coder has seen the machine's photos, and nothing that others have drawn",
    )

    @model_validator(mode="after")
    def _without_nul(self) -> GivenPageReview:
        if self.note is not None and "\0" in self.note:
            raise ValueError("a note has no NUL characters")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPageReview(PageReviews):
    """The reviews of a page after one more; ``edit`` is the edit by which that is undone."""

    edit: int | None


@router.get("/pages/{page_id}/reviews", operation_id="get_page_reviews")
@needs(Permission.READ)
def get_page_reviews(home: Home, page_id: Id) -> PageReviews:
    """Return the reviews of a page's photos, and what they make of its count."""
    return page_reviews(home, page_id)


@router.post(
    "/pages/{page_id}/reviews", status_code=201, operation_id="review_page", max_body_size=2**20
)
@needs(Permission.REVIEW)
def post_page_review(
    home: Home, page_id: Id, review: GivenPageReview, response: Response
) -> StoredPageReview:
    """Say which found photos of a page are none or several, and where photos were missed.

    A page that is ``checked`` has an exact count. Later marks replace the coder's earlier ones.
    """
    marks = tuple(
        MarkInput(
            mark.photos,
            mark.photo,
            None if mark.box is None else Box(*mark.box),
            None if mark.boxes is None else tuple(Box(*box) for box in mark.boxes),
        )
        for mark in review.marks
    )
    new = NewPageReview(
        page_id,
        review.coder,
        marks,
        checked=review.checked,
        adjudicates=review.adjudicates,
        note=review.note,
        two_editions=review.two_editions,
        blind=review.blind,
    )
    review_id = review_page(home, new, now=clock.now())
    response.headers["Location"] = f"{links.page(page_id)}/reviews"
    reviews = page_reviews(home, page_id)
    edit = next(one.edit_id for one in reviews.reviews if one.id == review_id)
    return StoredPageReview.from_attributes(reviews, edit=edit)


@router.delete("/page-reviews/{review_id}", status_code=204, operation_id="withdraw_page_review")
@needs(Permission.REVIEW)
def delete_page_review(home: Home, review_id: Id, coder: QueryCoder = None) -> None:
    """Withdraw a page review. It stays, as withdrawn."""
    withdraw_page_review(home, review_id, coder=coder, now=clock.now())
