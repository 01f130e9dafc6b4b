"""XML of strangers: bounded in size, without entities, document types or the network.

Runs in a process that can be killed: see ``pipelines.scans.sandbox``.
"""

from __future__ import annotations

import math
import re
from codecs import BOM_UTF8
from collections.abc import Iterator

from lxml import etree

from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.pipelines.scans.scan import RejectReason, ScanRejected

MOST_BYTES = 32 * 2**20
"""Largest description that is read. A newspaper page as ALTO has one or two megabytes."""

HEAD = 2**16
"""The root of a description is within so many bytes of its start, envelopes included."""

_DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,200}\?>")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?=\s*(?:;|px|$))")


def parse_markup(content: bytes, name: str) -> etree._Element:
    """Return the root of a document.

    Args:
        content: The document.
        name: The file's name for people.

    Raises:
        ScanRejected: It is too large, no well-formed XML, or declares entities.
    """
    if len(content) > MOST_BYTES:
        most = f"{MOST_BYTES / 2**20:.0f}"
        detail = Message("the description has more than the %(most)s MB that are read", most=most)
        raise ScanRejected(name, RejectReason.TOO_LARGE, detail)
    try:
        root = _parsed(content)
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = str(getattr(error, "msg", error))[:200]
        detail = Message("this is no well-formed XML: %(reason)s", reason=reason)
        raise ScanRejected(name, RejectReason.CORRUPT, detail) from None
    if root.getroottree().docinfo.internalDTD is not None:
        detail = Message("it declares a document type of its own, which is not read")
        raise ScanRejected(name, RejectReason.UNSAFE_ARCHIVE, detail)
    return root


def _parsed(content: bytes) -> etree._Element:
    """Parse a document; one in another encoding than it declares is read in what it is in.

    Raises:
        XMLSyntaxError: It is not well-formed.
    """
    content = content.removeprefix(BOM_UTF8).lstrip()
    try:
        return etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        if "ncoding" not in str(error) and "UTF-8" not in str(error):
            raise
        bare = _DECLARATION.sub(b"", content, count=1)
        try:
            text = bare.decode("utf-8")
        except UnicodeDecodeError:
            text = bare.decode("cp1252", errors="replace")
        return etree.fromstring(text.encode(), _parser("utf-8"))


def _parser(encoding: str | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        encoding=encoding,
    )


def local_name(element: etree._Element) -> str:
    """Return an element's name without its namespace: libraries use several for one schema."""
    return etree.QName(element).localname


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Yield the children with one of these local names, in their order."""
    return (child for child in element if local_name(child) in names)


def first(element: etree._Element, name: str) -> etree._Element | None:
    """Return the first descendant with a local name."""
    return next(element.iter(f"{{*}}{name}"), None)


def text_of(element: etree._Element | None) -> str:
    """Return the whole text inside an element as one line."""
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())


def number(text: str | None) -> float | None:
    """Return a finite number, None where there is none.

    Programs of libraries write a decimal comma, and what belongs to something else behind it.

    >>> number("12,5"), number("1999;x_wconf 0"), number("P3")
    (12.5, 1999.0, None)
    """
    try:
        value = float(text or "")
    except ValueError:
        match = _NUMBER.match((text or "").strip())
        return float(match[0].replace(",", ".")) if match else None
    return value if math.isfinite(value) else None


def share(text: str | None) -> float | None:
    """Return a confidence from 0 to 1, None where there is none."""
    value = number(text)
    return value if value is not None and 0 <= value <= 1 else None


def hull(points: list[tuple[float, float]]) -> Box | None:
    """Return the box around points; None for fewer than two."""
    if len(points) < 2:
        return None
    across, down = zip(*points, strict=True)
    return Box(min(across), min(down), max(across), max(down))
