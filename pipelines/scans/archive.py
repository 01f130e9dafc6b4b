"""ZIP archives: their scans are written to files of ours, or rejected.

Runs in a process that can be killed: see ``pipelines.scans.sandbox``.
"""

from __future__ import annotations

import copy
import mmap
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import PurePosixPath
from typing import IO, Never, TypeAlias

from presslens.pipelines.scans.confinement import allow_seconds
from presslens.pipelines.scans.process import open_lent
from presslens.pipelines.scans.scan import (
    Limits,
    RejectReason,
    ScanFormat,
    ScanRejected,
    is_leftover,
    natural_key,
    shown,
    sniff,
)

_CHUNK = 2**18
_ENTRY = re.compile(rb"PK\x01\x02")
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED_FLAGS = 0x1 | 0x40
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DRIVE = re.compile(r"[A-Za-z]:")
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OverflowError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A scan that was written out of an archive."""

    place: int  # which target it was written to
    name: str  # the name for people, "edition.zip/page_01.jpg" for instance


Targets: TypeAlias = Callable[[int], IO[bytes]]
"""Opens the n-th empty file to write a member to, from 0."""


def extract(
    file: IO[bytes], targets: Targets, name: str, limits: Limits, *, scans: bool = True
) -> list[Member | ScanRejected]:
    """Write the scans of an archive to files, in natural order of their names.

    Args:
        file: The archive.
        targets: The files, one for each scan.
        name: The archive's name for people.
        limits: The limits of files, pages and archives.
        scans: Pass over files that are no scans by their name.

    Returns:
        The scans, and a rejection in the place of each that is not written.

    Raises:
        ScanRejected: The archive as a whole is not to be trusted, or can't be read.
    """
    _check_count(file, name, limits)
    try:
        with zipfile.ZipFile(file) as archive:
            return _Extraction(archive, file, name, limits, scans).run(targets)
    except _DAMAGE as error:
        detail = "the archive's list of files is damaged"
        raise ScanRejected(name, RejectReason.CORRUPT, detail) from error


def extract_lent(
    name: str, limits: Limits, scans: bool, archive: int, *targets: int
) -> list[Member | ScanRejected]:
    """Extract an archive in a confined process; see ``extract``.

    Args:
        name: The archive's name for people.
        limits: The limits of files, pages and archives.
        scans: Pass over files that are no scans by their name.
        archive: The descriptor of the open archive.
        targets: Descriptors of files to write, as many as an archive may have scans.
    """
    allow_seconds(limits.seconds)
    with open_lent(archive, "rb") as file:
        return extract(
            file, lambda place: open_lent(targets[place], "wb"), name, limits, scans=scans
        )


def _check_count(file: IO[bytes], name: str, limits: Limits) -> None:
    """Count the entries by their marks: the count that the archive gives may be a lie."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        entries = sum(1 for _ in islice(_ENTRY.finditer(content), limits.entries + 1))
    if entries > limits.entries:
        detail = f"the archive has more than {limits.entries:,} entries"
        raise ScanRejected(name, RejectReason.UNSAFE_ARCHIVE, detail)


def _is_unsafe(info: zipfile.ZipInfo) -> bool:
    """Return whether an entry would leave the folder that it is unpacked in, or is no plain file.

    ``orig_filename`` is the name before zipfile cuts it at a NUL.
    """
    name = info.orig_filename
    mode = stat.S_IFMT(info.external_attr >> 16)
    return (
        not name
        or name.startswith("/")
        or "\\" in name
        or "\0" in name
        or _DRIVE.match(name) is not None
        or ".." in PurePosixPath(name).parts
        or mode not in {0, stat.S_IFREG, stat.S_IFDIR}
    )


@dataclass(frozen=True, slots=True)
class _Extraction:
    archive: zipfile.ZipFile
    file: IO[bytes]
    name: str
    limits: Limits
    scans: bool

    def run(self, targets: Targets) -> list[Member | ScanRejected]:
        entries = self.archive.infolist()
        self._check(entries)
        self._check_overlap(entries)
        chosen = [
            entry
            for entry in sorted(entries, key=lambda entry: natural_key(entry.filename))
            if _is_unsafe(entry) or not (entry.is_dir() or self._is_passed(entry))
        ]
        if not chosen:
            raise ScanRejected(self.name, RejectReason.EMPTY, "the archive holds no scans")
        if len(chosen) > self.limits.pages:
            detail = f"the archive holds more than the {self.limits.pages} scans that are read"
            raise ScanRejected(self.name, RejectReason.TOO_MANY_PAGES, detail)
        return [self._take(entry, targets, place) for place, entry in enumerate(chosen)]

    def _is_passed(self, entry: zipfile.ZipInfo) -> bool:
        return self.scans and is_leftover(entry.filename)

    def _distrust(self, detail: str) -> Never:
        raise ScanRejected(self.name, RejectReason.UNSAFE_ARCHIVE, detail)

    def _check(self, entries: list[zipfile.ZipInfo]) -> None:
        if any(entry.flag_bits & _ENCRYPTED_FLAGS for entry in entries):
            detail = "the archive is locked with a password"
            raise ScanRejected(self.name, RejectReason.ENCRYPTED, detail)
        if any(entry.compress_type not in _METHODS for entry in entries):
            self._distrust(
                "the archive is packed in a way that is not read (neither deflated nor stored)"
            )
        if sum(entry.file_size for entry in entries) > self.limits.request_bytes:
            megabytes = self.limits.request_bytes / 2**20
            self._distrust(f"the archive unpacks to more than the {megabytes:.0f} MB that are read")

    def _check_overlap(self, entries: list[zipfile.ZipInfo]) -> None:
        """Reject entries that share bytes: the sign of a small archive that unpacks hugely."""
        ordered = sorted(entries, key=lambda entry: entry.header_offset)
        starts = [*(entry.header_offset for entry in ordered), self.archive.start_dir]
        for entry, (start, following) in zip(ordered, pairwise(starts), strict=True):
            self.file.seek(start)
            mark, name, extra = _LOCAL_HEADER.unpack(self.file.read(_LOCAL_HEADER.size))
            if mark != zipfile.stringFileHeader:  # type: ignore[attr-defined]
                raise zipfile.BadZipFile("an entry doesn't start with its mark")
            if start + _LOCAL_HEADER.size + name + extra + entry.compress_size > following:
                self._distrust("the archive's files overlap")

    def _take(self, entry: zipfile.ZipInfo, targets: Targets, place: int) -> Member | ScanRejected:
        name = f"{self.name}/{shown(entry.orig_filename)}"
        if _is_unsafe(entry):
            detail = "its name in the archive leads out of the archive, or it is a link"
            return ScanRejected(name, RejectReason.UNSAFE_NAME, detail)
        if entry.file_size > self.limits.file_bytes:
            detail = f"unpacked, the file is larger than {self.limits.file_bytes / 2**20:.0f} MB"
            return ScanRejected(name, RejectReason.TOO_LARGE, detail)
        try:
            with targets(place) as target:
                intact = self._write(entry, target)
        except _DAMAGE:
            intact = False
        if not intact:
            return ScanRejected(
                name, RejectReason.CORRUPT, "the file is damaged inside the archive"
            )
        return Member(place, name)

    def _write(self, entry: zipfile.ZipInfo, out: IO[bytes]) -> bool:
        """Write an entry out and return whether its checksum is right."""
        # zipfile stops at the declared size; without one, the real size comes out.
        unsized = copy.copy(entry)
        unsized.file_size = self.limits.file_bytes + 1
        del unsized.CRC
        size = checksum = 0
        with self.archive.open(unsized) as source:
            while chunk := source.read(_CHUNK):
                if size == 0 and sniff(chunk) is ScanFormat.ZIP:
                    self._distrust("the archive holds another archive")
                size += len(chunk)
                if size > entry.file_size:
                    break
                checksum = zlib.crc32(chunk, checksum)
                out.write(chunk)
        if size != entry.file_size:
            self._distrust("the archive gives a wrong size for one of its files")
        return checksum == entry.CRC
