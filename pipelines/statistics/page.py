"""The pages of an edition as statistics need them, and the photos that are counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from presslens.models.faces.gallery import Role
from presslens.models.geometry import Box
from presslens.models.photos.finder_errors import CONDITIONS, detection_cells, page_condition
from presslens.models.recipe import Aggregate
from presslens.models.vocabulary import Frame, PageTraits, PhotoInterpretation
from presslens.pipelines.statistics.decision import Decisions
from presslens.pipelines.statistics.figure_photos import FigurePhoto, SeenFigure
from presslens.pipelines.statistics.layout import PageType, above_fold
from presslens.pipelines.statistics.measure import Zone, decided, probabilities
from presslens.pipelines.statistics.photo_counts import FoundPage

FRONT_PAGE = 1
"""The number of the front page."""

FramedPhoto: TypeAlias = "tuple[Frame, PhotoInterpretation | None]"
"""A photo's frame, and its interpretation; None: nobody has looked at it yet."""


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page as statistics need it."""

    number: int  # from 1
    seen: bool  # the page was analysed; a rejected, failed or waiting page was not
    area: float  # of the page, in square pixels; 0 if it was not analysed
    # The frame and the interpretation of each photo; None for a photo that a person has drawn and
    # that was not looked at yet, so that nothing is known of what it shows.
    photos: tuple[FramedPhoto, ...]
    height: float = 0.0  # of the page, in pixels; 0 if it was not analysed
    # Type of the page; None if it was not analysed, or is itself a photo.
    type: PageType | None = None
    # The consensus of the coders for each photo, by measure; empty: for none.
    consensus: tuple[Mapping[str, bool], ...] = ()
    # Ids of the photos where they are stored; empty where they are not.
    photo_ids: tuple[int, ...] = ()
    # Its measured properties; None if it was not analysed, or is itself a photo.
    traits: PageTraits | None = None
    # The photos as the machine has found them, where people have changed them; None: they are
    # ``photos``.
    by_machine: tuple[Frame, ...] | None = None
    # Where people say that somebody stands in each photo, by measure, in page pixels; empty: in
    # none.
    places: tuple[Mapping[str, Box], ...] = ()
    is_photo: bool = False  # it is an image that is itself a photo, of no page

    @classmethod
    def not_seen(cls, number: int) -> PageRecord:
        """Return the record of a page that was not analysed."""
        return cls(number, seen=False, area=0.0, photos=())

    @classmethod
    def analysed(
        cls,
        number: int,
        size: tuple[int, int],
        photos: Iterable[FramedPhoto],
        type_: PageType,
        consensus: Iterable[Mapping[str, bool]] = (),
        *,
        photo_ids: Iterable[int] = (),
        traits: PageTraits | None = None,
        by_machine: Iterable[Frame] | None = None,
        places: Iterable[Mapping[str, Box]] = (),
    ) -> PageRecord:
        """Return the record of an analysed page.

        Args:
            number: From 1.
            size: Its width and height in pixels.
            photos: The frame and the interpretation of each photo, in reading order; see above.
            consensus: The consensus of the coders for each photo, by measure; empty: for none.
            photo_ids: Ids of the photos where they are stored.
            traits: Its measured properties; None for an image that is itself a photo.
            by_machine: The photos that the machine has found, if people have changed them.
            places: Where people say that somebody stands in each photo, by measure.
        """
        width, height = size
        return cls(
            number,
            seen=True,
            area=float(width * height),
            photos=tuple(photos),
            height=float(height),
            type=type_,
            consensus=tuple(consensus),
            photo_ids=tuple(photo_ids),
            traits=traits,
            by_machine=None if by_machine is None else tuple(by_machine),
            places=tuple(places),
        )

    @property
    def figures(self) -> list[FigurePhoto]:
        """The figures in each of its photos."""
        return [
            FigurePhoto(
                frame.box,
                [SeenFigure.of(one) for one in (meaning.sightings if meaning else ())],
                self.consensus[i] if self.consensus else {},
                self.places[i] if self.places else {},
            )
            for i, (frame, meaning) in enumerate(self.photos)
        ]

    @property
    def is_front(self) -> bool:
        """Whether it is the front page: page 1, and no other where page 1 is missing."""
        return self.number == FRONT_PAGE and not self.is_photo

    @property
    def detected_cells(self) -> FoundPage:
        """What the machine found on it, as ``pipelines.statistics.photo_counts`` counts it."""
        frames = self.by_machine
        if frames is None:
            frames = tuple(frame for frame, _ in self.photos)
        boxes = [frame.box.area / self.area for frame in frames] if self.area else []
        cells = detection_cells(boxes, [frame.score for frame in frames[: len(boxes)]])
        condition = page_condition(self.traits) if self.traits else None
        return (self.number, -1 if condition is None else CONDITIONS.index(condition), *cells)

    @property
    def lead(self) -> int | None:
        """Index of its largest photo, the first of equals; None without photos."""
        areas = [frame.box.area for frame, _ in self.photos]
        return areas.index(max(areas)) if areas else None


@dataclass(frozen=True, slots=True, eq=False)
class CountedPhoto:
    """A photo of an analysed page, as it is counted."""

    area: float  # share of its page area, 0–1: its printed area in pages
    zones: frozenset[Zone]  # the zones that it lies in
    # The probability of each measure, 0–1; figures and labels that it was not looked at for are
    # omitted.
    probabilities: Mapping[str, float]
    decided: frozenset[str]  # the measures that it is decided to show
    consensus: Mapping[str, bool]  # the consensus of the coders, by measure
    # Of the photo under the recipe; None: nobody has looked at it yet.
    interpretation: PhotoInterpretation | None
    figures: FigurePhoto  # the figures in it, as the machine and people say


def page_count(uploaded: int, last: int, expected: int | None) -> int:
    """Return how many pages an edition had, uploaded or not.

    Args:
        uploaded: How many were: where it is said to have no more, it lacks none.
        last: The highest page number of these; 0 of none.
        expected: How many it is said to have had; None: nobody said.
    """
    return uploaded if 0 < (expected or 0) <= uploaded else max(expected or 0, last)


def missing_pages(numbers: Sequence[int], expected: int | None) -> list[int]:
    """Return the page numbers, of ``page_count``, that are not among those of uploaded pages."""
    count = page_count(len(numbers), max(numbers, default=0), expected)
    return [] if count == len(numbers) else sorted(set(range(1, count + 1)) - set(numbers))


def with_missing(pages: Sequence[PageRecord], expected: int | None) -> list[PageRecord]:
    """Return the pages of an edition with those that were not uploaded, as pages not seen.

    Args:
        pages: Every uploaded page, seen or not.
        expected: Number of pages that the edition is said to have; None: nobody said.
    """
    return [*pages, *map(PageRecord.not_seen, missing_pages([p.number for p in pages], expected))]


def counted_photos(
    pages: Sequence[PageRecord],
    rules: Aggregate,
    *,
    figures: Mapping[str, Role],
) -> list[CountedPhoto]:
    """Return the photos of the analysed pages, by page, in reading order.

    Args:
        pages: Every page of an edition, seen or not; or some of them.
        rules: The probability that decides.
        figures: The role of each figure that they were looked at for, by name.
    """
    return [
        photo
        for page in sorted(pages, key=lambda page: page.number)
        if page.seen
        for photo in _photos(page, rules, figures)
    ]


def _photos(
    page: PageRecord, rules: Aggregate, figures: Mapping[str, Role]
) -> Iterator[CountedPhoto]:
    shown, shows = page.figures, Decisions(rules.decision).shows
    for i, (frame, interpretation) in enumerate(page.photos):
        estimated = probabilities(interpretation, figures) if interpretation else {}
        zones = {Zone.ALL, Zone.FRONT if page.is_front else Zone.INSIDE}
        if above_fold(frame.box, (0, round(page.height))):
            zones.add(Zone.ABOVE_FOLD)
        if i == page.lead:
            zones.add(Zone.LEAD)
        yield CountedPhoto(
            area=frame.box.area / page.area if page.area else 0.0,
            zones=frozenset(zones),
            probabilities=estimated,
            decided=frozenset(decided(interpretation, estimated, shows) if interpretation else ()),
            consensus=page.consensus[i] if page.consensus else {},
            interpretation=interpretation,
            figures=shown[i],
        )
