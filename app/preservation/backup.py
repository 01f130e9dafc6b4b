"""Backs up an installation while others work: the database in one transaction, then its files.

A backup is one file, a TAR, or a folder that later backups bring up to date. Both hold the same:
``presslens.db``, an SQLite database whatever the installation has; the files of ``scans/`` and
``views/`` that its rows name; and ``backup.json``, the sha256 of each. Files are in the store
before a row names them and for an hour after none does, so the files of the rows are there to copy.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Self

from presslens.app.db import schema
from presslens.app.db.session import Database
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.preservation.manifest import (
    DATABASE,
    FORMAT,
    MANIFEST,
    BackedUpFile,
    BackupManifest,
    copy_and_hash,
    hash_file,
)
from presslens.app.preservation.named_files import NamedFiles, named_files
from presslens.app.preservation.plain_tables import copy_rows
from presslens.app.storage.folder import FolderStorage
from presslens.app.storage.storage import SENTINEL, Storage, scan_key
from presslens.pipelines.disk import sync_file, sync_folder
from presslens.pipelines.result import Served

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


OnFile = Callable[[int, int], None]
"""Told how many of how many files are done."""


@dataclass(frozen=True, slots=True)
class BackedUp(Served):
    """The result of a backup."""

    copied: int  # number of files of the store that were copied
    kept: int  # number of files that the folder had already
    # Number of files that no row names any more, and that were deleted from the folder.
    deleted: int
    bytes: int  # size of the copied files and the database
    missing: list[str]  # paths of files that rows name and that neither store nor backup has
    altered: list[str]  # paths of scans whose bytes are not those that their name says


def back_up(
    home: Installation,
    target: Path,
    *,
    now: datetime,
    is_folder: bool = False,
    progress: OnFile = lambda _done, _of: None,
) -> BackedUp:
    """Back up an installation into a file, or into a folder, which is brought up to date.

    Of a folder's files none is copied again, and a good copy of a file that the store has lost
    stays. Whatever goes wrong, an earlier backup at the same place stays as it was.

    Args:
        target: The file, or the folder: new, empty, or with an earlier backup.
        is_folder: It is a folder, also if it is not there yet.
        progress: Told how many of how many files are done.

    Raises:
        InvalidRequest: The target lies in the data folder, or holds something else.
    """
    _check_apart(home.settings.data_dir.absolute(), target)
    place: BackupPlace
    if is_folder or target.is_dir():
        place = BackupFolder(target.absolute())
    else:
        place = BackupFile(target.absolute())
    with place, tempfile.TemporaryDirectory(dir=target.absolute().parent) as scratch:
        database = Path(scratch) / DATABASE
        copy_database(home.database, database)
        with closing(Database(f"sqlite:///{database}")) as copy, copy.read() as session:
            names = named_files(session)
        return _copy_all(home, place, database, names, now, progress)


def _check_apart(store: Path, target: Path) -> None:
    inside, store = target.absolute().resolve(), store.resolve()
    if inside.is_relative_to(store) or store.is_relative_to(inside):
        raise InvalidRequest("a backup and its data folder can't lie in one another")


def copy_database(database: Database, target: Path) -> None:
    """Copy a database as it is at one moment into a new SQLite file.

    SQLite copies its file: others read meanwhile, and who writes waits. PostgreSQL's rows are read
    in one repeatable-read transaction, which nobody waits for.
    """
    engine = database.engine
    if engine.dialect.name == "sqlite":
        database.copy_file(target)
        return
    reading = engine.execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True, stream_results=True
    )
    with closing(Database(f"sqlite:///{target}")) as copy_of_rows:
        schema.upgrade(copy_of_rows)
        copy_of_rows.is_waited_for = False
        writing = copy_of_rows.engine.execution_options(presslens_writes=True)
        with reading.begin() as rows, writing.begin() as written:
            copy_rows(rows, written)


def _copy_all(
    home: Installation,
    place: BackupPlace,
    database: Path,
    names: NamedFiles,
    now: datetime,
    progress: OnFile,
) -> BackedUp:
    files = {DATABASE: hash_file(database)}
    size, copied, unchanged = files[DATABASE].size, 0, 0
    missing: list[str] = []
    paths = list(_paths(names))
    place.begin(database)
    for number, (path, needed) in enumerate(paths):
        progress(number, len(paths))
        entry = place.has(path)
        if entry is not None:
            unchanged += 1
        elif (entry := _copy(home.storage, place, path)) is not None:
            copied += 1
            size += entry.size
        elif needed:
            missing.append(path)
        if entry is not None:
            files[path] = entry
    progress(len(paths), len(paths))
    manifest = BackupManifest(
        format=FORMAT,
        presslens=version("presslens"),
        revision=schema.revisions()[-1],
        database=home.database.engine.dialect.name,
        created_at=now,
        files=files,
    )
    deleted = place.finish(manifest)
    return BackedUp(copied, unchanged, deleted, size, missing, list(_altered(files)))


def _copy(storage: Storage, place: BackupPlace, path: str) -> BackedUpFile | None:
    """Copy a file of the store into a backup; None if it is not there."""
    try:
        with storage.copy(path) as file:
            return place.copy(file, path)
    except FileNotFoundError:
        return None


def _paths(names: NamedFiles) -> Iterator[tuple[str, bool]]:
    """Yield the paths of files in the store, sorted, and whether a row can't do without each."""
    for sha256 in sorted([*names.scans, *names.spare]):
        yield scan_key(sha256), sha256 in names.scans
    for path in sorted(names.views):
        yield path, True


def _altered(files: dict[str, BackedUpFile]) -> Iterator[str]:
    for path, file in files.items():
        kind, _, rest = path.partition("/")
        if kind == "scans" and rest.replace("/", "") != file.sha256:
            yield path
