"""An issue as one document describes it, METS or DIDL: its record, and the files of its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import PurePosixPath

from presslens.pipelines.archives.identifiers import Identifier

_IMAGES = frozenset(
    {".j2k", ".jp2", ".jpeg", ".jpf", ".jpg", ".jpx", ".pdf", ".png", ".tif", ".tiff", ".webp"}
)
_OTHERS = frozenset(
    {".csv", ".hocr", ".htm", ".html", ".json", ".md5", ".mp3", ".rdf", ".txt", ".xhtml", ".xml"}
)


class DocumentOf(StrEnum):
    """What a document describes."""

    EDITION = "edition"
    REEL = "reel"  # a reel of microfilm: its targets, not its issues
    EDITIONS = "editions"  # it points to the documents of editions


@dataclass(frozen=True, slots=True)
class IssueFile:
    """A file of a page."""

    id: str  # its id in the document
    href: str  # where it is, as written
    use: str  # the group that it is in, "Images" or "master" for instance
    mime: str = ""  # its type, as written
    begins: str = ""  # the id of the page in it that is meant; "" where it is not said
    group: str = ""  # the id of its group, where groups of one use have several
    other_places: tuple[str, ...] = ()  # where else it is, as written
    shared: str = ""  # what the files of one page have in common; "" where it is not said

    @property
    def places(self) -> tuple[str, ...]:
        """Where it is, as written: at one of these places."""
        return (self.href, *self.other_places)

    @property
    def is_image(self) -> bool:
        """Whether it is an image of a page, by its type or by how its name ends."""
        ending = PurePosixPath(self.href.split("?")[0]).suffix.lower()
        if ending in _IMAGES or self.mime.startswith("image/"):
            return True
        return ending not in _OTHERS and not self.mime.startswith(("text/", "application/"))


@dataclass(frozen=True, slots=True)
class IssuePage:
    """A page of an issue."""

    label: str  # the number that the document gives it; "" where it gives none
    files: tuple[IssueFile, ...]  # its files: images in several sizes, its text
    canvas: str = ""  # the id of the library's IIIF canvas; "" without one
    image_service: str = ""  # the address of the library's IIIF Image service; "" without one
    # Width and height of that canvas, in its units; None where they are not said.
    canvas_size: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """What is said of an issue and of its newspaper."""

    title: str = ""  # the newspaper; "" where it is not said
    days: tuple[date, ...] = ()  # the days that are said to be the issue's: they should be one
    languages: tuple[str, ...] = ()  # the languages as they are written, codes before names
    rights: str = ""  # what is said of rights and access
    rights_address: str = ""  # the address of a licence or of a statement of rights
    holder: str = ""  # the institution that keeps it
    edition_label: str = ""  # which edition of the day; else its volume and number
    newspaper_identifiers: tuple[Identifier, ...] = ()
    identifiers: tuple[Identifier, ...] = ()  # of the issue
    homepage: str = ""  # the address of a page about it
    source: str = ""  # the address of the library's own description


@dataclass(frozen=True, slots=True)
class IssueDocument:
    """A document of an issue."""

    profile: str  # the format and how it is used, in words: "METS, NDNP"
    of: DocumentOf
    record: IssueRecord
    pages: tuple[IssuePage, ...]  # the pages in their order
    # The ids of the text blocks that are captions, by the id of their file.
    captions: Mapping[str, frozenset[str]] = field(default_factory=dict)
