"""The layout of a page: its type, and the places of its photos. Pure functions of boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.recipe import Aggregate
from presslens.models.vocabulary import PageTraits
from presslens.pipelines.result import Keys, Served

BLANK = 0.004
"""A page with ink on less than this share of it is blank: specks and edges have no more."""

DARK = 0.12
"""A page whose mean lightness, 0–1, is below this is not legible."""

COARSE_DPI = 50
"""Below this resolution, small photos and their faces are lost."""

TILTED = 3.0
"""Pages that are turned further, in degrees, should be scanned again."""

CROWDED_INK = 0.97
"""A page of ink from edge to edge, without bare paper, is no scan of a printed page."""


class PageType(StrEnum):
    """The kinds of pages, by the share of photos on them."""

    BLANK = "blank"
    TEXT = "text"
    MIXED = "mixed"
    PHOTOS = "photo page"
    FULL_PAGE = "full-page photo"


class Quadrant(StrEnum):
    """The quarter of the page that holds the middle of a photo."""

    TOP_LEFT = "top left"
    TOP_RIGHT = "top right"
    BOTTOM_LEFT = "bottom left"
    BOTTOM_RIGHT = "bottom right"


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a photo on its page."""

    above_fold: bool  # its middle lies in the upper half of the page
    quadrant: Quadrant  # the quarter that its middle lies in
    lead: bool  # it is the largest photo of the page, the first of equals
    width_share: float  # its width as a share of the page's, 0–1
    # Its width in text columns, to a tenth; None where the page shows no columns.
    columns: float | None


ServedTraits = Annotated[
    PageTraits,
    Keys("""
        skew dpi colour halftone bitonal photographed brightness ink_share text_share column_width
    """),
]


@dataclass(frozen=True, slots=True)
class PageLayout(Served):
    """The type and traits of a page, and the places of its photos."""

    SERVED: ClassVar[str] = "type traits warnings"

    type: PageType  # the kind of page
    # Its measured properties; None for an image that is itself a photo.
    traits: ServedTraits | None
    places: tuple[Place, ...]  # the place of each photo, in reading order
    warnings: tuple[str, ...]  # the reasons to doubt its numbers, as sentences

    @classmethod
    def of(
        cls,
        photos: Sequence[Box],
        size: tuple[int, int],
        traits: PageTraits | None,
        rules: Aggregate,
    ) -> PageLayout:
        """Return the layout of a page; see ``page_type`` for the arguments."""
        column = traits.column_width if traits else None
        return cls(
            page_type(photos, size, traits, rules),
            traits,
            tuple(places(photos, size, column)),
            warnings(photos, size, traits),
        )


def page_type(
    photos: Sequence[Box], size: tuple[int, int], traits: PageTraits | None, rules: Aggregate
) -> PageType:
    """Return the type of a page.

    Args:
        photos: Its photos, in page pixels.
        size: Its width and height in pixels.
        traits: Its measured properties; None where they were not measured.
        rules: The shares of the page that make a full-page photo and a photo page.
    """
    area = float(size[0] * size[1]) or 1.0
    if any(box.area / area >= rules.full_page for box in photos):
        return PageType.FULL_PAGE
    if sum(box.area for box in photos) / area >= rules.photo_page:
        return PageType.PHOTOS
    if photos:
        return PageType.MIXED
    return PageType.BLANK if traits is not None and traits.ink_share < BLANK else PageType.TEXT


def places(photos: Sequence[Box], size: tuple[int, int], column_width: float | None) -> list[Place]:
    """Return the place of each photo of a page.

    Args:
        photos: All photos of the page in reading order, in page pixels.
        size: The page's width and height in pixels.
        column_width: Distance of its text columns in pixels, if it has any.
    """
    largest = max(range(len(photos)), key=lambda i: photos[i].area, default=None)
    return [
        Place(
            above_fold=above_fold(box, size),
            quadrant=quadrant(box, size),
            lead=i == largest,
            width_share=box.width / size[0] if size[0] else 0.0,
            columns=round(box.width / column_width, 1) if column_width else None,
        )
        for i, box in enumerate(photos)
    ]


def above_fold(box: Box, size: tuple[int, int]) -> bool:
    """Return whether the middle of a box lies in the upper half of its page."""
    return box.centre[1] < size[1] / 2


def quadrant(box: Box, size: tuple[int, int]) -> Quadrant:
    """Return the quarter of the page that the middle of a box lies in."""
    upper, left = above_fold(box, size), box.centre[0] < size[0] / 2
    if upper:
        return Quadrant.TOP_LEFT if left else Quadrant.TOP_RIGHT
    return Quadrant.BOTTOM_LEFT if left else Quadrant.BOTTOM_RIGHT


def warnings(
    photos: Sequence[Box], size: tuple[int, int], traits: PageTraits | None
) -> tuple[str, ...]:
    """Return the reasons to doubt the numbers of a page, as sentences."""
    if traits is None:
        return ()
    checks = {
        Message("the page is blank"): traits.ink_share < BLANK and traits.brightness >= DARK,
        Message("the page is dark: nothing on it can be seen"): traits.brightness < DARK,
        Message("the page is turned by %(skew)s degrees", skew=f"{abs(traits.skew):.1f}"): abs(
            traits.skew
        )
        >= TILTED,
        Message("the scan is coarse: about %(dpi)s dpi", dpi=traits.dpi): (
            0 < traits.dpi < COARSE_DPI
        ),
        Message("the page was copied to black and white: photos are missed and misread there"): (
            traits.bitonal is True
        ),
        Message(
            "the page was photographed: areas are shares of the whole picture, with what lies"
            " around the page"
        ): traits.photographed is True,
        Message("the image is wider than high: two pages, or one lying on its side?"): (
            size[0] > size[1]
        ),
        Message("no paper and no text can be seen: is this a page?"): (
            traits.ink_share > CROWDED_INK and traits.brightness >= DARK and not photos
        ),
    }
    return tuple(text for text, holds in checks.items() if holds)
