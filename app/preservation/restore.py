"""Restores a backup into an empty installation, whole or not at all.

Keys, share links and passwords of the backup open nothing in what is restored, unless it is asked
for with them: a copy in another place must not open to whoever has them, unknown to its owner.

Files that the store has not are unpacked beside it and checked against the manifest; the tables are
brought to this version there. Then the files get their names, and last the database takes all rows
in one transaction, in which they are compared: until it ends, the installation is as empty as it
was. So an archive moves to another kind of database, too.
"""

from __future__ import annotations

import sqlite3
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import delete, text
from sqlalchemy.exc import DatabaseError

from presslens.app.db import schema
from presslens.app.db.schema_differences import active_parts, schema_differences
from presslens.app.db.session import Database, explain_errors
from presslens.app.db.workers import WorkerRow
from presslens.app.platform.errors import Conflict, InvalidRequest, WrongVersion
from presslens.app.platform.settings import Settings
from presslens.app.preservation.backup import OnFile
from presslens.app.preservation.manifest import (
    DATABASE,
    MANIFEST,
    BackedUpFile,
    BackupManifest,
    copy_and_hash,
    hash_file,
)
from presslens.app.preservation.plain_tables import TableRows, copy_rows, used_table
from presslens.app.services.accounts.accounts import (
    Access,
    end_all_logins,
    find_access,
    remove_access,
)
from presslens.app.storage.opening import open_storage
from presslens.app.storage.storage import Storage
from presslens.pipelines.result import Served

LARGEST_MANIFEST = 2**30

UNREADABLE = (tarfile.TarError, ValueError, OverflowError, RecursionError, EOFError)
"""What reading a TAR raises whose headers are damaged, or made to do harm."""


@dataclass(frozen=True, slots=True)
class RestoredBackup(Served):
    """The result of a restoration."""

    files: int  # number of files of the store
    bytes: int  # their size, with the database
    created_at: str  # when the backup was made, as ISO 8601
    presslens: str  # the version of the program that made it
    migrated: bool  # its tables were of an older version
    with_access: bool  # its keys, links and passwords open what is restored
    left_out: Access  # what of its access was left out; logins always are
    # The rows of each table, the same in the backup and in the database.
    tables: dict[str, TableRows]


def restore_backup(
    settings: Settings,
    source: Path,
    *,
    with_access: bool = False,
    progress: OnFile = lambda _done, _of: None,
) -> RestoredBackup:
    """Restore a backup into an installation that is empty or not there yet.

    Args:
        settings: Of the installation: its folder and database, SQLite or PostgreSQL.
        source: The backup: a file or a folder.
        with_access: Let its keys, share links and passwords open what is restored.
        progress: Told how many of how many files are done.

    Raises:
        InvalidRequest: It is no backup, or damaged.
        Conflict: The installation is not empty.
        WrongVersion: The backup is of a newer version of the program.
        DiskFull: Too little disk is free.
    """
    with open_backup(source) as backup:
        manifest = backup.manifest()
        _check_revision(manifest)
        with closing(Database(settings.database_url)) as database:
            _check_empty(database)
            storage = open_storage(settings)
            storage.create()
            missing = _missing(manifest, storage)
            storage.check_room(sum(file.size for file in missing.values()))
            with storage.scratch() as folder:
                _unpack(backup, missing, folder, progress)
                migrated, left_out = _bring_up_to_date(folder / DATABASE, with_access)
                with _in_their_places(missing, folder, storage):
                    tables = _load(folder / DATABASE, database)
    return RestoredBackup(
        len(manifest.files) - 1,
        sum(file.size for file in manifest.files.values()),
        manifest.created_at.isoformat(),
        manifest.presslens,
        migrated,
        with_access,
        left_out,
        tables,
    )


def _check_revision(manifest: BackupManifest) -> None:
    match schema.version_of(manifest.revision):
        case schema.Version.BEFORE_0_3:
            raise WrongVersion(
                "the tables of the backup are older than those of the last Presslens 0.2: restore"
                " it with that version, and back it up again there"
            )
        case schema.Version.OTHER:
            raise WrongVersion(
                f"the backup was made by Presslens {manifest.presslens}, whose tables are newer"
                " than those of this version: install that version, and restore it there"
            )


def _check_empty(database: Database) -> None:
    match schema.version(database):
        case schema.Version.MISSING:
            return
        case schema.Version.CURRENT:
            with database.engine.connect() as connection:
                if used_table(connection) is None:
                    return
    raise Conflict(
        "a backup is restored into an empty installation, and this one is in use: name a new folder"
        " in PRESSLENS_DATA_DIR (and an empty database in PRESSLENS_DATABASE_URL)"
    )


def _missing(manifest: BackupManifest, storage: Storage) -> dict[str, BackedUpFile]:
    """Return the files that the store has not: of an archive that only gets another database, none.

    The database of the backup is among them.
    """
    files = manifest.files.items()
    return {path: entry for path, entry in files if not _has(storage, path, entry)}


def _has(storage: Storage, path: str, entry: BackedUpFile) -> bool:
    if path == DATABASE:
        return False
    try:
        with storage.copy(path) as file:
            return hash_file(file) == entry
    except FileNotFoundError:
        return False


def _unpack(
    backup: BackupReader, files: dict[str, BackedUpFile], folder: Path, progress: OnFile
) -> None:
    """Copy files of a backup into a folder, and check each."""
    for number, (path, entry) in enumerate(files.items()):
        progress(number, len(files))
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with backup.open(path) as file, target.open("wb") as copy:
            try:
                unpacked = copy_and_hash(file, copy, most=entry.size)
            except UNREADABLE:
                unpacked = None
        if unpacked != entry:
            raise InvalidRequest(f"the backup is damaged: {path} has been altered")
    progress(len(files), len(files))


def _bring_up_to_date(file: Path, with_access: bool) -> tuple[bool, Access]:
    """Migrate the tables of a backup to this version, and delete what is of its own place.

    Returns:
        Whether they were older, and what of its access was left out.

    Raises:
        WrongVersion: They are of another version.
        InvalidRequest: The file is no database, or one that this program has not made.
    """
    try:
        with closing(Database(f"sqlite:///{file}")) as database:
            with database.engine.connect() as connection:
                _refuse(active_parts(connection))
            version = schema.version(database)
            if version is schema.Version.OLDER:
                schema.upgrade(database)
            elif version is not schema.Version.CURRENT:
                raise WrongVersion("the tables of the backup are of another version of Presslens")
            with database.engine.connect() as connection:
                _refuse(schema_differences(connection))
            left_out = _leave_out(database, with_access)
    except (sqlite3.DatabaseError, DatabaseError) as error:
        raise InvalidRequest(_unusable(error)) from error
    return version is schema.Version.OLDER, left_out


def _leave_out(database: Database, with_access: bool) -> Access:
    with database.write(erasing=True) as session:
        session.execute(delete(WorkerRow))
        access = find_access(session)
        if with_access:
            end_all_logins(session)  # who was signed in then has to sign in again
            return Access(logins=access.logins)
        remove_access(session)
        return access


def _refuse(parts: list[str]) -> None:
    if parts:
        raise InvalidRequest(
            f"the backup is damaged: {DATABASE} is not as Presslens makes it: {'; '.join(parts)}"
        )


def _unusable(error: sqlite3.DatabaseError | DatabaseError) -> str:
    cause = error.orig if isinstance(error, DatabaseError) else error
    return f"the backup is damaged: {DATABASE} can't be used as a database ({cause})"


@contextmanager
def _in_their_places(files: Iterable[str], folder: Path, storage: Storage) -> Iterator[None]:
    """Move the files of a backup to their names in the store, and away again if an error comes."""
    moved = []
    try:
        for path in files:
            if path == DATABASE:
                continue
            if storage.restore(folder / path, path):
                moved.append(path)
        yield
    except BaseException:
        for path in moved:
            storage.take_back(path)
        raise


def _load(file: Path, database: Database) -> dict[str, TableRows]:
    """Give a database the rows of a backup, in one transaction; return what each table has."""
    schema.upgrade(database)
    writing = database.engine.execution_options(presslens_writes=True)
    with (
        closing(Database(f"sqlite:///{file}")) as source,
        source.engine.connect() as rows,
        explain_errors(database.engine),
        writing.begin() as written,
    ):
        source.is_waited_for = database.is_waited_for = False
        tables = copy_rows(rows, written)
        if written.dialect.name == "postgresql":
            written.execute(text("ANALYZE"))  # queries would be planned for empty tables
        return tables


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
