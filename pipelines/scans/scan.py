"""Scans: image files and documents, and the pages in them."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from presslens.models.errors import PresslensError
from presslens.models.message import Message


class RejectReason(StrEnum):
    """Every reason for which a scan can be rejected."""

    EMPTY = "empty_file"
    UNKNOWN_FORMAT = "unknown_format"
    CORRUPT = "corrupt"
    TOO_LARGE = "file_too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_COMPLEX = "too_complex"
    ENCRYPTED = "encrypted"
    UNSAFE_NAME = "unsafe_name"
    UNSAFE_ARCHIVE = "unsafe_archive"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"


class ScanRejected(PresslensError):
    """A scan can't be read.

    Attributes:
        name: The name that the file was given with, for people; never used as a path.
        reason: Which kind of rejection it is.
        detail: The fault in one sentence, without paths of this machine.
    """

    def __init__(self, name: str, reason: RejectReason, detail: str) -> None:
        super().__init__(name, reason, detail)
        self.name = name
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.name}: {self.detail} ({self.reason})"


class ReadingFailed(PresslensError):
    """The processes that read a scan were ended from outside: the scan may be read later."""


NaturalKey: TypeAlias = tuple[tuple[tuple[str, int, str], ...], str]
"""The sort key of a name; see :func:`natural_key`."""

HEAD_BYTES = 16
"""First bytes of a file that tell its format."""

_LEFTOVERS = frozenset(
    {".csv", ".db", ".htm", ".html", ".ini", ".json", ".md", ".toml", ".txt", ".xml", ".yaml"}
)

_NAME_LENGTH = 255


class ScanFormat(StrEnum):
    """The format of a scan by its first bytes; the picture formats by Pillow's names."""

    JPEG = "JPEG"
    PNG = "PNG"
    TIFF = "TIFF"
    WEBP = "WEBP"
    JPEG2000 = "JPEG2000"
    PDF = "PDF"
    ZIP = "ZIP"


# What the first bytes are, by the formats' own specifications. TIFF twice for its two byte
# orders and twice more for BigTIFF; JPEG 2000 in its box and as a bare codestream; the last is
# a ZIP archive without members.
_SIGNATURES: tuple[tuple[re.Pattern[bytes], ScanFormat], ...] = (
    (re.compile(rb"\xff\xd8\xff"), ScanFormat.JPEG),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), ScanFormat.PNG),
    (re.compile(rb"II[\x2a\x2b]\x00|MM\x00[\x2a\x2b]"), ScanFormat.TIFF),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), ScanFormat.WEBP),
    (re.compile(rb"\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"), ScanFormat.JPEG2000),
    (re.compile(rb"%PDF-"), ScanFormat.PDF),
    (re.compile(rb"PK\x03\x04|PK\x05\x06"), ScanFormat.ZIP),
)

SIGNATURES = "|".join(pattern.pattern.decode("ascii") for pattern, _ in _SIGNATURES)
"""How all of them begin, as a regular expression that browsers read too; a dot is any byte."""


@dataclass(frozen=True, slots=True)
class PageSource:
    """One page of a file."""

    path: Path  # the file that holds the page: an image, a TIFF or a PDF, never an archive
    frame: int  # which page of that file, from 0
    name: str  # the page's name for people, "edition.pdf#2" or "page_01.jpg" for instance


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits above which a scan is rejected. A 600-dpi broadsheet page has 120 megapixels."""

    pixels: int = 150_000_000  # most pixels of a page
    side: int = 20_000  # longest side of a page, in pixels
    pages: int = 64  # most pages of a file, and most scans of an archive
    entries: int = 1024  # most entries of an archive, folders and leftovers included
    file_bytes: int = 200 * 2**20  # largest file, and largest member of an archive
    request_bytes: int = 512 * 2**20  # largest sum of the members of an archive
    seconds: float = 45.0  # longest processor time for a page of the most pixels
    # Longest processor time for a small page, and for a look into a file.
    least_seconds: float = 8.0
    # Most memory for one file or page, on top of what the reader itself takes.
    memory_bytes: int = 1400 * 2**20

    def seconds_for(self, pixels: int) -> float:
        """Return the longest processor time for a page of so many pixels."""
        return max(min(self.seconds, self.least_seconds), self.share_of(pixels))

    def share_of(self, pixels: int) -> float:
        """Return the share of the longest time that so many pixels have."""
        return min(self.seconds, self.seconds * pixels / self.pixels)


DEFAULT_LIMITS = Limits()


def sniff(head: bytes) -> ScanFormat | None:
    """Return the format of a file by its first 16 bytes; None if it is not supported."""
    return next((kind for pattern, kind in _SIGNATURES if pattern.match(head)), None)


def admit(path: Path, name: str, *, limits: Limits) -> ScanFormat:
    """Return the format of a file; only its size and its first 16 bytes are read.

    Args:
        name: The file's name for people.
        limits: The largest size.

    Raises:
        ScanRejected: The file is empty, too large, or of no supported format.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ScanRejected(name, RejectReason.UNKNOWN_FORMAT, Message("this is not a file"))
    if status.st_size > limits.file_bytes:
        detail = Message(
            "the file has %(size)s MB; at most %(most)s MB are read",
            size=f"{status.st_size / 2**20:.0f}",
            most=f"{limits.file_bytes / 2**20:.0f}",
        )
        raise ScanRejected(name, RejectReason.TOO_LARGE, detail)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = sniff(head)
    if kind is None:
        raise refusal(name, head)
    return kind


def refusal(name: str, head: bytes) -> ScanRejected:
    """Return the rejection of a file whose first bytes are those of no supported format.

    Args:
        name: The file's name for people.
        head: Its first bytes; none of an empty file.
    """
    if not head:
        return ScanRejected(name, RejectReason.EMPTY, Message("the file is empty"))
    detail = Message(
        "this is not a JPEG, PNG, TIFF, WebP, JPEG 2000, PDF or ZIP file, whatever its name"
    )
    return ScanRejected(name, RejectReason.UNKNOWN_FORMAT, detail)


def shown(name: str, longest: int = _NAME_LENGTH) -> str:
    """Return a name from outside as one printable line of at most so many characters."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name[:longest])


def natural_key(name: str) -> NaturalKey:
    """Return the key that sorts names as people do, page_2 before page_10, folder by folder.

    >>> sorted(["page_10.jpg", "page_2.jpg", "Page_1.jpg"], key=natural_key)
    ['Page_1.jpg', 'page_2.jpg', 'page_10.jpg']
    """
    path = PurePosixPath(name)
    chunks: list[tuple[str, int, str]] = []
    for part in (*path.parts[:-1], path.stem):
        for text, digits in re.findall(r"([^0-9]*)([0-9]*)", part.casefold()):
            # Numbers compare by length, then by digits: int() refuses very long ones.
            number = digits.lstrip("0")
            chunks.append((text, len(number), number))
    return tuple(chunks), name


def is_leftover(name: str) -> bool:
    """Return whether a name in a listing is hidden, or of a file that never is a scan."""
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return hidden or path.suffix.lower() in _LEFTOVERS


def expand(paths: Iterable[Path]) -> Sequence[Path]:
    """Replace each folder by its files in natural order, without hidden files and leftovers.

    Args:
        paths: Files, which are returned whatever their names are, and folders.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (p for p in path.iterdir() if p.is_file() and not is_leftover(p.name))
            files += sorted(inside, key=lambda p: natural_key(p.name))
        else:
            files.append(path)
    return files


def passed_over(paths: Iterable[Path]) -> Sequence[Path]:
    """Return the sub-folders that ``expand`` doesn't enter, in natural order."""
    folders: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (p for p in path.iterdir() if p.is_dir() and not is_leftover(p.name))
            folders += sorted(inside, key=lambda p: natural_key(p.name))
    return folders
