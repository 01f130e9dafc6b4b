"""Photos and figures on pages as W3C annotations, which manifests of IIIF hold or name.

https://www.w3.org/TR/annotation-model/ and https://iiif.io/api/presentation/3.0/ . Libraries open
the manifest in their own viewers, such as Mirador, and see annotations over their pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from presslens.app.db.queries import EditionScope
from presslens.app.services.catalogue.pages import AnalysedPage, AnalysedPhoto
from presslens.app.services.exports.page_regions import (
    ReadingKind,
    RegionReading,
    photo_readings,
)
from presslens.models.geometry import Box
from presslens.pipelines.statistics.decision import Decisions
from presslens.pipelines.statistics.measure import FIGURE

CONTEXT = "http://iiif.io/api/presentation/3/context.json"
FRAGMENTS = "http://www.w3.org/TR/media-frags/"
PEOPLE_SAY = ", people say"
"""Follows what people have settled, in the text of an annotation."""

NONE = "none"
"""The language of names and numbers."""

IiifObject = dict[str, Any]


class IiifLinks(Protocol):
    """Addresses of IIIF resources; the caller knows the server that serves them."""

    def start(self) -> str:
        """Return the address of the installation."""
        ...

    def collection(self, scope: EditionScope) -> str:
        """Return the address of a collection of manifests."""
        ...

    def manifest(self, edition_id: int) -> str:
        """Return the address of an edition's manifest."""
        ...

    def edition(self, edition_id: int) -> str:
        """Return the address of an edition for programs."""
        ...

    def edition_page(self, edition_id: int) -> str:
        """Return the address of an edition for people."""
        ...

    def photos(self, edition_id: int) -> str:
        """Return the address of the table of an edition's photos."""
        ...

    def alto(self, edition_id: int) -> str:
        """Return the address of an edition's pages as ALTO."""
        ...

    def search(self, edition_id: int) -> str:
        """Return where an edition is searched: the addresses of its services begin so."""
        ...

    def canvas(self, page_id: int) -> str:
        """Return the name of a page's canvas."""
        ...

    def page_image(self, page_id: int) -> str:
        """Return the address of a page's picture."""
        ...

    def image_service(self, page_id: int) -> str:
        """Return the address of a page's picture as an image service."""
        ...

    def page_annotations(self, page_id: int) -> str:
        """Return the address of a page's annotations."""
        ...

    def recipes(self) -> str:
        """Return the address of the list of recipes."""
        ...


@dataclass(frozen=True, slots=True)
class Publisher:
    """The addresses of resources, and the provenance of their annotations."""

    links: IiifLinks  # the addresses
    recipe: str  # id of the recipe
    decided: Decisions  # from where on subjects and labels are in the text of an annotation


def annotation_page(publisher: Publisher, page: AnalysedPage, *, alone: bool = False) -> IiifObject:
    """Return the photos and figures on a page as annotations.

    Args:
        publisher: The addresses and the provenance.
        alone: Whether it is a document of its own, not a part of a manifest.
    """
    width, height = page.size or (0, 0)
    items = []
    for position, photo in enumerate(page.photos):
        waits = photo.meaning is None and not photo.by_hand
        if waits or canvas_region(photo.observation.frame.box, width, height) is None:
            continue
        items.append(_photo(publisher, page, position, photo))
        items += _figures(publisher, page, position, photo)
    return {
        **({"@context": CONTEXT} if alone else {}),
        "id": publisher.links.page_annotations(page.id),
        "type": "AnnotationPage",
        "label": english("Photos as Presslens reads them"),
        "items": items,
    }


def _photo(
    publisher: Publisher, page: AnalysedPage, position: int, photo: AnalysedPhoto
) -> IiifObject:
    words = photo_in_words(photo, publisher.decided)
    box = photo.observation.frame.box
    return _annotation(publisher, page, f"photo-{position}", box, "commenting", words)


def _figures(
    publisher: Publisher, page: AnalysedPage, position: int, photo: AnalysedPhoto
) -> list[IiifObject]:
    """Return the figures whose place in a photo is given: none that people have rejected."""
    width, height = page.size or (0, 0)
    boxes = {one.figure: one.box for one in (photo.meaning.sightings if photo.meaning else ())}
    placed = [
        (box, _figure_in_words(one))
        for one in photo_readings(photo, publisher.decided)
        if one.kind is ReadingKind.FIGURE
        and (box := photo.places.get(f"{FIGURE}{one.name}", boxes.get(one.name))) is not None
    ]
    return [
        _annotation(publisher, page, f"photo-{position}/figure-{i}", box, "tagging", words)
        for i, (box, words) in enumerate(placed)
        if canvas_region(box, width, height) is not None
    ]


def _annotation(
    publisher: Publisher,
    page: AnalysedPage,
    name: str,
    box: Box,
    motivation: str,
    text: str,
) -> IiifObject:
    width, height = page.size or (0, 0)
    return {
        "id": f"{publisher.links.page_annotations(page.id)}/{name}",
        "type": "Annotation",
        "motivation": [motivation],
        "generator": {
            "id": publisher.links.recipes(),
            "type": "Software",
            "name": f"Presslens, recipe {publisher.recipe}",
        },
        "body": {"type": "TextualBody", "value": text, "format": "text/plain", "language": "en"},
        "target": {
            "type": "SpecificResource",
            "source": {"id": publisher.links.canvas(page.id), "type": "Canvas"},
            "selector": {
                "type": "FragmentSelector",
                "conformsTo": FRAGMENTS,
                "value": f"xywh={canvas_region(box, width, height)}",
            },
        },
    }


def canvas_region(box: Box, width: int, height: int) -> str | None:
    """Return a box as x,y,w,h in whole pixels of its canvas; None if nothing of it is left."""
    x0, y0, x1, y1 = box.clipped(width, height).pixels()
    return f"{x0},{y0},{x1 - x0},{y1 - y0}" if x1 > x0 and y1 > y0 else None


def photo_in_words(photo: AnalysedPhoto, decided: Decisions) -> str:
    """Return what a photo shows as a line for its reader: as people have settled, or the machine.

    Args:
        photo: An interpreted photo, or a drawn one.
        decided: From where on photos of its newspaper are decided to show subjects and labels.
    """
    if photo.meaning is None and not photo.consensus:
        return "Photo drawn by hand, not looked at yet" if photo.by_hand else "photo, not read yet"
    verdict = photo.meaning.focus.verdict if photo.meaning else None
    readings = list(photo_readings(photo, decided))
    focus = [one.name for one in readings if one.kind is ReadingKind.FOCUS]
    parts = [
        *(f"focus {name}{'' if name == verdict else PEOPLE_SAY}" for name in focus),
        *([f"focus: {decided.undecided[verdict]}"] if verdict and not focus else []),
        *(_figure_in_words(one) for one in readings if one.kind is ReadingKind.FIGURE),
        *(_shown_in_words(one) for one in readings if one.kind in NAMED and one.shows),
    ]
    score = "drawn by hand" if photo.by_hand else f"{photo.observation.frame.score:.2f}"
    return f"Photo {score}: {'; '.join(parts)}"


NAMED = (ReadingKind.SUBJECT, ReadingKind.LABEL)


def _figure_in_words(figure: RegionReading) -> str:
    if figure.probability is None:
        return f"{figure.name}{PEOPLE_SAY}"
    doubt = "" if figure.shows else ", unsure"
    return f"{figure.name} {figure.probability:.2f}{PEOPLE_SAY if figure.consensus else doubt}"


def _shown_in_words(reading: RegionReading) -> str:
    is_label = reading.kind is ReadingKind.LABEL
    name = reading.name.replace("_", " ") if is_label else reading.name
    words = "" if reading.probability is None else f" {reading.probability:.2f}"
    count = "" if reading.count is None else f" (about {reading.count})"
    return f"{name}{words}{count}{PEOPLE_SAY if reading.consensus else ''}"


def english(text: str) -> dict[str, list[str]]:
    """Return a text as IIIF has it in English."""
    return {"en": [text]}
