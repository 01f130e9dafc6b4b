"""Brings the tables of a database to this version of the program.

Alembic is imported only to migrate: to compare versions, its one row and the names of the files of
migrations are enough. A file is named after its revision, ``0001_first_tables.py``, in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import OperationalError

from presslens.app.db.revision import RevisionRow
from presslens.app.db.session import Database, explain_errors
from presslens.app.platform.errors import NoDatabase

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_206_190_342
"""Any number that no other program takes as its PostgreSQL advisory lock."""

MOVING = "moving"
"""The revision of a database whose rows come from another one and are not all there yet."""

REVISIONS_OF_0_1 = frozenset(f"{number:04}" for number in range(1, 12))
"""The revisions of Presslens 0.1; its 0001 made other tables than today's, without ``revision``."""


class Version(Enum):
    """The version of a database's tables, beside the program's."""

    MISSING = "missing"
    OLDER = "older"
    CURRENT = "current"
    UNMIGRATED = "of 0.1"
    UNNAMED = "unnamed"
    MOVING = "moving"
    OTHER = "other"


def current_revision(database: Database) -> str | None:
    """Return the migration that a database is at, or None if it has no tables yet.

    An SQLite file that is missing is not created.

    Raises:
        NoDatabase: The database can't be reached.
    """
    if not _is_there(database):
        return None
    try:
        with database.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            query = text("SELECT version_num FROM alembic_version")
            revision: str | None = connection.scalar(query)
            return revision
    except OperationalError as error:
        raise NoDatabase(
            f"the database can't be used ({error.orig}): see PRESSLENS_DATABASE_URL"
        ) from error


def revisions() -> list[str]:
    """Return the migrations that the program knows, oldest first."""
    return sorted(file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def version(database: Database) -> Version:
    """Compare the tables of a database with those of the program; take no write lock."""
    revision = current_revision(database)
    if revision is None:
        return Version.UNNAMED if _has_tables(database) else Version.MISSING
    *older, current = revisions()
    if revision == MOVING:
        return Version.MOVING
    if revision in REVISIONS_OF_0_1 and (
        revision not in {*older, current} or not _has_table(database, RevisionRow.__tablename__)
    ):
        return Version.UNMIGRATED
    if revision == current:
        return Version.CURRENT
    return Version.OLDER if revision in older else Version.OTHER


def set_revision(connection: Connection, revision: str) -> None:
    """Store which migration a database is at."""
    connection.execute(text("UPDATE alembic_version SET version_num = :name"), {"name": revision})


def _has_tables(database: Database) -> bool:
    """Tell whether a database without a revision has tables beside that of Alembic."""
    if not _is_there(database):
        return False
    names = set(inspect(database.engine).get_table_names())
    return "alembic_version" in names and len(names) > 1


def _has_table(database: Database, name: str) -> bool:
    return inspect(database.engine).has_table(name)


def _is_there(database: Database) -> bool:
    """Tell whether a database's file exists; a server's database counts as there."""
    url = database.engine.url
    name = url.database or ""
    is_file = name not in ("", ":memory:") and not name.startswith("file:")
    return url.get_backend_name() != "sqlite" or not is_file or Path(name).exists()


def configuration(connection: Connection) -> Config:
    """Return an Alembic configuration that works on an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that are missing, all or none; several processes may do it at once."""
    from alembic import command

    engine = database.engine.execution_options(presslens_writes=True)
    with explain_errors(engine), unenforced(engine) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        command.upgrade(configuration(connection), revision)
        _check_references(connection)


def _check_references(connection: Connection) -> None:
    """Raise an error, so that nothing is committed, if a row refers to one that is not there."""
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
        if lost:
            raise RuntimeError(f"the migrations have left rows that refer to none: {lost}")


def downgrade(database: Database, revision: str) -> None:
    """Go back to an older version of the tables."""
    from alembic import command

    engine = database.engine.execution_options(presslens_writes=True)
    with unenforced(engine) as connection, connection.begin():
        command.downgrade(configuration(connection), revision)


@contextmanager
def unenforced(engine: Engine) -> Iterator[Connection]:
    """Open a connection on which SQLite does not enforce foreign keys.

    A migration that makes a table anew drops the old one, which would delete the rows that refer to
    it. ``_check_references`` looks for such rows before anything is committed.
    """
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            yield connection
            return
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA foreign_keys = OFF")  # it would do nothing within a transaction
        try:
            yield connection
        finally:
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.close()
