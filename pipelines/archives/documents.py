"""Reads a description by what its root says it is.

Runs in a process that can be killed: see ``pipelines.scans.sandbox``, which is to be made with this
module's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from lxml import etree

from presslens.models.message import Message
from presslens.pipelines.archives.alto import read_alto
from presslens.pipelines.archives.described_edition import DescriptionKind
from presslens.pipelines.archives.didl import read_didl
from presslens.pipelines.archives.hocr import parse_hocr, read_hocr
from presslens.pipelines.archives.issue_document import IssueDocument
from presslens.pipelines.archives.markup import HEAD, MOST_BYTES, local_name, parse_markup
from presslens.pipelines.archives.mets import read_mets
from presslens.pipelines.archives.page_text import PageText
from presslens.pipelines.archives.page_xml import read_page_xml
from presslens.pipelines.scans.process import open_lent
from presslens.pipelines.scans.scan import RejectReason, ScanRejected


@dataclass(frozen=True, slots=True)
class PageTexts:
    """The texts of a document's pages, one as a rule."""

    pages: tuple[PageText, ...]


Description: TypeAlias = IssueDocument | PageTexts

_ROOTS = re.compile(rb"<(?:[\w.-]+:)?(mets|alto|PcGts|DIDL)[\s>]", re.IGNORECASE)
_HOCR = re.compile(rb"class\s*=\s*[\"']ocr_page")
_MANIFEST = re.compile(rb"iiif\.io/api/presentation/[23]")
_IMAGE = re.compile(rb"image/|\.(?:j2k|jp2|jpe?g|jpf|jpx|pdf|png|tiff?|webp)[\"']", re.IGNORECASE)
_REEL = re.compile(rb"microfilmReel|np:reel")
_HTML = frozenset({".hocr", ".htm", ".html", ".xhtml"})

TEXTS = frozenset({DescriptionKind.ALTO, DescriptionKind.PAGE, DescriptionKind.HOCR})
"""The formats of the texts of pages."""

_KINDS = {
    b"mets": DescriptionKind.METS,
    b"didl": DescriptionKind.DIDL,
    b"alto": DescriptionKind.ALTO,
    b"pcgts": DescriptionKind.PAGE,
}

_READERS: dict[bytes, Callable[[etree._Element], IssueDocument]] = {
    b"mets": read_mets,
    b"didl": read_didl,
}


def kind_of(path: Path) -> DescriptionKind | None:
    """Return what a file describes, by its name's ending and its first bytes; None for nothing."""
    ending = path.suffix.lower()
    if ending not in {".xml", ".json", *_HTML} or not path.is_file():
        return None
    with path.open("rb") as file:
        head = file.read(HEAD)
    head = head.replace(b"\0", b"")  # UTF-16 has one beside each letter
    if ending == ".json":
        return DescriptionKind.IIIF if _MANIFEST.search(head) else None
    root = None if ending in _HTML else _ROOTS.search(head)
    if root is not None:
        return _KINDS[root[1].lower()]
    return DescriptionKind.HOCR if _HOCR.search(head) else None


def kind_of_text(content: bytes) -> DescriptionKind | None:
    """Return the format of the text of a page, by its first bytes; None for other documents."""
    root = _ROOTS.search(content[:HEAD])
    if root is None:
        return DescriptionKind.HOCR if _HOCR.search(content[:HEAD]) else None
    kind = _KINDS[root[1].lower()]
    return kind if kind in TEXTS else None


def lists_pages(path: Path) -> bool:
    """Return whether a METS document may list the pages of an edition; it is not parsed.

    The documents of a reel don't, which show its targets, nor those without any image: those of
    the articles of an issue, or of all issues of a newspaper.
    """
    content = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
    return not content or (is_of_reel(path) is False and _IMAGE.search(content) is not None)


def xml_files(folder: Path) -> list[Path]:
    """Return the XML files of a folder by their names, in whatever case these end."""
    return sorted(file for file in folder.glob("*.[xX][mM][lL]") if file.is_file())


def is_of_reel(path: Path) -> bool:
    """Return whether a METS document is of a reel of microfilm."""
    with path.open("rb") as file:
        return _REEL.search(file.read(HEAD)) is not None


def read_lent(name: str, descriptor: int) -> Description:
    """Read the METS, DIDL, ALTO, PAGE or hOCR document of an open file.

    Args:
        name: The file's name for people.

    Raises:
        ScanRejected: It is too large, no XML, none of these, or has no page.
    """
    with open_lent(descriptor, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    head = content[:HEAD]
    if Path(name).suffix.lower() in _HTML or (_HOCR.search(head) and not _ROOTS.search(head)):
        return _with_pages(name, read_hocr(parse_hocr(content, name)))
    root = parse_markup(content, name)
    found = next((one for one in root.iter() if _kind(one) in _KINDS), root)
    kind = _kind(found)
    if kind in _READERS:
        return _READERS[kind](found)
    if kind == b"alto":
        return _with_pages(name, read_alto(found))
    if kind == b"pcgts":
        return _with_pages(name, read_page_xml(found))
    detail = Message("this is neither METS nor DIDL nor ALTO nor PAGE-XML nor hOCR")
    raise ScanRejected(name, RejectReason.UNKNOWN_FORMAT, detail)


def _kind(element: etree._Element) -> bytes:
    return local_name(element).lower().encode()


def _with_pages(name: str, pages: tuple[PageText, ...]) -> PageTexts:
    if not pages:
        raise ScanRejected(name, RejectReason.EMPTY, Message("the description has no page"))
    return PageTexts(pages)
