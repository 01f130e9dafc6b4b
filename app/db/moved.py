"""Marks an SQLite file whose rows have moved to another database, by a file beside it."""

from __future__ import annotations

from pathlib import Path

from presslens.app.db.session import Database
from presslens.pipelines.disk import sync_file, sync_folder

ENDING = ".moved"
"""What the name of a mark has after that of the SQLite file."""


def moved_mark(database: Database) -> Path | None:
    """Return the path of an SQLite database's mark, there or not; None for other databases."""
    url = database.engine.url
    if url.get_backend_name() != "sqlite":
        return None
    return Path(f"{Path(url.database or '').absolute()}{ENDING}")


def moved_to(database: Database) -> str | None:
    """Return the URL of the database that has the rows now; None: they have not moved."""
    mark = moved_mark(database)
    if mark is None or not mark.is_file():
        return None
    return mark.read_text("utf-8").strip()


def mark_moved(database: Database, url: str) -> None:
    """Mark an SQLite database as moved; nobody can open its installation until the mark is gone.

    Args:
        database: The SQLite database.
        url: The database that has its rows now, without a password.
    """
    mark = moved_mark(database)
    if mark is None:
        raise ValueError("only an SQLite database is moved")
    mark.write_text(f"{url}\n", "utf-8")
    sync_file(mark)
    sync_folder(mark.parent)
