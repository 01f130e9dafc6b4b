"""Finds what an SQLite database holds beside the tables and indexes of this program.

A trigger, a view or a changed table of a file from elsewhere would go on working in the
installation: one that brings a deleted login back signs in whoever has its cookie.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine

from presslens.app.db.all_tables import METADATA

REVISION = (
    "CREATE TABLE alembic_version (\nversion_num VARCHAR(32) NOT NULL,"
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n)"
)
"""The table with the migration that a database is at, which is Alembic's."""

Definitions = dict[tuple[str, str], tuple[str, list[str]]]
"""The parts of a schema by kind and name: the table of each, and the lines of its statement."""


def active_parts(file: Path) -> list[str]:
    """Return the triggers and views of a database of any version, as "trigger spy"."""
    names = sorted(_definitions(file))
    return [f"{kind} {name}" for kind, name in names if kind not in ("table", "index")]


def foreign_parts(file: Path) -> list[str]:
    """Return what is not as this version makes it, too much or missing, as "table spy"."""
    found, expected = _definitions(file), expected_definitions()
    names = sorted(found.keys() | expected.keys())
    return [" ".join(name) for name in names if found.get(name) != expected.get(name)]


def expected_definitions() -> Definitions:
    """Return the schema of a database of this version."""
    with closing(sqlite3.connect(":memory:")) as connection:
        METADATA.create_all(create_engine("sqlite://", creator=lambda: connection))
        connection.execute(REVISION)
        return definitions(connection)


def definitions(connection: sqlite3.Connection) -> Definitions:
    """Return the schema of a database, but for the statistics that SQLite's ANALYZE keeps.

    A table that a migration has changed is quoted, and has columns that share a line: lines are
    split at commas, and compared without quotes and order.
    """
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
    return {
        (kind, name): (table, sorted(filter(None, map(str.strip, re.split("[,\n]", plain)))))
        for kind, name, table, sql in rows
        if not name.startswith("sqlite_stat")
        for plain in [(sql or "").replace('"', "")]
    }


def _definitions(file: Path) -> Definitions:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return definitions(connection)
