"""Prepares the ruler of photos for HTML: crops, alternative texts and reasons in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.web.sightings import SightingView, figures_of
from models.geometry import Box
from pipelines.statistics.ruler import signed
from pipelines.view import cut_out, jpeg

HEIGHT = 300
"""Height of crops in pixels, twice as high as they are shown, for dense screens."""

TICKS = {-0.5: "−0.5", 0.0: "0", 0.5: "0.5"}


@dataclass(frozen=True, slots=True)
class RulerCrop:
    """A photo of a ruler.

    Attributes:
        place: Its place, as in the JSON contract.
        frame: Names its frame on the page, within the document.
        picture: Its JPEG; None if there is no picture of its page.
        size: Width and height of the JPEG in pixels.
        tick: What of ``TICKS`` lies between the crop before and this one; None for nothing.
        caption: Its printed caption, "" if none was read.
        reasons: The reasons for and against its focus, in words.
        figures: The sightings in it.
    """

    place: Mapping[str, Any]
    frame: str
    picture: bytes | None
    size: tuple[int, int]
    tick: str | None
    caption: str
    reasons: Sequence[str]
    figures: Sequence[SightingView]

    @property
    def name(self) -> str:
        """The alternative text of the photo."""
        lead = ", lead photo of the front page" if self.place["front_lead"] else ""
        return f"Page {self.place['page_number']}, photo {self.place['photo'] + 1}{lead}"

    @property
    def scores(self) -> str:
        """The verdict and scores of its focus, in words."""
        scores = {name: self.place[name] for name in ("leader", "facility")}
        scores["neither"] = max(0.0, 1 - sum(scores.values()))
        words = ", ".join(f"{name} {100 * score:.0f} %" for name, score in scores.items())
        return f"focus: {self.place['verdict']} ({words})"

    @property
    def position(self) -> str:
        """The position on the ruler, with its sign."""
        return signed(self.place["position"])

    @property
    def why(self) -> dict[str, list[str]]:
        """The reasons for and against its focus, by "for leader" and the like."""
        grouped: dict[str, list[str]] = {}
        for reason in self.reasons:
            side, _, phrase = reason.partition(": ")
            grouped.setdefault(side, []).append(phrase)
        return grouped


def ruler_crops(
    ruler: Mapping[str, Any],
    pages: Sequence[Mapping[str, Any]],
    pictures: Sequence[bytes | None],
    *,
    edition: int,
    roles: Mapping[str, str],
) -> list[RulerCrop]:
    """Return the crop of each photo of a ruler, in order.

    Args:
        ruler: In the JSON contract.
        pages: The JSON of the edition's pages.
        pictures: A JPEG for each analysed page, None for the others.
        edition: Number of the edition in its document, from 0.
        roles: The role of each enrolled figure, by name.
    """
    crops = dict(_crops(pages, pictures))
    by_number = {page["number"]: page for page in pages}
    ruler_photos = []
    before = -1.0
    for place in ruler["places"]:
        key = place["page_number"], place["photo"]
        photo = by_number[key[0]]["photos"][key[1]]
        picture, size = crops.get(key, (None, (0, 0)))
        ruler_photos.append(
            RulerCrop(
                place=place,
                frame=frame_name(edition, *key),
                picture=picture,
                size=size,
                tick=_tick(before, place["position"]),
                caption=(photo.get("caption") or {}).get("text") or "",
                reasons=photo["focus"]["reasons_text"],
                figures=figures_of(photo, roles),
            )
        )
        before = place["position"]
    return ruler_photos


def frame_name(edition: int, page_number: int, photo: int) -> str:
    """Return the name of a photo's frame; the edition and the photo from 0, the page from 1."""
    return f"edition_{edition + 1}_page_{page_number}_photo_{photo + 1}"


def _crops(
    pages: Sequence[Mapping[str, Any]], pictures: Sequence[bytes | None]
) -> Iterator[tuple[tuple[int, int], tuple[bytes, tuple[int, int]]]]:
    """Yield (page number, index of the photo), and the photo's JPEG and size."""
    for page, view in zip(pages, pictures, strict=True):
        if view is None:
            continue
        boxes = [Box(*photo["box"]) for photo in page["photos"]]
        for i, crop in enumerate(cut_out(view, boxes, height=HEIGHT)):
            if crop is not None:
                yield (page["number"], i), (jpeg(crop), (crop.shape[1], crop.shape[0]))


def _tick(before: float, position: float) -> str | None:
    return next((label for at, label in reversed(TICKS.items()) if before < at <= position), None)
