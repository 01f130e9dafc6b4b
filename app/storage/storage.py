"""The store of an installation: scans and page views, named by their content, whole or absent.

``scans/ab/cdef…`` holds bytes under their sha256: uploads, reference photos, examples of labels.
``views/`` holds a picture of each page, made while the page is observed and never again: a view
that is lost stays lost until the page is observed under other rules of observation. What is made of
views lies in ``derivatives/`` of each machine (``app.derivatives``). ``.presslens`` marks the
store: without it nothing is started, for an unmounted disk must not be taken for an empty archive.
Nothing is deleted because no row knows it; only the files of removed references and of the emptied
trash are (``app.services.figures.erasure``).
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, BinaryIO

from presslens.app.platform.errors import DiskFull, LimitExceeded, StoreMissing
from presslens.models.vocabulary import Image
from presslens.pipelines.failpoints import Failpoint, around
from presslens.pipelines.object_store import SCANS, VIEWS, ObjectStore

SENTINEL = ".presslens"
MARK = b"Scans of Presslens. Keep this file.\n"
CHUNK = 2**20
STALE_SECONDS = 24 * 3600.0
BACKUP_LIST = "backup.json"
"""What a folder has beside its files that is a backup of an installation."""
STRAYS = "strays"
"""Where files are moved that no row names."""
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
class Storage(ABC):
    """The store of one installation, with a folder of this machine for unfinished files."""

    root: Path  # the folder of this machine
    min_free_bytes: int = 0  # free disk below which nothing more is taken

    @property
    def incoming(self) -> Path:
        """The folder of unfinished files."""
        return self.root / "tmp"

    @property
    @abstractmethod
    def name(self) -> str:
        """What people know the store by."""

    @property
    @abstractmethod
    def marked(self) -> bool:
        """Whether there is the mark of a store.

        Raises:
            StoreMissing: The store can't be reached.
        """

    @property
    @abstractmethod
    def objects(self) -> ObjectStore | None:
        """What fetches and puts files on other machines; None where these have the folder too."""

    @abstractmethod
    def create(self) -> None:
        """Create the store and its mark."""

    @abstractmethod
    def check_mark(self) -> None:
        """Check that there is the mark of a store; nothing is written.

        Raises:
            StoreMissing: There is none, or the store can't be reached.
        """

    def check(self) -> None:
        """Check that there is the mark of a store, and that this machine can write.

        Raises:
            StoreMissing: There is no mark, or nothing can be written.
        """
        self.check_mark()
        try:
            with tempfile.TemporaryFile(dir=self.incoming):
                pass
        except OSError as error:
            raise StoreMissing(f"the data folder can't be written to: {self.root}") from error

    def free_bytes(self) -> int:
        """Return how many bytes of this machine's disk are free."""
        return shutil.disk_usage(self.root).free

    def check_room(self, coming: int = 0) -> None:
        """Check that enough disk stays free after ``coming`` more bytes.

        Raises:
            DiskFull: It doesn't.
        """
        if self.free_bytes() - coming < self.min_free_bytes:
            raise DiskFull("too little free disk is left to take more scans")

    def put(self, source: BinaryIO, *, most: int) -> Blob:
        """Store the bytes of a stream once; stored bytes that were damaged since are replaced.

        Args:
            source: The stream.
            most: Largest number of bytes that is accepted.

        Raises:
            LimitExceeded: There are more; nothing is stored.
            DiskFull: Too little disk is free; nothing is stored.
            StoreMissing: The store can't be written to.
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
                written = self._place(Path(part.name), blob.sha256)
        finally:
            Path(part_file.name).unlink(missing_ok=True)
        return replace(blob, written=written)

    @abstractmethod
    def _place(self, part: Path, sha256: str) -> bool:
        """Store a file under its sha256; return False where it is there, whole, already."""

    @abstractmethod
    def remove(self, sha256: str, *, unless_put_after: float) -> bool:
        """Delete the bytes with this sha256; return whether they are deleted.

        Args:
            sha256: Which ones; it is no error if they are not there.
            unless_put_after: Bytes that were given again since, in seconds since the epoch, stay.
        """

    def removed(self) -> Iterator[str]:
        """Yield the sha256 of bytes that were removed on another machine, which this one may have.

        Raises:
            StoreMissing: The store can't be reached.
        """
        return iter(())

    @abstractmethod
    def remove_views(self, sha256: str) -> None:
        """Delete the pictures of the pages of the bytes with this sha256, under all recipes."""

    @abstractmethod
    def has_scan(self, sha256: str) -> bool:
        """Return whether the bytes with this sha256 are in the store.

        Raises:
            StoreMissing: The store can't be reached.
        """

    @abstractmethod
    def open(self, key: str) -> AbstractContextManager[Path]:
        """Return a file of the store on a disk of this machine, until the block ends.

        Raises:
            FileNotFoundError: It is not in the store.
            StoreMissing: The store can't be reached.
        """

    def open_scan(self, sha256: str) -> AbstractContextManager[Path]:
        """Return the file of the bytes with this sha256; see ``open``."""
        return self.open(scan_key(sha256))

    def open_view(
        self, sha256: str, frame: int, observation_id: str
    ) -> AbstractContextManager[Path]:
        """Return the picture of a page; see ``open``."""
        return self.open(view_key(sha256, frame, observation_id))

    @abstractmethod
    def write_view(self, page: Image, key: str) -> None:
        """Store the picture of a page: whole, or not at all.

        Args:
            page: Its pixels.
            key: From ``view_key``.

        Raises:
            StoreMissing: The store can't be written to.
        """

    @abstractmethod
    def path(self, key: str) -> Path:
        """Return the path that tasks name a file by: where it lies, or its key in a bucket."""

    def scan(self, sha256: str) -> Path:
        """Return the path of the bytes with this sha256, whether they are there or not."""
        return self.path(scan_key(sha256))

    def view(self, sha256: str, frame: int, observation_id: str) -> Path:
        """Return the path of the picture of a page, whether it is there or not."""
        return self.path(view_key(sha256, frame, observation_id))

    def scans(self) -> Iterator[str]:
        """Yield the sha256 of each stored scan, sorted."""
        return (key.removeprefix(f"{SCANS}/").replace("/", "") for key in self.keys(SCANS))

    @abstractmethod
    def keys(self, kind: str) -> Iterator[str]:
        """Yield the keys of the stored scans or views, sorted."""

    @abstractmethod
    def copy(self, key: str) -> AbstractContextManager[Path]:
        """Return a file as it is in the store, altered or not, past the copies of this machine.

        Raises:
            FileNotFoundError: It is not in the store.
            StoreMissing: The store can't be reached.
        """

    @abstractmethod
    def restore(self, file: Path, key: str) -> bool:
        """Move a file to its key; return False where there is one already, which stays."""

    @abstractmethod
    def take_back(self, key: str) -> None:
        """Delete a file that was restored."""

    @abstractmethod
    def set_aside(self, key: str, *, unless_put_after: float) -> bool:
        """Move a file among the strays; return False where it is gone, or was put since."""

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
        """Delete what interrupted work has left on this machine.

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


def scan_key(sha256: str) -> str:
    """Return the key of the bytes with this sha256."""
    return f"{SCANS}/{sha256[:2]}/{sha256[2:]}"


def view_keys(sha256: str) -> str:
    """Return how the keys of all pictures of the pages of a file begin."""
    return f"{VIEWS}/{sha256[:2]}/{sha256[2:]}-"


def view_key(sha256: str, frame: int, observation_id: str) -> str:
    """Return the key of the picture of a page."""
    return f"{view_keys(sha256)}{frame}-{observation_id[:16]}.jpg"


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
