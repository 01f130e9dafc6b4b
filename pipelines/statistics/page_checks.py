"""What several people say of the photos of a page, taken together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.geometry import Box
from pipelines.statistics.count_estimates import PageCheck
from pipelines.statistics.photo_matching import nearest_photo


@dataclass(frozen=True, slots=True)
class PageMark:
    """How many printed photos stand in a box.

    Attributes:
        box: In shares of the page.
        photos: 0 or more.
    """

    box: Box
    photos: int


@dataclass(frozen=True, slots=True)
class PageStatement:
    """A review of a page.

    Attributes:
        coder: Who says it.
        checked: The coder has looked through the whole page.
        adjudicates: It settles what coders disagree on.
        marks: The marks.
    """

    coder: str
    checked: bool
    adjudicates: bool
    marks: tuple[PageMark, ...]


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """The number of photos at a place of a page.

    Attributes:
        box: In shares of the page.
        found: Index of the found photo; None: nothing was found there.
        photos: The number that people agree on; None where they disagree.
    """

    box: Box
    found: int | None
    photos: int | None


def place_counts(found: Sequence[Box], statements: Sequence[PageStatement]) -> list[PlaceCount]:
    """Return the number of photos at each place that people have said something of.

    A coder who has looked through the page says, of each found photo without a mark, that it is
    one, and of each other place, that there is none.

    Args:
        found: The found photos, in shares of the page.
        statements: The reviews of the page, the earliest first.
    """
    places = list(found)
    opinions: list[dict[tuple[bool, str], int]] = [{} for _ in places]
    for statement in statements:
        for mark in statement.marks:
            index = nearest_photo(mark.box, places)
            if index is None:
                index = len(places)
                places.append(mark.box)
                opinions.append({})
            opinions[index][statement.adjudicates, statement.coder] = mark.photos
    checkers = {(s.adjudicates, s.coder) for s in statements if s.checked}
    counts = []
    for index, (box, said) in enumerate(zip(places, opinions, strict=True)):
        unmarked = int(index < len(found))
        every = dict.fromkeys(checkers, unmarked) | said
        if every:
            decided = {n for (settles, _), n in every.items() if settles} or set(every.values())
            agreed = decided.pop() if len(decided) == 1 else None
            counts.append(PlaceCount(box, index if unmarked else None, agreed))
    return counts


def page_check(
    found: Sequence[Box],
    cells: Sequence[int],
    statements: Sequence[PageStatement],
    *,
    drawn: bool,
) -> PageCheck:
    """Return what the count of a page takes from its reviews; places of disagreement: nothing.

    Args:
        found: The found photos, in shares of the page.
        cells: The cell of each, see ``models.photos.finder_errors``.
        statements: The reviews of the page, the earliest first.
        drawn: Chance chose the page.
    """
    counts = place_counts(found, statements)
    settled = [(place, place.photos) for place in counts if place.photos is not None]
    false = [place for place, photos in settled if place.found is not None and photos == 0]
    extra = [(place, n - (place.found is not None)) for place, n in settled if n]
    return PageCheck(
        whole=any(s.checked for s in statements) and len(settled) == len(counts),
        drawn=drawn,
        false=tuple(cells[place.found] for place in false if place.found is not None),
        extra=sum(n for _, n in extra),
        area=sum(place.box.area for place, n in extra if place.found is None and n)
        - sum(place.box.area for place in false),
    )
