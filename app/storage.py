"""Scans and page views in folders: named by their content, whole or absent.

``scans/ab/cdef…`` holds bytes under their sha256: uploads, reference photos, examples of labels.
``views/`` holds a picture of each page, made while the page is observed and never again: a view
that is lost stays lost until the page is observed under other rules of observation. What is made of
views lies in ``derivatives/`` (``app.derivatives``). A file
``.presslens`` marks the folder: without it nothing is started, for an unmounted disk must not be
taken for an empty archive. Nothing is deleted because no row knows it; only the files of removed
references and of the emptied trash are (``app.services.figures.erasure``).
"""

from __future__ import annotations

import errno
import filecmp
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, BinaryIO

import structlog

from app.errors import DiskFull, LimitExceeded, StoreMissing
from pipelines.disk import sync_folder
from pipelines.failpoints import Failpoint, around

log = structlog.get_logger()

SENTINEL = ".presslens"
CHUNK = 2**20
STALE_SECONDS = 24 * 3600.0
READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR}
"""The numbers of the OSErrors of a folder in which nothing can be made."""
FULL = {errno.ENOSPC, errno.EDQUOT}
"""The numbers of the OSErrors of a disk, or a share of one, that is full."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes in the store: their sha256 (64 hex digits) and how many they are.

    ``written``: they were not there before, or were damaged.
    """

    sha256: str
    size: int
    written: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Storage:
    """The store of one installation: a folder, and the free disk below which it takes nothing."""

    root: Path
    min_free_bytes: int = 0

    @property
    def incoming(self) -> Path:
        """The folder of unfinished files, on the same disk as the finished ones."""
        return self.root / "tmp"

    @property
    def marked(self) -> bool:
        """Whether the folder has the mark of a store."""
        return (self.root / SENTINEL).is_file()

    def create(self) -> None:
        """Create the folder, and mark it as a store."""
        for folder in (self.root, self.incoming, self.root / "scans", self.root / "views"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.root / SENTINEL).write_text("Scans of Presslens. Keep this file.\n")
        sync_folder(self.root)

    def check_mark(self) -> None:
        """Check that the folder has the mark of a store; nothing is written.

        Raises:
            StoreMissing: It has no mark.
        """
        if not self.marked:
            raise StoreMissing("the data folder has no .presslens file: is its disk mounted?")

    def check(self) -> None:
        """Check that the folder has the mark of a store and can be written to.

        Raises:
            StoreMissing: It has no mark, or can't be written to.
        """
        self.check_mark()
        try:
            with tempfile.TemporaryFile(dir=self.incoming):
                pass
        except OSError as error:
            raise StoreMissing(f"the data folder can't be written to: {self.root}") from error

    def free_bytes(self) -> int:
        """Return how many bytes of the disk are free."""
        return shutil.disk_usage(self.root).free

    def check_room(self, coming: int = 0) -> None:
        """Check that enough disk stays free after ``coming`` more bytes.

        Raises:
            DiskFull: It doesn't.
        """
        if self.free_bytes() - coming < self.min_free_bytes:
            raise DiskFull("too little free disk is left to take more scans")

    def put(self, source: BinaryIO, *, most: int) -> Blob:
        """Store the bytes of a stream once; bytes that are stored already are not written again.

        Stored bytes that were damaged since are replaced.

        Args:
            source: The stream.
            most: Largest number of bytes that is accepted.

        Raises:
            LimitExceeded: There are more; nothing is stored.
            DiskFull: Too little disk is free; nothing is stored.
            StoreMissing: The folder can't be written to.
        """
        self.check_room()
        with self._explain_errors():
            part_file = tempfile.NamedTemporaryFile(dir=self.incoming, delete=False)  # noqa: SIM115
        try:
            with self._explain_errors(), part_file as part:
                with around(Failpoint.STORE_WRITE):
                    blob = _copy(source, part, most)
                    part.flush()
                self.check_room()
                with around(Failpoint.STORE_SYNC):
                    os.fsync(part.fileno())
                written = self._place(Path(part.name), self.scan(blob.sha256))
        finally:
            Path(part_file.name).unlink(missing_ok=True)
        return replace(blob, written=written)

    def remove(self, sha256: str, *, unless_put_after: float) -> bool:
        """Delete the bytes with this sha256; return whether they are deleted.

        Args:
            sha256: Which ones; it is no error if they are not there.
            unless_put_after: Bytes that were given again since, in seconds since the epoch, stay.
        """
        path, aside = self.scan(sha256), self.incoming / f"removed-{sha256}"
        if aside.is_file() and not path.is_file():  # a removal was interrupted
            aside.replace(path)
        if not path.is_file():
            return True
        if path.stat().st_mtime > unless_put_after:
            return False
        with around(Failpoint.STORE_SET_ASIDE):
            path.replace(aside)
        if aside.stat().st_mtime > unless_put_after:  # given again in this very moment
            aside.replace(path)
            return False
        with around(Failpoint.STORE_REMOVE):
            aside.unlink()
        with around(Failpoint.STORE_SYNC_REMOVAL):
            sync_folder(path.parent)
        return True

    def remove_views(self, sha256: str) -> None:
        """Delete the pictures of the pages of the bytes with this sha256, under all recipes."""
        folder = self.root / "views" / sha256[:2]
        with around(Failpoint.STORE_REMOVE_VIEWS):
            for view in folder.glob(f"{sha256[2:]}-*.jpg"):
                view.unlink(missing_ok=True)
            if folder.is_dir():
                sync_folder(folder)

    @contextmanager
    def _explain_errors(self) -> Iterator[None]:
        """Raise DiskFull, or StoreMissing, naming the folder, where nothing can be written."""
        try:
            yield
        except OSError as error:
            if is_full(error):
                raise DiskFull(f"the disk of {self.root} is full") from error
            if error.errno not in READ_ONLY:
                raise
            raise StoreMissing(f"the data folder can't be written to: {self.root}") from error

    def _place(self, part: Path, target: Path) -> bool:
        """Move new bytes to their place; return False where they are there, whole, already."""
        written = not self._is_whole(part, target)
        if written:
            target.parent.mkdir(exist_ok=True)
            with around(Failpoint.STORE_RENAME):
                part.replace(target)
        else:
            with around(Failpoint.STORE_DROP_COPY):
                part.unlink()
        # Of bytes that were there too: who put them may not have come so far yet.
        with around(Failpoint.STORE_SYNC_FOLDER):
            sync_folder(target.parent)
        with around(Failpoint.STORE_SYNC_PARENT):
            sync_folder(target.parent.parent)
        return written

    def _is_whole(self, part: Path, target: Path) -> bool:
        """Return whether a file has the bytes that were given; it is needed again if so."""
        try:
            with around(Failpoint.STORE_TOUCH):
                os.utime(target)  # tells ``remove`` that it is needed again
            if target.stat().st_size == part.stat().st_size and _same_bytes(part, target):
                return True
        except FileNotFoundError:
            return False
        log.warning("replaced a damaged scan by the bytes that were given", scan=target.name)
        return False

    def scan(self, sha256: str) -> Path:
        """Return where the bytes with this sha256 lie, whether they are there or not."""
        return self.root / "scans" / sha256[:2] / sha256[2:]

    def view(self, sha256: str, frame: int, observation_id: str) -> Path:
        """Return where the picture of a page lies, whether it is there or not."""
        return self.root / "views" / sha256[:2] / f"{sha256[2:]}-{frame}-{observation_id[:16]}.jpg"

    def scans(self) -> Iterator[str]:
        """Yield the sha256 of each stored scan, sorted."""
        for folder in sorted((self.root / "scans").iterdir()):
            yield from (folder.name + file.name for file in sorted(folder.iterdir()))

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Create a temporary folder, and delete it afterwards.

        Raises:
            StoreMissing: The folder can't be written to.
        """
        with self._explain_errors():
            folder = tempfile.TemporaryDirectory(dir=self.incoming)
        with folder as name:
            yield Path(name)

    def sweep(self, now: float) -> None:
        """Delete the unfinished files of interrupted work.

        Args:
            now: The time in seconds since the epoch; files of less than a day stay.
        """
        for leftover in self.incoming.iterdir():
            if now - leftover.stat().st_mtime > STALE_SECONDS:
                with around(Failpoint.STORE_SWEEP):
                    if leftover.is_dir():
                        shutil.rmtree(leftover, ignore_errors=True)
                    else:
                        leftover.unlink(missing_ok=True)


def is_full(error: BaseException | None) -> bool:
    """Return whether an error is that of a full disk."""
    return isinstance(error, OSError) and error.errno in FULL


def _copy(source: BinaryIO, target: IO[bytes], most: int) -> Blob:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > most:
            raise LimitExceeded(f"a file may have {most} bytes")
        digest.update(chunk)
        target.write(chunk)
    return Blob(digest.hexdigest(), size)


def _same_bytes(one: Path, other: Path) -> bool:
    """Return whether two files of one size have the same bytes; one can't be read, neither."""
    try:
        return filecmp.cmp(one, other, shallow=False)
    except FileNotFoundError:
        raise
    except OSError:  # a bad sector
        return False
