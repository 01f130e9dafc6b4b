"""A page as ALTO 4.4: photos as illustrations, captions and headlines as blocks of text.

https://www.loc.gov/standards/alto/ . ALTO has a confidence for words and pages, and none for
blocks: that of a photo stands in a tag of its own, with all numbers of what the photo shows as
``XmlData``. What a photo shows, as people have settled or else as the machine decides, are tags
too, which tools list and filter by. ``CS`` (correction status) and ``PROCESSINGREFS`` tell what
people have drawn or settled from what the machine has found.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from lxml import etree

from presslens.app.services.exports.page_regions import (
    PageRegions,
    PhotoRegion,
    PrintedText,
    ReadingKind,
    RegionReading,
)
from presslens.app.services.exports.snapshot.manifest import code_version
from presslens.app.services.exports.xml_document import (
    XmlVocabulary,
    xml_boolean,
    xml_bytes,
    xml_number,
    xml_text,
    xml_time,
)
from presslens.models.captions.described import TextBlock
from presslens.models.geometry import Box

ALTO = XmlVocabulary("http://www.loc.gov/standards/alto/ns-v4#")
VERSION = "4.4"
READINGS = XmlVocabulary("urn:presslens:readings")
"""The numbers of a photo, inside of ``XmlData``."""

MACHINE, PEOPLE = "processing-machine", "processing-people"

TAGS = {
    ReadingKind.SUBJECT: "LayoutTag",
    ReadingKind.LABEL: "LayoutTag",
    ReadingKind.FOCUS: "RoleTag",
    ReadingKind.FIGURE: "NamedEntityTag",
}
"""The kind of tag for each kind of reading."""


def alto_document(page: PageRegions, printed: Sequence[TextBlock] = ()) -> bytes:
    """Return an ALTO document of a page; the same content gives the same bytes.

    Args:
        printed: Text that the page has beside its captions and headlines, in pixels of the page.
    """
    root = ALTO.root("alto", SCHEMAVERSION=VERSION)
    _describe(ALTO.add(root, "Description"), page)
    tags = _Tags(ALTO.add(root, "Tags"))
    width, height = (str(side) for side in page.size)
    layout = ALTO.add(root, "Layout")
    sheet = ALTO.add(layout, "Page", ID="page", PHYSICAL_IMG_NR=str(page.number), HEIGHT=height,
                 WIDTH=width, PROCESSINGREFS=MACHINE)  # fmt: skip
    space = ALTO.add(sheet, "PrintSpace", HPOS="0", VPOS="0", HEIGHT=height, WIDTH=width)
    captions = {text.photos[0]: text for text in page.texts if text.kind == "caption"}
    headlines = [text for text in page.texts if text.kind == "headline"]
    for i, headline in enumerate(headlines, start=1):
        role = tags.shared("StructureTag", "headline", "headline")
        _text(space, f"headline-{i}", headline, [role, tags.group(i, headline)])
    for photo in page.photos:
        groups = [tags.group(i, one) for i, one in enumerate(headlines, start=1)
                  if photo.photo_id in one.photos]  # fmt: skip
        caption = captions.get(photo.photo_id)
        parent = space if caption is None else _composed(space, photo, caption)
        _illustration(parent, photo, [*tags.of_photo(photo), *groups])
        if caption is not None:
            role = tags.shared("StructureTag", "caption", "caption")
            _text(parent, f"caption-{photo.photo_id}", caption, [role])
    for i, block in enumerate(printed, start=1):
        _printed(space, f"text-{i}", block)
    return xml_bytes(root)


def _describe(description: etree._Element, page: PageRegions) -> None:
    ALTO.add(description, "MeasurementUnit", "pixel")
    source = ALTO.add(description, "sourceImageInformation")
    ALTO.add(source, "fileName", xml_text(page.source))
    ALTO.add(source, "fileIdentifier", page.sha256, fileIdentifierLocation="sha256")
    ALTO.add(source, "documentIdentifier", xml_text(f"{page.publication}, {page.day.isoformat()}"))
    machine = ALTO.add(description, "Processing", ID=MACHINE)
    ALTO.add(machine, "processingCategory", "contentGeneration")
    ALTO.add(machine, "processingDateTime", xml_time(page.analysed_at))
    ALTO.add(machine, "processingStepDescription", "photos found, and what they show estimated")
    ALTO.add(
        machine, "processingStepSettings", f"recipe {page.recipe_id}; codebook {page.codebook}"
    )
    software = ALTO.add(machine, "processingSoftware")
    ALTO.add(software, "softwareName", "Presslens")
    ALTO.add(software, "softwareVersion", code_version())
    if any(photo.corrected for photo in page.photos):
        people = ALTO.add(description, "Processing", ID=PEOPLE)
        ALTO.add(people, "processingCategory", "contentModification")
        ALTO.add(people, "processingDateTime", xml_time(page.changed_at))
        ALTO.add(people, "processingStepDescription",
             "photos drawn by people, and what they have settled of what photos show")  # fmt: skip
        ALTO.add(people, "processingStepSettings", f"codebook {page.codebook}")


class _Tags:
    """The tags of a document: those that photos share, and one of each photo's numbers."""

    def __init__(self, parent: etree._Element) -> None:
        self._parent = parent
        self._shared: dict[tuple[str, str, str], str] = {}

    def shared(self, tag: str, kind: str, label: str) -> str:
        """Return the id of a tag, which is made when it is first asked for."""
        key = tag, kind, label
        if key not in self._shared:
            self._shared[key] = f"tag-{len(self._shared) + 1}"
            ALTO.add(self._parent, tag, ID=self._shared[key], TYPE=kind, LABEL=xml_text(label))
        return self._shared[key]

    def group(self, number: int, headline: PrintedText) -> str:
        """Return the id of the tag that a headline and the photos under it share."""
        text = " ".join((headline.text or "").split()) or f"headline {number}"
        return self.shared("StructureTag", f"under headline {number}", text)

    def of_photo(self, photo: PhotoRegion) -> list[str]:
        """Return the ids of a photo's tags: its numbers, then what it shows."""
        own = f"readings-{photo.photo_id}"
        confidence = xml_number(photo.score)
        tag = ALTO.add(self._parent, "OtherTag", ID=own, TYPE="confidence", LABEL=confidence,
                   DESCRIPTION="confidence that it is a photo, 0 to 1; its numbers in XmlData",
                   )  # fmt: skip
        readings = READINGS.add(ALTO.add(tag, "XmlData"), "readings", photo=str(photo.photo_id),
                                confidence=confidence)  # fmt: skip
        for reading in photo.readings:
            _reading(readings, reading)
        shown = (one for one in photo.readings if one.shows)
        return [own, *(self.shared(TAGS[one.kind], one.kind.value, one.name) for one in shown)]


def _reading(parent: etree._Element, reading: RegionReading) -> None:
    attributes = {
        "kind": reading.kind.value,
        "name": xml_text(reading.name),
        "shows": xml_boolean(reading.shows),
    }
    if reading.probability is not None:
        attributes["probability"] = xml_number(reading.probability)
    if reading.count is not None:
        attributes["count"] = str(reading.count)
    if reading.consensus is not None:
        attributes["settled"] = xml_boolean(reading.consensus)
    READINGS.add(parent, "reading", **attributes)


def _extent(box: Box) -> dict[str, str]:
    return {
        "HPOS": xml_number(box.x0),
        "VPOS": xml_number(box.y0),
        "WIDTH": xml_number(box.width),
        "HEIGHT": xml_number(box.height),
    }


def _illustration(parent: etree._Element, photo: PhotoRegion, tags: list[str]) -> None:
    steps = [*([] if photo.by_hand else [MACHINE]), *([PEOPLE] if photo.corrected else [])]
    ALTO.add(
        parent,
        "Illustration",
        ID=f"photo-{photo.photo_id}",
        TYPE="photo",
        TAGREFS=" ".join(tags),
        PROCESSINGREFS=" ".join(steps),
        CS=xml_boolean(photo.corrected),
        **_extent(photo.box),
    )


def _composed(space: etree._Element, photo: PhotoRegion, caption: PrintedText) -> etree._Element:
    """Return a block around a photo and its caption, which says that they belong together."""
    box = reduce(Box.union, (photo.box, caption.box))
    return ALTO.add(space, "ComposedBlock", ID=f"captioned-{photo.photo_id}",
                TYPE="photo with caption", **_extent(box))  # fmt: skip


def _text(parent: etree._Element, id_: str, text: PrintedText, tags: list[str]) -> None:
    """Add a block of text: one line, as where its lines stand is not stored."""
    block = ALTO.add(parent, "TextBlock", ID=id_, TAGREFS=" ".join(tags), **_extent(text.box))
    if text.text:
        _line(block, f"{id_}-line", text.box, text.text)


def _printed(space: etree._Element, id_: str, printed: TextBlock) -> None:
    """Add a block of text line by line."""
    block = ALTO.add(space, "TextBlock", ID=id_, **_extent(printed.box))
    for i, line in enumerate(printed.lines, start=1):
        _line(block, f"{id_}-line-{i}", line.box, line.text)


def _line(block: etree._Element, id_: str, box: Box, text: str) -> None:
    words = xml_text(text).split()
    if words:
        line = ALTO.add(block, "TextLine", ID=id_, **_extent(box))
        for i, word in enumerate(words):
            if i:
                ALTO.add(line, "SP")
            ALTO.add(line, "String", CONTENT=word)
