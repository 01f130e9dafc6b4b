"""Reads a description by what its root says it is.

Runs in a process that can be killed: see ``pipelines.scans.sandbox``, which is to be made with this
module's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from lxml import etree

from presslens.models.captions.described import TextBlock, TextLine
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.vocabulary import TextSource
from presslens.pipelines.archives.markup import (
    HEAD,
    MOST_BYTES,
    children,
    first,
    local_name,
    number,
    parse_markup,
    share,
    text_of,
)
from presslens.pipelines.archives.mets import MetsDocument, read_mets
from presslens.pipelines.archives.page_text import PageText
from presslens.pipelines.archives.page_xml import read_page_xml
from presslens.pipelines.scans.process import open_lent
from presslens.pipelines.scans.scan import RejectReason, ScanRejected

_CAPTION = "caption"


def read_alto(root: etree._Element) -> PageText | None:
    """Return the text of the first page of an ALTO document; None where it has no page."""
    page = first(root, "Page")
    if page is None:
        return None
    width, height = number(page.get("WIDTH")), number(page.get("HEIGHT"))
    space = next(children(page, "PrintSpace"), None)
    return PageText(
        TextSource.ALTO,
        width,
        height,
        text_of(first(root, "fileName")),
        None if space is None else _box(space),
        tuple(_blocks(page, _caption_tags(root))),
        tuple(box for picture in page.iter("{*}Illustration") if (box := _box(picture))),
        (page.get("PRINTED_IMG_NR") or "").strip(),
    )


def _caption_tags(root: etree._Element) -> frozenset[str]:
    """Return the ids of the tags that mark a block as a caption."""
    tags = first(root, "Tags")
    return frozenset(
        tag.get("ID", "")
        for tag in (() if tags is None else tags)
        if _CAPTION in f"{tag.get('LABEL')} {tag.get('TYPE')}".casefold()
    )


def _blocks(page: etree._Element, captions: frozenset[str]) -> Iterator[TextBlock]:
    for block in page.iter("{*}TextBlock"):
        lines = tuple(line for one in children(block, "TextLine") if (line := _line(one)))
        if lines:
            yield TextBlock(lines, _is_caption(block, captions), block.get("ID", ""))


def _is_caption(block: etree._Element, captions: frozenset[str]) -> bool:
    """Return whether a block is tagged as a caption, or composed with a picture alone."""
    if captions.intersection(block.get("TAGREFS", "").split()):
        return True
    around = block.getparent()
    if around is None or local_name(around) != "ComposedBlock":
        return False
    if _CAPTION in around.get("TYPE", "").casefold():
        return True
    inside = [local_name(one) for one in around if local_name(one) != "Shape"]
    return inside.count("TextBlock") == 1 and len(inside) == 2 and "Illustration" in inside


def _line(line: etree._Element) -> TextLine | None:
    """Return a line; hyphens at its end are kept, for the word goes on in the next."""
    strings = list(children(line, "String"))
    box = _box(line) or _around(strings)
    text = " ".join(string.get("CONTENT", "").strip() for string in strings).strip()
    if box is None or not text:
        return None
    hyphen = next((one.get("CONTENT", "-") for one in children(line, "HYP")), "")
    words = [word for string in strings if (word := share(string.get("WC"))) is not None]
    confidence = sum(words) / len(words) if words else None
    return TextLine(box, text + hyphen, confidence)


def _around(strings: list[etree._Element]) -> Box | None:
    boxes = [box for string in strings if (box := _box(string))]
    whole = boxes[0] if boxes else None
    for box in boxes[1:]:
        whole = box if whole is None else whole.union(box)
    return whole


def _box(element: etree._Element) -> Box | None:
    names = ("HPOS", "VPOS", "WIDTH", "HEIGHT")
    left, top, width, height = (number(element.get(name)) for name in names)
    if left is None or top is None or width is None or height is None:
        return None
    return Box(left, top, left + width, top + height)


Description: TypeAlias = MetsDocument | PageText

_ROOTS = re.compile(rb"<(?:[\w.-]+:)?(mets|alto|PcGts)[\s>]", re.IGNORECASE)
_MANIFEST = re.compile(rb"iiif\.io/api/presentation/[23]")


class DescriptionKind(StrEnum):
    """What a file says of an edition."""

    METS = "mets"
    ALTO = "alto"
    PAGE = "page"
    IIIF = "iiif"


_KINDS = {
    b"mets": DescriptionKind.METS,
    b"alto": DescriptionKind.ALTO,
    b"pcgts": DescriptionKind.PAGE,
}


def kind_of(path: Path) -> DescriptionKind | None:
    """Return what a file describes, by its name's ending and its first bytes; None for nothing."""
    ending = path.suffix.lower()
    if ending not in {".xml", ".json"} or not path.is_file():
        return None
    with path.open("rb") as file:
        head = file.read(HEAD)
    if ending == ".json":
        return DescriptionKind.IIIF if _MANIFEST.search(head) else None
    root = _ROOTS.search(head)
    return _KINDS[root[1].lower()] if root else None


def read_lent(name: str, descriptor: int) -> Description:
    """Read the METS, ALTO or PAGE document of an open file.

    Args:
        name: The file's name for people.
        descriptor: The open file.

    Raises:
        ScanRejected: It is too large, no XML, none of the three, or has no page.
    """
    with open_lent(descriptor, "rb") as file:
        root = parse_markup(file.read(MOST_BYTES + 1), name)
    kind = _KINDS.get(local_name(root).lower().encode())
    if kind is DescriptionKind.METS:
        return read_mets(root)
    if kind is None:
        detail = Message("this is neither METS nor ALTO nor PAGE-XML")
        raise ScanRejected(name, RejectReason.UNKNOWN_FORMAT, detail)
    page = read_alto(root) if kind is DescriptionKind.ALTO else read_page_xml(root)
    if page is None:
        raise ScanRejected(name, RejectReason.EMPTY, Message("the description has no page"))
    return page
