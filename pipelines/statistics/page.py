"""The pages of an edition as statistics need them, and the photos that are counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.faces.gallery import Role
from models.recipe import Aggregate
from models.vocabulary import Frame, PhotoInterpretation
from pipelines.statistics.layout import PageType, above_fold
from pipelines.statistics.measure import Zone, decided, probabilities


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page as statistics need it.

    Attributes:
        number: From 1.
        seen: The page was analysed; a rejected, failed or waiting page was not.
        area: Of the page, in square pixels; 0 if it was not analysed.
        photos: The frame and the interpretation of each photo.
        height: Of the page, in pixels; 0 if it was not analysed.
        type: Type of the page; None if it was not analysed, or is itself a photo.
        settled: The consensus of the coders for each photo, by measure; empty: for none.
    """

    number: int
    seen: bool
    area: float
    photos: tuple[tuple[Frame, PhotoInterpretation], ...]
    height: float = 0.0
    type: PageType | None = None
    settled: tuple[Mapping[str, bool], ...] = ()

    @classmethod
    def not_seen(cls, number: int) -> PageRecord:
        """Return the record of a page that was not analysed."""
        return cls(number, seen=False, area=0.0, photos=())

    @classmethod
    def analysed(
        cls,
        number: int,
        size: tuple[int, int],
        photos: Iterable[tuple[Frame, PhotoInterpretation]],
        type_: PageType,
        settled: Iterable[Mapping[str, bool]] = (),
    ) -> PageRecord:
        """Return the record of an analysed page.

        Args:
            number: From 1.
            size: Its width and height in pixels.
            photos: The frame and the interpretation of each photo, in reading order.
            type_: Type of the page.
            settled: The consensus of the coders for each photo, by measure; empty: for none.
        """
        width, height = size
        return cls(
            number,
            seen=True,
            area=float(width * height),
            photos=tuple(photos),
            height=float(height),
            type=type_,
            settled=tuple(settled),
        )

    @property
    def lead(self) -> int | None:
        """Index of its largest photo, the first of equals; None without photos."""
        areas = [frame.box.area for frame, _ in self.photos]
        return areas.index(max(areas)) if areas else None


@dataclass(frozen=True, slots=True, eq=False)
class CountedPhoto:
    """A photo of an analysed page, as it is counted.

    Attributes:
        area: Share of its page area, 0–1: its printed area in pages.
        zones: The zones that it lies in.
        probabilities: The probability of each measure, 0–1; labels that it was not read for are
            omitted.
        decided: The measures that it is decided to show.
        settled: The consensus of the coders, by measure.
        interpretation: Of the photo under the recipe.
    """

    area: float
    zones: frozenset[Zone]
    probabilities: Mapping[str, float]
    decided: frozenset[str]
    settled: Mapping[str, bool]
    interpretation: PhotoInterpretation


def front_page(pages: Sequence[PageRecord]) -> int | None:
    """Return the number of an edition's front page, the lowest number."""
    return min((page.number for page in pages), default=None)


def counted_photos(
    pages: Sequence[PageRecord],
    rules: Aggregate,
    *,
    figures: Mapping[str, Role],
    front: int | None = None,
) -> list[CountedPhoto]:
    """Return the photos of the analysed pages, by page, in reading order.

    Args:
        pages: Every page of an edition, seen or not; or some of them.
        rules: The probability that decides.
        figures: The role of each enrolled figure by name.
        front: Number of the front page; None: the lowest of these pages.
    """
    front = front_page(pages) if front is None else front
    return [
        photo
        for page in sorted(pages, key=lambda page: page.number)
        if page.seen
        for photo in _photos(page, rules, figures, front=page.number == front)
    ]


def _photos(
    page: PageRecord, rules: Aggregate, figures: Mapping[str, Role], *, front: bool
) -> Iterator[CountedPhoto]:
    for i, (frame, interpretation) in enumerate(page.photos):
        estimated = probabilities(interpretation, figures)
        zones = {Zone.ALL, Zone.FRONT if front else Zone.INSIDE}
        if above_fold(frame.box, (0, round(page.height))):
            zones.add(Zone.ABOVE_FOLD)
        if i == page.lead:
            zones.add(Zone.LEAD)
        yield CountedPhoto(
            area=frame.box.area / page.area if page.area else 0.0,
            zones=frozenset(zones),
            probabilities=estimated,
            decided=frozenset(decided(interpretation, estimated, rules.decision)),
            settled=page.settled[i] if page.settled else {},
            interpretation=interpretation,
        )
