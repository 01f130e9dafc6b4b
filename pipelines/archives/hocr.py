"""hOCR, the HTML that readers of print write: the texts of its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from lxml import etree

from presslens.models.captions.described import TextBlock, TextLine
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.vocabulary import TextSource
from presslens.pipelines.archives.markup import MOST_BYTES, hull, number, share, text_of
from presslens.pipelines.archives.page_text import PageText
from presslens.pipelines.scans.scan import RejectReason, ScanRejected

_LINES = frozenset({"ocr_caption", "ocr_header", "ocr_line", "ocr_textfloat", "ocrx_line"})
_BLOCKS = frozenset({"ocr_carea", "ocrx_block", "ocr_par"})
_PICTURES = frozenset({"ocr_image", "ocr_linedrawing", "ocr_photo", "ocrx_image"})
_CAPTION = "ocr_caption"
_IMAGE = re.compile(r"""\bimage\s+(?:"([^"]*)"|'([^']*)'|([^;]*))""")
_NUMBERS = re.compile(r"\b(bbox|x_wconf|x_conf|ppageno)\s+([-\d. ]+)")


class _LinePlace(NamedTuple):
    """Where a line stands: the block that it is in, and whether it is of a caption."""

    block: str
    is_caption: bool


def parse_hocr(content: bytes, name: str) -> etree._Element:
    """Return the root of an HTML document, in which no entity means a file or another entity.

    Raises:
        ScanRejected: It is too large, declares entities, or is no HTML.
    """
    if len(content) > MOST_BYTES or b"<!ENTITY" in content:
        detail = Message("it is too large, or declares entities, which are not read")
        raise ScanRejected(name, RejectReason.UNSAFE_ARCHIVE, detail)
    parser = etree.HTMLParser(
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding=_encoding(content),
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        raise ScanRejected(name, RejectReason.CORRUPT, Message("this is no HTML"))
    etree.strip_elements(root, "script", "style", with_tail=False)
    return root


def read_hocr(root: etree._Element) -> tuple[PageText, ...]:
    """Return the texts of the pages of a document, in their order."""
    return tuple(_page_text(page) for page in root.iter() if "ocr_page" in _classes(page))


def _page_text(page: etree._Element) -> PageText:
    box = _box(page)
    pictures = (_box(one) for one in page.iter() if _PICTURES & _classes(one))
    image = _IMAGE.search(page.get("title", ""))
    return PageText(
        TextSource.HOCR,
        None if box is None else box.width,
        None if box is None else box.height,
        next(filter(None, image.groups()), "").strip() if image else "",
        None,
        tuple(_blocks(page)),
        tuple(filter(None, pictures)),
        id=page.get("id", ""),
    )


def _blocks(page: etree._Element) -> Iterator[TextBlock]:
    placed = ((_place(one), one) for one in page.iter() if _LINES & _classes(one))
    for place, elements in groupby(placed, key=lambda one: one[0]):
        lines = tuple(line for _, element in elements if (line := _line(element)))
        if lines:
            yield TextBlock(lines, place.is_caption, place.block)


def _place(line: etree._Element) -> _LinePlace:
    """Return the paragraph or area of a line; a caption may be any of the three."""
    block, is_caption = None, _CAPTION in _classes(line)
    for around in line.iterancestors():
        classes = _classes(around)
        is_caption = is_caption or _CAPTION in classes
        if block is None and classes & _BLOCKS:
            block = around
        if "ocr_page" in classes:
            break
    return _LinePlace("" if block is None else block.get("id", ""), is_caption)


def _line(element: etree._Element) -> TextLine | None:
    words = [one for one in element.iter() if "ocrx_word" in _classes(one)]
    boxes = [box for one in words if (box := _box(one))]
    corners = [(x, y) for box in boxes for x, y in ((box.x0, box.y0), (box.x1, box.y1))]
    box = _box(element) or hull(corners)
    text = " ".join(filter(None, map(text_of, words))) or text_of(element)
    if box is None or not text:
        return None
    sure = [one for word in words if (one := _confidence(word)) is not None]
    return TextLine(box, text, sum(sure) / len(sure) if sure else None)


def _confidence(word: etree._Element) -> float | None:
    """Return how sure a reader is of a word: hOCR writes it from 0 to 100."""
    values = _facts(word)
    value = number((values.get("x_wconf") or values.get("x_conf") or "").split(" ")[0])
    return None if value is None else share(str(value / 100))


def _box(element: etree._Element) -> Box | None:
    corners = [number(one) for one in _facts(element).get("bbox", "").split()]
    if len(corners) != 4 or None in corners:
        return None
    x0, y0, x1, y1 = (corner or 0.0 for corner in corners)
    return Box(x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def _facts(element: etree._Element) -> dict[str, str]:
    return {key: value.strip() for key, value in _NUMBERS.findall(element.get("title", ""))}


def _classes(element: etree._Element) -> set[str]:
    return set(element.get("class", "").split()) if isinstance(element.tag, str) else set()


def _encoding(content: bytes) -> str:
    """Return UTF-8 where a document is in it, for few say so where HTML looks for it."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
