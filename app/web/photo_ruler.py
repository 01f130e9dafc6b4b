"""Prepares the ruler of photos for a page: each photo with its place, reasons and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from presslens.pipelines.statistics.ruler import signed

TICKS = {-0.5: "−0.5", 0.0: "0", 0.5: "0.5"}


@dataclass(frozen=True, slots=True)
class RuledPhoto:
    """A photo of a ruler."""

    place: Mapping[str, Any]  # its place, as in the JSON contract
    photo: Mapping[str, Any]  # the photo, as in the JSON contract, with its id
    # What of ``TICKS`` lies between the photo before and this one; None for nothing.
    tick: str | None

    @property
    def position(self) -> str:
        """The position on the ruler, with its sign."""
        return signed(self.place["position"])

    @property
    def shape(self) -> float:
        """Width by height."""
        x0, y0, x1, y1 = self.photo["box"]
        return float((x1 - x0) / max(y1 - y0, 1.0))


def ruled_photos(ruler: Mapping[str, Any], pages: Sequence[Mapping[str, Any]]) -> list[RuledPhoto]:
    """Return the photos of a ruler, in order.

    Args:
        ruler: In the JSON contract.
        pages: The pages of the same edition, in the JSON contract.
    """
    by_number = {page["number"]: page["photos"] for page in pages}
    crops = []
    before = -1.0
    for place in ruler["places"]:
        photos = by_number.get(place["page_number"], ())
        if place["photo"] >= len(photos):  # interpreted while the page was read
            continue
        photo = photos[place["photo"]]
        crops.append(RuledPhoto(place, photo, _tick(before, place["position"])))
        before = place["position"]
    return crops


def _tick(before: float, position: float) -> str | None:
    return next((label for at, label in reversed(TICKS.items()) if before < at <= position), None)
