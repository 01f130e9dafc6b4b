"""What the XML exports share: texts that XML can hold, numbers, and the bytes of a document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document has: control characters, lone surrogates."""


@dataclass(frozen=True, slots=True)
class XmlVocabulary:
    """The elements of one namespace, which is the default one of their documents."""

    namespace: str

    def name(self, tag: str) -> str:
        """Return the full name of a tag."""
        return f"{{{self.namespace}}}{tag}"

    def root(self, tag: str, **attributes: str) -> etree._Element:
        """Return the first element of a document."""
        return etree.Element(self.name(tag), attributes, nsmap=self._default())

    def add(
        self, parent: etree._Element, tag: str, text: str | None = None, **attributes: str
    ) -> etree._Element:
        """Add an element, with its text, as the last one of another."""
        element = etree.SubElement(parent, self.name(tag), attributes, nsmap=self._default())
        element.text = text
        return element

    def _default(self) -> dict[str, str]:
        return {None: self.namespace}  # type: ignore[dict-item]  # what the stubs leave out


def xml_text(text: str) -> str:
    """Return a text with U+FFFD in the stead of each character that XML does not have."""
    return _NO_XML.sub("\ufffd", text)


def xml_number(value: float) -> str:
    """Return a number with up to four digits after the point."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def xml_boolean(value: bool) -> str:
    """Return a value of xsd:boolean."""
    return "true" if value else "false"


def xml_time(moment: datetime) -> str:
    """Return a moment as xsd:dateTime in UTC, in whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def xml_bytes(root: etree._Element) -> bytes:
    """Return a document as UTF-8, indented."""
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
