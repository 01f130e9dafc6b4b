"""A copy of an installation that is one itself, made while others work, and brought up to date.

The database is copied first, in one transaction, and the files of the store after it: files are
there before any row names them, so the copy has all that its rows name.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import InvalidRequest
from app.installation import Installation
from app.storage import SENTINEL, Storage

DATABASE = "presslens.db"
FOLDERS = ("scans", "views")
PART = ".part"


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup has changed in its folder.

    Attributes:
        copied: Number of files of the store that were copied.
        kept: Number of files that were there already.
        deleted: Number of files that are not in the store any more, and were deleted.
        bytes: Size of the copied files and the database.
    """

    copied: int
    kept: int
    deleted: int
    bytes: int

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return {
            "copied": self.copied,
            "kept": self.kept,
            "deleted": self.deleted,
            "bytes": self.bytes,
        }


def back_up(home: Installation, folder: Path) -> BackedUp:
    """Copy an installation into a folder, or bring an earlier copy in it up to date.

    Args:
        home: The installation.
        folder: A new or empty folder, or one with an earlier copy.

    Raises:
        InvalidRequest: The database is not SQLite, or the folder holds something else.
    """
    if home.database.engine.dialect.name != "sqlite":
        raise InvalidRequest(
            "a PostgreSQL database is backed up by pg_dump, and then the data folder by copying it:"
            " see docs/operation.md"
        )
    source = home.storage.root
    _check(source, folder)
    copy = Storage(folder.absolute())
    copy.create()
    size = _copy_database(str(home.database.engine.url.database), folder / DATABASE)
    copied = kept = deleted = 0
    for path in _files(source):
        target = folder / path.relative_to(source)
        if target.is_file() and target.stat().st_size == path.stat().st_size:
            kept += 1
        else:
            size += _copy(path, target)
            copied += 1
    for path in list(_files(folder)):
        if not (source / path.relative_to(folder)).is_file():
            path.unlink()
            deleted += 1
    return BackedUp(copied, kept, deleted, size)


def _check(source: Path, folder: Path) -> None:
    inside = folder.absolute().resolve()
    if inside.is_relative_to(source.resolve()) or source.resolve().is_relative_to(inside):
        raise InvalidRequest("a backup and its data folder can't lie in one another")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / SENTINEL).is_file():
        raise InvalidRequest(f"{folder} holds something else: give a new folder, or an old backup")


def _copy_database(source: str, target: Path) -> int:
    part = target.with_name(target.name + PART)
    part.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(part)) as copy,
    ):
        original.backup(copy)
    part.replace(target)
    return target.stat().st_size


def _copy(path: Path, target: Path) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + PART)
    shutil.copyfile(path, part)
    part.replace(target)
    return target.stat().st_size


def _files(root: Path) -> Iterator[Path]:
    """Yield the finished files of a store."""
    for name in FOLDERS:
        yield from (p for p in sorted((root / name).rglob("*")) if p.is_file() and p.suffix != PART)
