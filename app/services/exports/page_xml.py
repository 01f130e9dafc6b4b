"""A page as PAGE-XML 2019-07-15: photos as image regions, captions and headlines as text regions.

https://github.com/PRImA-Research-Lab/PAGE-XML . The confidence of a photo is that of its
coordinates. What a photo shows, as people have settled or else as the machine decides, are labels;
all numbers are attributes of its own. ``source`` tells what people have drawn from what the machine
has found, and each ``….settled`` what people have settled.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from presslens.app.services.exports.page_regions import (
    PageRegions,
    PhotoRegion,
    PrintedText,
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
from presslens.models.geometry import Box

PAGE = XmlVocabulary("http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15")

TEXT_TYPES = {"caption": "caption", "headline": "heading"}
"""The type of a text region, by what it is here."""


def page_document(page: PageRegions) -> bytes:
    """Return a PAGE document of a page; the same content gives the same bytes."""
    root = PAGE.root("PcGts")
    _describe(PAGE.add(root, "Metadata"), page)
    width, height = page.size
    sheet = PAGE.add(root, "Page", imageFilename=xml_text(page.source), imageWidth=str(width),
                 imageHeight=str(height))  # fmt: skip
    texts = list(_named_texts(page))
    links = [(name, photo) for name, text in texts for photo in text.photos]
    if page.photos:
        _reading_order(sheet, page)
    if links:
        _relations(sheet, links)
    for name, text in texts:
        _text(sheet, name, text)
    for photo in page.photos:
        _photo(sheet, photo, page.codebook)
    return xml_bytes(root)


def _describe(metadata: etree._Element, page: PageRegions) -> None:
    version = code_version()
    PAGE.add(metadata, "Creator", f"Presslens {version}")
    PAGE.add(metadata, "Created", xml_time(page.analysed_at))
    PAGE.add(metadata, "LastChange", xml_time(page.changed_at))
    PAGE.add(metadata, "Comments",
         "Machine-made, but for regions whose source is people and for what they have settled.",
         )  # fmt: skip
    step = PAGE.add(metadata, "MetadataItem", type="processingStep", name="photos",
                value=f"Presslens {version}", date=xml_time(page.analysed_at))  # fmt: skip
    labels = PAGE.add(step, "Labels", externalModel="Presslens", externalId="recipe")
    PAGE.add(labels, "Label", type="recipe", value=page.recipe_id)
    PAGE.add(labels, "Label", type="codebook", value=page.codebook)
    for name, value in (
        ("publication", page.publication),
        ("date", page.day.isoformat()),
        ("page number", str(page.number)),
        ("sha256", page.sha256),
    ):
        PAGE.add(metadata, "MetadataItem", type="other", name=name, value=xml_text(value))


def _named_texts(page: PageRegions) -> Iterator[tuple[str, PrintedText]]:
    headlines = 0
    for text in page.texts:
        if text.kind == "headline":
            headlines += 1
            yield f"headline-{headlines}", text
        else:
            yield f"caption-{text.photos[0]}", text


def _reading_order(sheet: etree._Element, page: PageRegions) -> None:
    order = PAGE.add(PAGE.add(sheet, "ReadingOrder"), "OrderedGroup", id="photos", caption="photos")
    for i, photo in enumerate(page.photos):
        PAGE.add(order, "RegionRefIndexed", index=str(i), regionRef=f"photo-{photo.photo_id}")


def _relations(sheet: etree._Element, links: list[tuple[str, int]]) -> None:
    relations = PAGE.add(sheet, "Relations")
    for i, (name, photo) in enumerate(links, start=1):
        relation = PAGE.add(relations, "Relation", id=f"link-{i}", type="link")
        PAGE.add(PAGE.add(relation, "Labels"), "Label", value=name.partition("-")[0])
        PAGE.add(relation, "SourceRegionRef", regionRef=name)
        PAGE.add(relation, "TargetRegionRef", regionRef=f"photo-{photo}")


def _points(box: Box) -> str:
    """Return the corners of a box as points, clockwise, in whole pixels."""
    x0, y0, x1, y1 = box.pixels()
    return f"{x0},{y0} {x1},{y0} {x1},{y1} {x0},{y1}"


def _text(sheet: etree._Element, name: str, text: PrintedText) -> None:
    region = PAGE.add(sheet, "TextRegion", id=name, type=TEXT_TYPES[text.kind])
    PAGE.add(region, "Coords", points=_points(text.box))
    if text.text is not None:
        PAGE.add(PAGE.add(region, "TextEquiv"), "Unicode", xml_text(text.text))


def _photo(sheet: etree._Element, photo: PhotoRegion, codebook: str) -> None:
    region = PAGE.add(sheet, "ImageRegion", id=f"photo-{photo.photo_id}")
    PAGE.add(region, "Coords", points=_points(photo.box), conf=xml_number(photo.score))
    own = PAGE.add(region, "UserDefined")
    _attribute(own, "source", "string", "people" if photo.by_hand else "machine")
    for reading in photo.readings:
        _reading(own, reading)
    shown = [one for one in photo.readings if one.shows]
    if shown:
        labels = PAGE.add(region, "Labels", externalModel=f"Presslens codebook {codebook}")
        for one in shown:
            PAGE.add(labels, "Label", type=one.kind.value, value=xml_text(one.name))


def _attribute(parent: etree._Element, name: str, kind: str, value: str) -> None:
    PAGE.add(parent, "UserAttribute", name=xml_text(name), type=f"xsd:{kind}", value=value)


def _reading(parent: etree._Element, reading: RegionReading) -> None:
    name = f"{reading.kind.value}:{reading.name}"
    if reading.probability is not None:
        _attribute(parent, f"{name}.probability", "float", xml_number(reading.probability))
    if reading.count is not None:
        _attribute(parent, f"{name}.count", "integer", str(reading.count))
    if reading.consensus is not None:
        _attribute(parent, f"{name}.settled", "boolean", xml_boolean(reading.consensus))
