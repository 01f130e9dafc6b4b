"""An edition as a library describes it: its newspaper and day, its pages, their images and text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from presslens.models.errors import PresslensError
from presslens.models.message import Message
from presslens.pipelines.archives.identifiers import Identifier as Identifier
from presslens.pipelines.archives.identifiers import IdentifierScheme as IdentifierScheme
from presslens.pipelines.archives.page_text import PageText
from presslens.pipelines.scans.page_numbers import MOST_PAGES

_LONGEST_NUMBER = 20
"""Most digits of a page number, zeros before it included: ``int`` refuses thousands of them."""


class DescriptionUnusable(PresslensError):
    """A folder is described, and not so that it could be read; the message names the file."""


class DescriptionKind(StrEnum):
    """The format of a file that describes an edition."""

    METS = "mets"
    DIDL = "didl"
    ALTO = "alto"
    PAGE = "page"
    HOCR = "hocr"
    IIIF = "iiif"


@dataclass(frozen=True, slots=True)
class DescribedPage:
    """A page of a described edition."""

    number: int
    image: Path  # the file that shows it
    text: PageText | None = None  # its text; None where there is none
    canvas: str = ""  # the id of the library's IIIF canvas; "" without one
    image_service: str = ""  # the address of the library's IIIF Image service; "" without one
    # Width and height of that canvas, in its units; None where they are not said.
    canvas_size: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True, slots=True)
class DescribedEdition:
    """An edition as its description has it."""

    # The file that describes it: a METS document or manifest; without one, the folder.
    document: Path
    kind: DescriptionKind  # the format of the description
    title: str  # the newspaper; "" where it is not said
    day: date | None  # the day; None where it is not said
    pages: tuple[DescribedPage, ...]  # the pages whose image is there
    pages_described: int  # number of pages that the description has
    rights: str = ""  # what it says of rights and whom to name
    languages: tuple[str, ...] = ()  # what it is written in, BCP 47 codes; () where not said
    # What is missing or does not fit, a sentence each.
    notes: tuple[str, ...] = field(default_factory=tuple)
    newspaper_identifiers: tuple[Identifier, ...] = ()  # of the newspaper: LCCN, ISSN, OCLC, ARK
    identifiers: tuple[Identifier, ...] = ()  # of the edition: ARK, URN, OBJID
    edition_label: str = ""  # which edition of the day: "Morning edition"
    holder: str = ""  # the institution that keeps it
    rights_address: str = ""  # the address of a licence or of a statement of rights
    source: str = ""  # the library's own manifest or description, an address
    homepage: str = ""  # the library's own page about it, an address
    profile: str = ""  # the format and how it is used, in words: "METS, NDNP"; "" for the kind
    texts_described: int = 0  # number of pages whose text is there, with an image or without

    def to_json(self) -> dict[str, Any]:
        """Return the description as it is printed, without the texts."""
        return {
            "document": self.document.name,
            "kind": self.kind.value,
            "title": self.title,
            "date": self.day.isoformat() if self.day else None,
            "pages_described": self.pages_described,
            "pages": [
                {"number": page.number, "image": page.image.name, "text": page.text is not None}
                for page in self.pages
            ],
            "rights": self.rights,
            "rights_address": self.rights_address,
            "holder": self.holder,
            "edition_label": self.edition_label,
            "source": self.source,
            "homepage": self.homepage,
            "languages": list(self.languages),
            "newspaper_identifiers": list(map(str, self.newspaper_identifiers)),
            "identifiers": list(map(str, self.identifiers)),
            "notes": [str(note) for note in self.notes],
        }


def profile_of(edition: DescribedEdition) -> str:
    """Return the format of a description, and how it is used, in words."""
    return edition.profile or _PROFILES[edition.kind]


_PROFILES = {
    DescriptionKind.METS: "METS",
    DescriptionKind.DIDL: "DIDL",
    DescriptionKind.ALTO: "ALTO",
    DescriptionKind.PAGE: "PAGE-XML",
    DescriptionKind.HOCR: "hOCR",
    DescriptionKind.IIIF: "IIIF",
}


def check_images(edition: DescribedEdition) -> None:
    """Check that images of an edition are there.

    Raises:
        DescriptionUnusable: None is; the message says which newspaper and day it is of.
    """
    if not edition.pages_described and edition.notes:
        raise DescriptionUnusable(edition.notes[0])
    if not edition.pages:
        raise DescriptionUnusable(
            Message(
                "%(name)s: none of the images of its %(n)s pages is in the folder",
                name=_named(edition),
                n=edition.pages_described,
            )
        )


def _named(edition: DescribedEdition) -> str:
    """Return the name of a description, with the newspaper and the day that it names."""
    of = [edition.title, edition.day.isoformat() if edition.day else ""]
    of_issue = " ".join(filter(None, of))
    return f"{edition.document.name} ({of_issue})" if of_issue else edition.document.name


def numbered(labels: Sequence[str]) -> list[int]:
    """Return the numbers of pages by their labels: their places, unless all are fit numbers.

    >>> numbered(["[1]", "2", "4"]), numbered(["1", "ii", "3"]), numbered(["1", "1"])
    ([1, 2, 4], [1, 2, 3], [1, 2])
    """
    bare = [label.strip("[]().").strip() for label in labels]
    decimal = [label for label in bare if label.isdecimal() and len(label) <= _LONGEST_NUMBER]
    numbers = [number for number in map(int, decimal) if 1 <= number <= MOST_PAGES]
    if len(set(numbers)) == len(labels):
        return numbers
    return list(range(1, len(labels) + 1))


def check_pages(count: int, name: str) -> None:
    """Check that a description has as many pages as an edition may have.

    Raises:
        DescriptionUnusable: It has none, or more.
    """
    if count == 0:
        raise DescriptionUnusable(Message("%(name)s: it lists no pages", name=name))
    if count > MOST_PAGES:
        raise DescriptionUnusable(
            Message(
                "%(name)s: it lists more pages than the %(most)s that are read",
                name=name,
                most=MOST_PAGES,
            )
        )


def without_image(name: str, page: int) -> Message:
    """Return the note that the image of a page is missing."""
    return Message(
        "%(name)s: the image of page %(page)s is not in the folder, or in no format that is read",
        name=name,
        page=page,
    )


def several_days(name: str, days: Sequence[date]) -> Message:
    """Return the note that a description says several days, and which is taken."""
    return Message(
        "%(name)s: it says that the issue is of %(days)s: %(day)s is taken",
        name=name,
        days=", ".join(map(str, days)),
        day=days[0].isoformat(),
    )


def without_text(name: str, numbers: Sequence[int]) -> Message:
    """Return the note that pages have no text, where others have one."""
    return Message(
        "%(name)s: pages without a text in the folder: %(numbers)s",
        name=name,
        numbers=", ".join(map(str, numbers)),
    )
