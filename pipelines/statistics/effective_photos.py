"""The photos of a page as they count: those that the machine has found, as people correct them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from presslens.models.geometry import Box
from presslens.pipelines.statistics.page_places import (
    PageStatement,
    PlaceCount,
    place_counts,
    same_box,
)


@dataclass(frozen=True, slots=True)
class EffectivePhoto:
    """A photo of a page as it counts."""

    box: Box  # in shares of the page
    found: int | None  # index of the found photo that it is; None: a person has drawn it
    # The place that it belongs to; None: nobody has said anything of it.
    place: PlaceCount | None = None


def effective_photos(
    found: Sequence[Box], statements: Sequence[PageStatement]
) -> list[EffectivePhoto]:
    """Return the photos of a page: found ones that stand, in their order, then drawn ones.

    Where people have decided which photos a place holds and have drawn them, these take the stead
    of what was found there; a drawn box that is a found one's stands for it. Elsewhere, and where
    photos were counted without boxes, what was found stands.

    Args:
        found: The photos that the machine has found, in shares of the page.
        statements: The reviews of the page that are not withdrawn, the earliest first.
    """
    places = place_counts(found, statements)
    of_found = {i: place for place in places for i in place.found}
    standing: list[EffectivePhoto] = []
    for i, box in enumerate(found):
        place = of_found.get(i)
        drawn = place.boxes if place else None
        if drawn is None or any(same_box(box, one) for one in drawn):
            standing.append(EffectivePhoto(box, i, place))
    return standing + [
        EffectivePhoto(box, None, place)
        for place in places
        for box in place.boxes or ()
        if not any(same_box(box, found[i]) for i in place.found)
    ]
