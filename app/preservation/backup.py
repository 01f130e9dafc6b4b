"""Backs up an installation while others work: the database in one transaction, then its files.

A backup is one file, a TAR, or a folder that later backups bring up to date. Both hold the same:
``presslens.db``, an SQLite database whatever the installation has; the files of ``scans/`` and
``views/`` that its rows name; and ``backup.json``, the sha256 of each. Files are in the store
before a row names them and for an hour after none does, so the files of the rows are there to copy.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from presslens.app.db import schema
from presslens.app.db.session import Database
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.preservation.backup_places import BackupFile, BackupFolder, BackupPlace
from presslens.app.preservation.manifest import (
    DATABASE,
    FORMAT,
    BackedUpFile,
    BackupManifest,
    hash_file,
)
from presslens.app.preservation.named_files import NamedFiles, named_files
from presslens.app.preservation.plain_tables import copy_rows
from presslens.app.storage.storage import Storage, scan_key
from presslens.pipelines.result import Served

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
