"""Where a backup is written to: one file, or a folder that is brought up to date."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

from presslens.app.platform.errors import InvalidRequest
from presslens.app.preservation.manifest import (
    DATABASE,
    MANIFEST,
    BackedUpFile,
    BackupManifest,
    copy_and_hash,
    hash_file,
)
from presslens.app.storage.folder import FolderStorage
from presslens.app.storage.storage import SENTINEL
from presslens.pipelines.disk import sync_file, sync_folder

PART = ".part"


class BackupPlace(ABC):
    """Takes the files of a backup. What was there before is replaced at the end, or not at all."""

    def __enter__(self) -> Self:
        return self

    @abstractmethod
    def __exit__(self, *_: object) -> None:
        """Remove what was not finished."""

    @abstractmethod
    def begin(self, database: Path) -> None:
        """Take the database."""

    @abstractmethod
    def has(self, path: str) -> BackedUpFile | None:
        """Return a file of an earlier backup that needs no copying; None if it is to be copied."""

    @abstractmethod
    def copy(self, source: Path, path: str) -> BackedUpFile | None:
        """Copy a file of the store under a path; None if it is not there."""

    @abstractmethod
    def finish(self, manifest: BackupManifest) -> int:
        """Make the backup count, and return the number of older files that were deleted."""


class HashedReads(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read up to so many bytes."""
        chunk = self._file.read(size)
        self.digest.update(chunk)
        return chunk


class BackupFile(BackupPlace):
    """One file: a TAR, not compressed, for scans are compressed already. The manifest is last."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._part = target.with_name(target.name + PART)
        self._part.unlink(missing_ok=True)
        self._file = open(self._part, "xb", opener=_open_private)  # noqa: SIM115
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed at the end

    def __exit__(self, *_: object) -> None:
        """See ``BackupPlace.__exit__``."""
        self._file.close()
        self._part.unlink(missing_ok=True)

    def begin(self, database: Path) -> None:
        """See ``BackupPlace.begin``."""
        self._tar.add(database, DATABASE, filter=_plain_member)

    def has(self, path: str) -> BackedUpFile | None:  # noqa: ARG002
        """See ``BackupPlace.has``."""
        return None

    def copy(self, source: Path, path: str) -> BackedUpFile | None:
        """See ``BackupPlace.copy``."""
        try:
            file = source.open("rb")
        except FileNotFoundError:
            return None
        with file:
            member = _plain_member(self._tar.gettarinfo(arcname=path, fileobj=file))
            hashed = HashedReads(file)
            self._tar.addfile(member, hashed)
            return BackedUpFile(size=member.size, sha256=hashed.digest.hexdigest())

    def finish(self, manifest: BackupManifest) -> int:
        """See ``BackupPlace.finish``."""
        content = manifest.model_dump_json(indent=1).encode()
        member = tarfile.TarInfo(MANIFEST)
        member.size, member.mtime = len(content), int(manifest.created_at.timestamp())
        self._tar.addfile(member, io.BytesIO(content))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._part.replace(self._target)
        sync_folder(self._target.parent)
        return 0


class BackupFolder(BackupPlace):
    """A folder, which is an installation under SQLite itself. Files that it has are not copied."""

    def __init__(self, folder: Path) -> None:
        """Open a folder, which is made if it is not there.

        Raises:
            InvalidRequest: It holds something else.
        """
        is_used = folder.is_dir() and any(folder.iterdir())
        if is_used and not (folder / SENTINEL).is_file():
            raise InvalidRequest(
                f"{folder} holds something else: give a new folder, or an old backup"
            )
        if (folder / DATABASE).is_file() and not (folder / MANIFEST).is_file():
            raise InvalidRequest(
                f"{folder} is an installation, and no backup of one: give a new folder"
            )
        self._folder, self._database = folder, folder / (DATABASE + PART)
        FolderStorage(folder).create()
        self._stored = self._files_before()

    def _files_before(self) -> dict[str, BackedUpFile]:
        try:
            return BackupManifest.read((self._folder / MANIFEST).read_bytes()).files
        except (FileNotFoundError, InvalidRequest):
            return {}

    def __exit__(self, *_: object) -> None:
        """See ``BackupPlace.__exit__``."""
        self._database.unlink(missing_ok=True)

    def begin(self, database: Path) -> None:
        """See ``BackupPlace.begin``."""
        shutil.move(database, self._database)
        self._database.chmod(0o600)
        sync_file(self._database)

    def has(self, path: str) -> BackedUpFile | None:
        """See ``BackupPlace.has``: a file of the size that it had; both kinds never change."""
        target = self._folder / path
        if not target.is_file():
            return None
        stored = self._stored.get(path) or hash_file(target)
        return stored if target.stat().st_size == stored.size else None

    def copy(self, source: Path, path: str) -> BackedUpFile | None:
        """See ``BackupPlace.copy``."""
        target = self._folder / path
        part = target.with_name(target.name + PART)
        try:
            file = source.open("rb")
        except FileNotFoundError:
            return None
        target.parent.mkdir(parents=True, exist_ok=True)
        with file, part.open("wb") as copy:
            entry = copy_and_hash(file, copy)
            os.fsync(copy.fileno())
        part.replace(target)
        return entry

    def finish(self, manifest: BackupManifest) -> int:
        """See ``BackupPlace.finish``."""
        part = self._folder / (MANIFEST + PART)
        part.write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        part.replace(self._folder / MANIFEST)
        self._database.replace(self._folder / DATABASE)
        sync_folder(self._folder)
        deleted = 0
        for path in list(self._files()):
            if path not in manifest.files:
                (self._folder / path).unlink()
                deleted += not path.endswith(PART)
        return deleted

    def _files(self) -> Iterator[str]:
        for kind in ("scans", "views"):
            for path in (self._folder / kind).rglob("*"):
                if path.is_file():
                    yield path.relative_to(self._folder).as_posix()


def _plain_member(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return a member without what it says of this machine and its users."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _open_private(path: str, flags: int) -> int:
    """Open a file that its owner alone may read: it holds embeddings and hashes of passwords."""
    return os.open(path, flags, 0o600)
