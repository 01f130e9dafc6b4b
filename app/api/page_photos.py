"""The photos of a page, corrected by people: drawn, moved, removed, split and joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from fastapi import APIRouter, Response
from pydantic import BeforeValidator, Field, FiniteFloat, model_validator

from presslens.app.api import links
from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.coder import Coder
from presslens.app.api.given import Given, OneOf
from presslens.app.api.params import Home, Id
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST
from presslens.app.services.catalogue.photo_address import photo_to_change
from presslens.app.services.corrections.photos import (
    MOST_PARTS,
    ChangedPhotos,
    check_seen,
    draw_photo,
    join_photos,
    move_photo,
    remove_photo,
    split_photo,
)
from presslens.models.geometry import Box

router = APIRouter(tags=["photos"], route_class=PermittedRoute)

GivenBox = Annotated[
    OneOf[tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat]],
    Field(description="x0, y0, x1, y1 in pixels of the page as decoded, origin top left"),
]


class DrawnPhoto(Given):
    """A photo that was missed, and who has drawn it."""

    box: GivenBox
    coder: Coder = None


def _is_false(value: object) -> object:
    if value is not False:  # 0 is equal to it
        raise ValueError("false, or nothing")
    return value


IsFalse = Annotated[Literal[False], BeforeValidator(_is_false)]


class ChangeOfPhoto(Given):
    """One change of a photo, and who makes it: exactly one of the first four."""

    box: GivenBox | None = Field(default=None, description="the photo's right box, in page pixels")
    photo: IsFalse | None = Field(default=None, description="false: it is no photo")
    split: list[GivenBox] | None = Field(
        default=None, min_length=2, max_length=MOST_PARTS, description="the photos that it is"
    )
    join: list[Annotated[int, Field(ge=1, le=MOST)]] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_PARTS,
        description="ids of the photos of the page that are one with it",
    )
    seen: GivenBox | None = Field(
        default=None, description="the box that was shown: 409 if somebody has moved it meanwhile"
    )
    coder: Coder = None

    @model_validator(mode="after")
    def _is_one(self) -> ChangeOfPhoto:
        given = (self.box, self.photo, self.split, self.join)
        if sum(change is not None for change in given) != 1:
            raise ValueError("exactly one of box, photo, split and join is given")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAfterDrawing(ChangedPhotos):
    """A page after a photo was drawn on it; ``id`` is that of the photo."""

    SERVED: ClassVar[str] = f"id {ChangedPhotos.SERVED}"

    id: int


@router.post(
    "/pages/{page_id}/photos", status_code=201, operation_id="draw_photo", max_body_size=2**16
)
@needs(Permission.REVIEW)
def post_photo(home: Home, page_id: Id, drawn: DrawnPhoto, response: Response) -> PageAfterDrawing:
    """Draw a photo that was missed. It counts at once; a worker looks at what it shows."""
    box = Box(*drawn.box)
    page = draw_photo(home, page_id, box, coder=drawn.coder, now=clock.now())
    photo_id = page.made_addresses[-1]
    response.headers["Location"] = links.photo(photo_id)
    return PageAfterDrawing.from_attributes(page, id=photo_id)


@router.patch("/photos/{photo_id:id}", operation_id="change_photo", max_body_size=2**16)
@needs(Permission.REVIEW)
def patch_photo(home: Home, photo_id: Id, change: ChangeOfPhoto) -> ChangedPhotos:
    """Move the box of a photo, say that it is none, split it, or join it with others.

    The photo that was found stays, off its page, and comes back when the edit is undone. A photo
    that somebody has changed meanwhile answers 409, which says who.
    """
    return _changed(home, photo_id, change)


def _changed(home: Home, photo_id: int, change: ChangeOfPhoto) -> ChangedPhotos:
    coder, now = change.coder, clock.now()
    photo_id = photo_to_change(home, photo_id)
    if change.seen is not None:
        check_seen(home, photo_id, Box(*change.seen))
    if change.box is not None:
        return move_photo(home, photo_id, Box(*change.box), coder=coder, now=now)
    if change.split is not None:
        boxes = [Box(*box) for box in change.split]
        return split_photo(home, photo_id, boxes, coder=coder, now=now)
    if change.join is not None:
        others = [photo_to_change(home, other) for other in change.join]
        return join_photos(home, photo_id, others, coder=coder, now=now)
    return remove_photo(home, photo_id, coder=coder, now=now)
