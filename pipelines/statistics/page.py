"""What statistics need of a page, and of a photo that is counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.faces.gallery import Role
from models.recipe import Aggregate
from models.vocabulary import Frame, PhotoInterpretation
from pipelines.layout import PageType, above_fold
from pipelines.statistics.measure import Zone, decided, probabilities


@dataclass(frozen=True, slots=True)
class PageRecord:
    """What statistics need of a page.

    Attributes:
        number: From 1.
        seen: The page was looked at; a refused, failed or waiting page was not.
        area: Of the page, in square pixels; 0 if it was not seen.
        photos: Its photos: where, and what they mean.
        height: Of the page, in pixels; 0 if it was not seen.
        type: What it is made of; None if it was not seen, or is itself a photo.
        settled: What people have settled of each of its photos, by measure; empty: of none.
    """

    number: int
    seen: bool
    area: float
    photos: tuple[tuple[Frame, PhotoInterpretation], ...]
    height: float = 0.0
    type: PageType | None = None
    settled: tuple[Mapping[str, bool], ...] = ()

    @property
    def lead(self) -> int | None:
        """Index of its largest photo, the first of equals; None without photos."""
        areas = [frame.box.area for frame, _ in self.photos]
        return areas.index(max(areas)) if areas else None


@dataclass(frozen=True, slots=True, eq=False)
class CountedPhoto:
    """A photo as it is counted.

    Attributes:
        area: Share of its page that it takes, 0–1: its printed area in pages.
        zones: The parts of the edition that it lies in.
        found: How probable it is that it shows what each measure stands for, 0–1; a label that it
            was not read for is missing.
        decided: The measures that it is decided to show.
        settled: What people have settled of it, by measure.
        meaning: What it is taken to mean.
    """

    area: float
    zones: frozenset[Zone]
    found: Mapping[str, float]
    decided: frozenset[str]
    settled: Mapping[str, bool]
    meaning: PhotoInterpretation


def front_page(pages: Sequence[PageRecord]) -> int | None:
    """Return the number of an edition's front page: its lowest, whichever that is."""
    return min((page.number for page in pages), default=None)


def counted_photos(
    pages: Sequence[PageRecord],
    rules: Aggregate,
    *,
    figures: Mapping[str, Role],
    front: int | None = None,
) -> list[CountedPhoto]:
    """Return the photos of the pages that were seen, by page, in reading order.

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
    for i, (frame, meaning) in enumerate(page.photos):
        found = probabilities(meaning, figures)
        zones = {Zone.ALL, Zone.FRONT if front else Zone.INSIDE}
        if above_fold(frame.box, (0, round(page.height))):
            zones.add(Zone.ABOVE_FOLD)
        if i == page.lead:
            zones.add(Zone.LEAD)
        yield CountedPhoto(
            area=frame.box.area / page.area if page.area else 0.0,
            zones=frozenset(zones),
            found=found,
            decided=frozenset(decided(meaning, found, rules.decision)),
            settled=page.settled[i] if page.settled else {},
            meaning=meaning,
        )
