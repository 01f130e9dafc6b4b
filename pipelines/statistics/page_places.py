"""The places of a page with statements, and what is decided of each.

A place is a found photo, or a box where nothing was found. What people say of it is known by its
box, so that it holds when another recipe finds other boxes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from presslens.models.geometry import Box
from presslens.pipelines.statistics.count_estimates import PageCheck
from presslens.pipelines.statistics.photo_matching import SAME_PHOTO

EQUAL = 1e-6
"""Boxes whose sides differ by less, in shares of the page, are one."""


@dataclass(frozen=True, slots=True)
class PageMark:
    """How many printed photos stand at a place, and where."""

    box: Box  # of the place, in shares of the page
    photos: int  # 0 or more
    # The photos that take the stead of what was found there, ``photos`` of them, in shares of the
    # page; None: they were counted, and nothing was drawn.
    boxes: tuple[Box, ...] | None = None


@dataclass(frozen=True, slots=True)
class PageStatement:
    """A review of a page."""

    coder: str  # who says it
    checked: bool  # the coder has looked through the whole page
    adjudicates: bool  # it settles what coders disagree on
    marks: tuple[PageMark, ...]


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """The photos at a place of a page."""

    box: Box  # in shares of the page
    # Indices of the found photos that the place covers: its own, and those that stand where people
    # have drawn one of its photos. Those that are drawn again come first.
    detected: tuple[int, ...]
    photos: int | None  # the number that people agree on; None where they disagree
    # The photos themselves, ``photos`` of them; None where nothing was drawn.
    boxes: tuple[Box, ...] | None = None
    # Index of the statement that has decided; None where they disagree.
    statement: int | None = None
    # Who says something of it: whether as adjudicator, and the coder's name.
    coders: frozenset[tuple[bool, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What one coder says of a place; ``statement`` is the index of the review."""

    statement: int
    photos: int
    boxes: tuple[Box, ...] | None = None


@dataclass(slots=True, eq=False)
class _Place:
    """A place while it is put together; ``detected`` is its own found photo."""

    box: Box
    detected: int | None
    opinions: dict[tuple[bool, str], _Opinion] = field(default_factory=dict)
    redrawn: list[int] = field(default_factory=list)
    decided: _Opinion | None = None


def same_box(a: Box, b: Box) -> bool:
    """Return whether two boxes, in shares of the page, are one."""
    sides = zip((a.x0, a.y0, a.x1, a.y1), (b.x0, b.y0, b.x1, b.y1), strict=True)
    return all(abs(x - y) < EQUAL for x, y in sides)


def place_counts(detected: Sequence[Box], statements: Sequence[PageStatement]) -> list[PlaceCount]:
    """Return the photos at each place with statements.

    The latest adjudication decides. Otherwise the latest words of all coders must agree on the
    number; of those who agree, the latest who has drawn says where. A coder who has looked through
    the page says, of each found photo without a mark, that it is one, and of each other place, that
    there is none. A found photo that nobody has marked, where people have drawn a photo of another
    place, is that photo, as the machine sees it.

    Args:
        detected: The photos that the machine has found, in shares of the page.
        statements: The reviews of the page, the earliest first.

    Returns:
        The places of found photos in their order, then the others in the order of their first mark.
    """
    places = _marked_places(detected, statements)
    marked = {place.detected for place in places}
    free = [i for i in range(len(detected)) if i not in marked]
    checkers = {
        (statement.adjudicates, statement.coder): i
        for i, statement in enumerate(statements)
        if statement.checked
    }
    for place in places:
        unmarked = int(place.detected is not None)
        every = {key: _Opinion(i, unmarked) for key, i in checkers.items()} | place.opinions
        place.opinions, place.decided = every, _decided(every)
    drawn = [(p, box) for p in places for box in (p.decided.boxes or () if p.decided else ())]
    taken = set()
    for place, i in _redrawn(detected, free, drawn):
        place.redrawn.append(i)
        taken.add(i)
    if checkers:
        opinions = {key: _Opinion(i, 1) for key, i in checkers.items()}
        places += [
            _Place(detected[i], i, opinions, decided=_decided(opinions))
            for i in free
            if i not in taken
        ]
    own = sorted((p for p in places if p.detected is not None), key=lambda p: p.detected or 0)
    others = [place for place in places if place.detected is None]
    return [_count(place, detected) for place in (*own, *others)]


def _marked_places(detected: Sequence[Box], statements: Sequence[PageStatement]) -> list[_Place]:
    """Return the places of all marks; two that are apart never become one found photo."""
    places: list[_Place] = []
    for i, statement in enumerate(statements):
        for mark in statement.marks:
            place = _place_of(mark.box, detected, places)
            if place is None:
                place = _Place(mark.box, None)
            if place not in places:
                places.append(place)
            opinion = _Opinion(i, mark.photos, mark.boxes)
            place.opinions[statement.adjudicates, statement.coder] = opinion
    return places


def _place_of(box: Box, detected: Sequence[Box], places: Sequence[_Place]) -> _Place | None:
    """Return the place that a mark's box is of, or a new one of a found photo; None for neither."""
    best = max(places, key=lambda place: place.box.iou(box), default=None)
    overlap = best.box.iou(box) if best else 0.0
    index = max(range(len(detected)), key=lambda i: detected[i].iou(box), default=None)
    if index is not None and detected[index].iou(box) >= max(SAME_PHOTO, overlap):
        owner = next((place for place in places if place.detected == index), None)
        if owner is None:
            return _Place(detected[index], index)
        if same_box(box, detected[index]) or owner.box.iou(box) >= SAME_PHOTO:
            return owner
    return best if overlap >= SAME_PHOTO else None


def _decided(opinions: dict[tuple[bool, str], _Opinion]) -> _Opinion | None:
    """Return what is decided of a place; None where coders disagree."""
    rulings = [opinion for (settles, _), opinion in opinions.items() if settles]
    if rulings:
        return max(rulings, key=lambda opinion: opinion.statement)
    if len({opinion.photos for opinion in opinions.values()}) != 1:
        return None
    drawn = [opinion for opinion in opinions.values() if opinion.boxes is not None]
    return max(drawn or opinions.values(), key=lambda opinion: opinion.statement)


def _redrawn(
    detected: Sequence[Box], free: Sequence[int], drawn: Sequence[tuple[_Place, Box]]
) -> Iterator[tuple[_Place, int]]:
    """Yield each found photo that nobody has marked and that a drawn one is, with its place."""
    pairs = [(box.iou(detected[i]), k, i) for k, (_, box) in enumerate(drawn) for i in free]
    used: set[tuple[str, int]] = set()
    for overlap, k, i in sorted(pairs, key=lambda pair: -pair[0]):
        if overlap >= SAME_PHOTO and not used & {("drawn", k), ("found", i)}:
            used |= {("drawn", k), ("found", i)}
            yield drawn[k][0], i


def _count(place: _Place, detected: Sequence[Box]) -> PlaceCount:
    decided = place.decided
    return PlaceCount(
        place.box if place.detected is None else detected[place.detected],
        (*place.redrawn, *([] if place.detected is None else [place.detected])),
        decided.photos if decided else None,
        decided.boxes if decided else None,
        decided.statement if decided else None,
        frozenset(place.opinions),
    )


def page_check(
    detected: Sequence[Box],
    cells: Sequence[int],
    statements: Sequence[PageStatement],
    *,
    drawn: bool,
) -> PageCheck:
    """Return what the count of a page takes from its reviews; places of disagreement: nothing.

    Args:
        detected: The photos that the machine has found, in shares of the page.
        cells: The cell of each, see ``models.photos.finder_errors``.
        statements: The reviews of the page, the earliest first.
        drawn: Chance chose the page.
    """
    counts = place_counts(detected, statements)
    decided = [(place, place.photos) for place in counts if place.photos is not None]
    counted = [(place, n) for place, n in decided if place.boxes is None]
    false = [(place, i) for place, n in decided for i in place.detected[n:]]
    return PageCheck(
        whole=any(s.checked for s in statements) and len(decided) == len(counts),
        drawn=drawn,
        false=tuple(cells[i] for _, i in false),
        extra=sum(max(0, n - len(place.detected)) for place, n in decided),
        applied=sum(n - len(place.detected) for place, n in decided if place.boxes is not None),
        area=sum(place.box.area for place, n in counted if n and not place.detected)
        - sum(detected[i].area for place, i in false if place.boxes is None),
    )


@dataclass(frozen=True, slots=True)
class EffectivePhoto:
    """A photo of a page as it counts."""

    box: Box  # in shares of the page
    detected: int | None  # index of the found photo that it is; None: a person has drawn it
    # The place that it belongs to; None: nobody has said anything of it.
    place: PlaceCount | None = None


def effective_photos(
    detected: Sequence[Box], statements: Sequence[PageStatement]
) -> list[EffectivePhoto]:
    """Return the photos of a page: found ones that stand, in their order, then drawn ones.

    Where people have decided which photos a place holds and have drawn them, these take the stead
    of what was found there; a drawn box that is a found one's stands for it. Elsewhere, and where
    photos were counted without boxes, what was found stands.

    Args:
        detected: The photos that the machine has found, in shares of the page.
        statements: The reviews of the page that are not withdrawn, the earliest first.
    """
    places = place_counts(detected, statements)
    by_photo = {i: place for place in places for i in place.detected}
    standing: list[EffectivePhoto] = []
    for i, box in enumerate(detected):
        place = by_photo.get(i)
        drawn = place.boxes if place else None
        if drawn is None or any(same_box(box, one) for one in drawn):
            standing.append(EffectivePhoto(box, i, place))
    return standing + [
        EffectivePhoto(box, None, place)
        for place in places
        for box in place.boxes or ()
        if not any(same_box(box, detected[i]) for i in place.detected)
    ]
