"""Copies an archive into a folder that is thrown away; the archive itself is only read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from presslens.app.db import schema
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, ScanRow, UploadFileRow
from presslens.app.installation import Installation, connect, upgrade_installation
from presslens.app.platform.errors import DiskFull
from presslens.app.platform.settings import EngineKind, Settings
from presslens.app.preservation.backup import copy_database
from presslens.app.preservation.named_files import named_files
from presslens.app.storage.opening import open_storage
from presslens.app.storage.storage import scan_key, view_key

MOST_BYTES = 2 * 2**30
"""Size of the scans and pictures that are copied: the newest editions', until it is reached."""

TIMES = 4
"""Times the copy that must be free: the copy, its backup, what is restored, and what is tried."""


@dataclass(frozen=True, slots=True)
class ArchiveCopy:
    """A copy of an archive: all of its rows, and files of its newest editions."""

    settings: Settings  # of the copy: on SQLite, in a folder, for this machine alone
    revision: str | None  # the revision of the tables before they were brought to the program's
    editions: int  # editions whose files were copied, the newest
    of: int  # all editions
    files: frozenset[str]  # keys of the copied files
    bytes: int  # their size, with the database


def copy_archive(settings: Settings, folder: Path, *, most: int = MOST_BYTES) -> ArchiveCopy:
    """Copy an archive into a new folder, and bring the copy's tables to this version.

    Args:
        settings: Of the archive.
        folder: The folder; it must not be there.
        most: Bytes of files that are copied.

    Raises:
        DiskFull: The disk of the folder has no room for it.
    """
    with connect(settings) as home:
        home.storage.check_mark()
        _check_room(home, folder.parent, most)
        private = settings_of(settings, folder)
        storage = open_storage(private)
        folder.mkdir()
        storage.create()
        database = folder / "presslens.db"
        copy_database(home.database, database)
        sizes: dict[str, int] = {}
        editions = 0
        with connect(private) as copy:
            revision = schema.current_revision(copy.database)
            upgrade_installation(private)
            with copy.database.read() as session:
                every = list(session.scalars(_newest()))
                for keys in [*(_keys(session, edition) for edition in every), _others(session)]:
                    if sum(sizes.values()) > most:
                        break
                    editions += 1
                    for key in keys:
                        if key not in sizes:
                            sizes[key] = _copy(home, key, storage.path(key))
    size = database.stat().st_size + sum(sizes.values())
    copied, of = min(editions, len(every)), len(every)
    return ArchiveCopy(private, revision, copied, of, frozenset(sizes), size)


def settings_of(settings: Settings, folder: Path) -> Settings:
    """Return the settings of an archive for an installation in a folder, for this machine alone."""
    return settings.model_copy(
        update={
            "data_dir": folder,
            "database_url": f"sqlite:///{folder}/presslens.db",
            "store_url": "",
            "engine": EngineKind.LOCAL,
            "host": "127.0.0.1",
            "proxies": "",
            "require_login": False,
            "min_free_bytes": 0,
        }
    )


def _check_room(home: Installation, place: Path, most: int) -> None:
    needed = TIMES * (_database_bytes(home) + min(most, _file_bytes(home)))
    free = shutil.disk_usage(place).free
    if free - needed < home.settings.min_free_bytes:
        raise DiskFull(
            f"the drill needs {needed / 2**20:,.0f} MB in {place}, and {free / 2**20:,.0f} MB are"
            " free: set TMPDIR to a folder of a larger disk"
        )


def _database_bytes(home: Installation) -> int:
    url = home.database.engine.url
    if url.get_backend_name() == "sqlite":
        return Path(url.database or "").stat().st_size
    with home.database.read() as session:
        return session.scalar(text("SELECT pg_database_size(current_database())")) or 0


def _file_bytes(home: Installation) -> int:
    """Return the size of all uploads, twice: the pictures of pages are about as large."""
    with home.database.read() as session:
        return 2 * sum(session.scalars(select(UploadFileRow.size)))


def _newest() -> Select[int]:
    return select(EditionRow.id).order_by(EditionRow.edition_date.desc(), EditionRow.id.desc())


def _keys(session: Session, edition: int) -> Iterator[str]:
    """Yield the keys of the files of an edition: its uploads, and the pictures of its pages."""
    uploads = select(UploadFileRow.sha256).where(UploadFileRow.edition_id == edition)
    yield from (scan_key(sha256) for sha256 in session.scalars(uploads))
    pages: Select[str, int, str] = (
        select(ScanRow.sha256, ScanRow.frame, OutcomeRow.observation_id)
        .join(PageRow, PageRow.scan_id == ScanRow.id)
        .outerjoin(OutcomeRow, OutcomeRow.scan_id == ScanRow.id)
        .where(PageRow.edition_id == edition)
    )
    for sha256, frame, observation in session.execute(pages):
        yield scan_key(sha256)
        if observation is not None:
            yield view_key(sha256, frame, observation)


def _others(session: Session) -> Iterator[str]:
    """Yield the keys of all other files: reference photos, examples of labels, of the trash."""
    names = named_files(session)
    yield from (scan_key(sha256) for sha256 in sorted({*names.scans, *names.spare}))
    yield from sorted(names.views)


def _copy(home: Installation, key: str, target: Path) -> int:
    """Copy a file of the store; return its size, 0 where the archive does not have it."""
    try:
        with home.storage.copy(key) as file:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            return target.stat().st_size
    except FileNotFoundError:
        return 0
