"""Photos and figures on pages as W3C annotations, which manifests of IIIF hold or name.

https://www.w3.org/TR/annotation-model/ and https://iiif.io/api/presentation/3.0/ . Libraries open
the manifest in their own viewers, such as Mirador, and see annotations over their pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from presslens.app.db.queries import EditionScope
from presslens.app.services.catalogue.pages import AnalysedPage, AnalysedPhoto
from presslens.app.services.exports.page_regions import ReadingKind, RegionReading, photo_readings
from presslens.app.services.exports.xml_document import xml_number
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


class CanvasOf(StrEnum):
    """Whose canvases annotations are about."""

    LIBRARY = "library"
    HERE = "here"


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

    def pdf(self, edition_id: int) -> str:
        """Return the address of an edition's pages as a PDF."""
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

    def page_annotations(self, page_id: int, on: CanvasOf = CanvasOf.HERE) -> str:
        """Return the address of a page's annotations."""
        ...

    def edition_annotations(self, edition_id: int, on: CanvasOf) -> str:
        """Return the address of the annotations of all pages of an edition."""
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


@dataclass(frozen=True, slots=True)
class AnnotatedCanvas:
    """The canvas that the annotations of a page are about: ours, or the library's."""

    id: str  # its id
    annotations: str  # the address of the annotations on it
    page: tuple[int, int]  # width and height of the page in pixels
    size: tuple[float, float] | None  # its own width and height; None: unknown
    manifest: str = ""  # the address of the manifest that it is part of; "" that of the annotations

    def region(self, box: Box) -> str | None:
        """Return the region of a box of the page on the canvas; None for an empty one.

        In whole units of the canvas, or in percent where the size of the canvas is unknown.
        """
        inside = box.clipped(*self.page)
        x0, y0, x1, y1 = inside.pixels()
        if x1 <= x0 or y1 <= y0:
            return None
        across, down = self.size or (100.0, 100.0)
        kx, ky = across / self.page[0], down / self.page[1]
        if self.size is None:
            sides = (x0 * kx, y0 * ky, (x1 - x0) * kx, (y1 - y0) * ky)
            return "percent:" + ",".join(map(xml_number, sides))
        if self.size != self.page:
            x0, y0, x1, y1 = inside.scaled(kx, ky).pixels()
        return f"{x0},{y0},{x1 - x0},{y1 - y0}"


def own_canvas(links: IiifLinks, page: AnalysedPage) -> AnnotatedCanvas:
    """Return the canvas of an analysed page in the manifest of its edition."""
    size = page.size or (0, 0)
    return AnnotatedCanvas(links.canvas(page.id), links.page_annotations(page.id), size, size)


def annotation_page(
    publisher: Publisher, page: AnalysedPage, canvas: AnnotatedCanvas, *, alone: bool = False
) -> IiifObject:
    """Return the photos and figures on a page as annotations.

    Args:
        publisher: The addresses and the provenance.
        canvas: The canvas of the page.
        alone: Whether it is a separate document, not a part of a manifest.
    """
    items = []
    for position, photo in enumerate(page.photos):
        waits = photo.meaning is None and not photo.by_hand
        if waits or canvas.region(photo.observation.frame.box) is None:
            continue
        items.append(_photo(publisher, canvas, position, photo))
        items += _figures(publisher, canvas, position, photo)
    return {
        **({"@context": CONTEXT} if alone else {}),
        "id": canvas.annotations,
        "type": "AnnotationPage",
        "label": english("Photos as Presslens reads them"),
        "items": items,
    }


def _photo(
    publisher: Publisher, canvas: AnnotatedCanvas, position: int, photo: AnalysedPhoto
) -> IiifObject:
    words = photo_in_words(photo, publisher.decided)
    box = photo.observation.frame.box
    return _annotation(publisher, canvas, f"photo-{position}", box, "commenting", words)


def _figures(
    publisher: Publisher, canvas: AnnotatedCanvas, position: int, photo: AnalysedPhoto
) -> list[IiifObject]:
    """Return the figures whose place in a photo is given: none that people have rejected."""
    boxes = {one.figure: one.box for one in (photo.meaning.sightings if photo.meaning else ())}
    placed = [
        (box, _figure_in_words(one))
        for one in photo_readings(photo, publisher.decided)
        if one.kind is ReadingKind.FIGURE
        and (box := photo.places.get(f"{FIGURE}{one.name}", boxes.get(one.name))) is not None
    ]
    return [
        _annotation(publisher, canvas, f"photo-{position}/figure-{i}", box, "tagging", words)
        for i, (box, words) in enumerate(placed)
        if canvas.region(box) is not None
    ]


def _annotation(
    publisher: Publisher,
    canvas: AnnotatedCanvas,
    name: str,
    box: Box,
    motivation: str,
    text: str,
) -> IiifObject:
    manifest = {"partOf": [{"id": canvas.manifest, "type": "Manifest"}]} if canvas.manifest else {}
    return {
        "id": f"{canvas.annotations}/{name}",
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
            "source": {"id": canvas.id, "type": "Canvas", **manifest},
            "selector": {
                "type": "FragmentSelector",
                "conformsTo": FRAGMENTS,
                "value": f"xywh={canvas.region(box)}",
            },
        },
    }


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
