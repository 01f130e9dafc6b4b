"""Brings the tables of a database to this version of the program."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from app.db.session import Database

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_206_190_342
"""Any number that no other program takes as its PostgreSQL advisory lock."""


class Version(Enum):
    """The version of a database's tables, beside the program's."""

    MISSING = "missing"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


def current_revision(database: Database) -> str | None:
    """Return the migration that a database is at, or None if it has no tables yet.

    An SQLite file that is missing is not created.
    """
    url = database.engine.url
    name = url.database or ""
    is_file = name not in ("", ":memory:") and not name.startswith("file:")
    if url.get_backend_name() == "sqlite" and is_file and not Path(name).exists():
        return None
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def version(database: Database) -> Version:
    """Compare the tables of a database with those of the program; take no write lock."""
    revision = current_revision(database)
    if revision is None:
        return Version.MISSING
    scripts = ScriptDirectory(str(MIGRATIONS))
    if revision == scripts.get_current_head():
        return Version.CURRENT
    revisions = {script.revision for script in scripts.walk_revisions()}
    return Version.OLDER if revision in revisions else Version.NEWER


def configuration(connection: Connection) -> Config:
    """Return an Alembic configuration that works on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that are missing, all or none; several processes may do it at once."""
    engine = database.engine.execution_options(presslens_writes=True)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        command.upgrade(configuration(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Go back to an older version of the tables."""
    engine = database.engine.execution_options(presslens_writes=True)
    with engine.begin() as connection:
        command.downgrade(configuration(connection), revision)
