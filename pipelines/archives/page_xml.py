"""PAGE-XML, 2010 to 2019: the regions of a page, in their reading order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from lxml import etree

from presslens.models.captions.described import TextBlock, TextLine
from presslens.models.geometry import Box
from presslens.models.vocabulary import TextSource
from presslens.pipelines.archives.markup import children, first, hull, number, share, text_of
from presslens.pipelines.archives.page_text import PageText


def read_page_xml(root: etree._Element) -> tuple[PageText, ...]:
    """Return the texts of the pages of a PAGE document: one by its schema."""
    return tuple(map(_page_text, root.iter("{*}Page")))


def _page_text(page: etree._Element) -> PageText:
    space = next(children(page, "PrintSpace", "Border"), None)
    return PageText(
        TextSource.PAGE,
        number(page.get("imageWidth")),
        number(page.get("imageHeight")),
        page.get("imageFilename", ""),
        None if space is None else _box(space),
        tuple(_blocks(page)),
        tuple(box for region in page.iter("{*}ImageRegion") if (box := _box(region))),
    )


def _blocks(page: etree._Element) -> Iterator[TextBlock]:
    order = _reading_order(page)
    regions = list(page.iter("{*}TextRegion"))
    regions.sort(key=lambda region: order.get(region.get("id", ""), len(order)))
    for region in regions:
        lines = tuple(line for one in children(region, "TextLine") if (line := _line(one)))
        if not lines and (whole := _line(region)):
            lines = (whole,)
        if lines:
            named = f"{region.get('type')} {region.get('custom')}"  # Transkribus has it in both
            yield TextBlock(lines, "caption" in named, region.get("id", ""))


def _reading_order(page: etree._Element) -> dict[str, int]:
    """Return the place of each region by its id: indices count within a group of the order."""
    order = next(children(page, "ReadingOrder"), None)
    place = count()
    return {} if order is None else {region: next(place) for region in _ordered(order)}


def _ordered(group: etree._Element) -> Iterator[str]:
    parts = sorted(group, key=lambda part: number(part.get("index")) or 0)
    for part in parts:
        if region := part.get("regionRef"):
            yield region
        yield from _ordered(part)


def _line(element: etree._Element) -> TextLine | None:
    """Return the text of a line or region: its first reading, the best by the format's rules."""
    readings = list(children(element, "TextEquiv"))
    reading = min(readings, key=lambda one: number(one.get("index")) or 0, default=None)
    box = _box(element)
    text = "" if reading is None else text_of(first(reading, "Unicode"))
    words = [line for word in children(element, "Word") if (line := _line(word))]
    text = text or " ".join(word.text for word in words)
    if box is None or not text:
        return None
    return TextLine(box, text, None if reading is None else share(reading.get("conf")))


def _box(element: etree._Element) -> Box | None:
    """Return the box around a polygon: "x,y x,y", or points as elements before 2013."""
    shape = next(children(element, "Coords"), None)
    if shape is None:
        return None
    pairs = [pair.split(",") for pair in shape.get("points", "").split()]
    pairs += [[point.get("x", ""), point.get("y", "")] for point in children(shape, "Point")]
    points = [(number(pair[0]), number(pair[1])) for pair in pairs if len(pair) == 2]
    return hull([(x, y) for x, y in points if x is not None and y is not None])
