"""Adds the captions and headlines of a page's photos to its observation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from presslens.models.captions.headlines import find_headlines
from presslens.models.captions.inside import find_inside
from presslens.models.captions.lines import typography_of
from presslens.models.captions.strips import find_strips
from presslens.models.geometry import Box
from presslens.models.instruments import CaptionReader
from presslens.models.photos.paper import ink_mask
from presslens.models.vocabulary import (
    Caption,
    CaptionPlace,
    Headline,
    Image,
    PageObservation,
    TextSource,
)


def captioned(
    seen: PageObservation, page: Image, reader: CaptionReader, beside: Sequence[Box] = ()
) -> PageObservation:
    """Return an observation with the captions of its photos and the headlines above them.

    Args:
        seen: The page's observation.
        page: The page, RGB.
        reader: Reads the text; captions that it doesn't read come without text.
        beside: Other photos of the page, in its pixels: what is printed about them is theirs, and
            left out.
    """
    own = [photo.frame.box for photo in seen.photos]
    boxes = [*own, *beside]
    printed = typography_of(ink_mask(page), boxes) if own else None
    if printed is None:
        return seen
    captions: list[Caption | None] = []
    for box, strip in zip(own, find_strips(printed, boxes), strict=False):
        if strip is not None:
            captions.append(_read(page, strip.box, strip.place, reader))
            continue
        inside = find_inside(page, box, printed.letter)
        captions.append(_read(page, inside, CaptionPlace.INSIDE, reader) if inside else None)
    headlines = tuple(
        Headline(box, under, reader.read(page, box))
        for box, group in find_headlines(printed, boxes)
        if (under := tuple(i for i in group if i < len(own)))
    )
    photos = tuple(
        replace(photo, caption=caption)
        for photo, caption in zip(seen.photos, captions, strict=True)
    )
    return replace(seen, photos=photos, headlines=headlines)


def _read(page: Image, box: Box, place: CaptionPlace, reader: CaptionReader) -> Caption:
    text = reader.read(page, box)
    return Caption(box, place, text, None if text is None else TextSource.TESSERACT)
