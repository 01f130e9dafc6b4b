"""Reads a description by what its root says it is.

Runs in a process that can be killed: see ``pipelines.scans.sandbox``, which is to be made with this
module's name.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from presslens.models.message import Message
from presslens.pipelines.archives.alto import read_alto
from presslens.pipelines.archives.markup import HEAD, MOST_BYTES, local_name, parse_markup
from presslens.pipelines.archives.mets import MetsDocument, read_mets
from presslens.pipelines.archives.page_text import PageText
from presslens.pipelines.archives.page_xml import read_page_xml
from presslens.pipelines.scans.process import open_lent
from presslens.pipelines.scans.rejection import RejectReason, ScanRejected

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
