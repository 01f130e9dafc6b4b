"""Why a scan is rejected: a closed list, one word for machines and one sentence for people."""

from __future__ import annotations

from enum import StrEnum

from presslens.models.errors import PresslensError


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
