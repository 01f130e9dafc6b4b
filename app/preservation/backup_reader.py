"""Opens a backup, a file or a folder, which anybody may have made."""

from __future__ import annotations

import tarfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from presslens.app.platform.errors import InvalidRequest
from presslens.app.preservation.manifest import MANIFEST, BackupManifest

LARGEST_MANIFEST = 2**30

UNREADABLE = (tarfile.TarError, ValueError, OverflowError, RecursionError, EOFError)
"""What reading a TAR raises whose headers are damaged, or made to do harm."""


class BackupReader(ABC):
    """An open backup."""

    @abstractmethod
    def open(self, path: str) -> IO[bytes]:
        """Open a file of the backup.

        Raises:
            InvalidRequest: The backup has no such file.
        """

    def manifest(self) -> BackupManifest:
        """Return the list of its files.

        Raises:
            InvalidRequest: There is none, or one that can't be used.
        """
        with self.open(MANIFEST) as file:
            try:
                content = file.read(LARGEST_MANIFEST)
            except UNREADABLE as error:
                raise _lacks(MANIFEST) from error
        return BackupManifest.read(content)


class FolderReader(BackupReader):
    """A backup in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, path: str) -> IO[bytes]:
        """See ``BackupReader.open``."""
        file = self._folder / path
        if not file.is_file():
            raise _lacks(path)
        return file.open("rb")


class TarReader(BackupReader):
    """A backup in one file. Only whole files count: no link, and none with holes."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._files = {one.name: one for one in tar if one.isreg() and not one.issparse()}

    def open(self, path: str) -> IO[bytes]:
        """See ``BackupReader.open``."""
        member = self._files.get(path)
        file = None if member is None else self._tar.extractfile(member)
        if file is None:
            raise _lacks(path)
        return file


def _lacks(path: str) -> InvalidRequest:
    if path == MANIFEST:
        return InvalidRequest("this is no backup of Presslens, or one that was not finished")
    return InvalidRequest(f"the backup is damaged: {path} is missing")


@contextmanager
def open_backup(source: Path) -> Iterator[BackupReader]:
    """Open a backup, in a file or a folder.

    Raises:
        InvalidRequest: It is none.
    """
    if source.is_dir():
        yield FolderReader(source)
        return
    with ExitStack() as stack:
        try:
            # A compressed one may unpack to any size; those that this program makes are not.
            tar = stack.enter_context(tarfile.open(source, "r:"))
            reader = TarReader(tar)
        except UNREADABLE as error:
            raise InvalidRequest(
                f"{source.name} is no backup of Presslens: it can't be read as an uncompressed TAR"
                f" ({error})"
            ) from error
        yield reader
