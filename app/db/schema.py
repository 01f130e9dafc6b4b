"""Brings the tables of a database to this version of the program.

A new database gets the tables as they are declared. One of Presslens 0.2 is taken over, if its
tables are the same; later changes are migrations. Alembic is imported only to migrate: to compare
versions, its one row and the names of the files of migrations are enough. A file is named after its
revision, ``0031_tables_of_0_3.py``, in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, insert, inspect, text
from sqlalchemy.exc import DatabaseError

from presslens.app.db.all_tables import METADATA
from presslens.app.db.revision import RevisionRow
from presslens.app.db.schema_differences import REVISION, schema_differences
from presslens.app.db.session import Database, explain_errors
from presslens.app.platform.errors import NoDatabase, WrongVersion

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_206_190_342
"""Any number that no other program takes as its PostgreSQL advisory lock."""

LAST_OF_0_2 = "0030"
"""The last revision of Presslens 0.2, whose tables are those of 0.3; older ones are brought there
by that version."""


class Version(Enum):
    """The version of a database's tables, beside the program's."""

    MISSING = "missing"
    OLDER = "older"
    CURRENT = "current"
    BEFORE_0_3 = "before 0.3"
    UNNAMED = "unnamed"
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
            return _revision(connection)
    except DatabaseError as error:
        raise NoDatabase(
            f"the database can't be used ({error.orig}): see PRESSLENS_DATABASE_URL"
        ) from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def revisions() -> list[str]:
    """Return the migrations that the program knows, oldest first."""
    return sorted(file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def version(database: Database) -> Version:
    """Compare the tables of a database with those of the program; take no write lock."""
    revision = current_revision(database)
    if revision is None:
        return Version.UNNAMED if _has_tables(database) else Version.MISSING
    return version_of(revision)


def version_of(revision: str) -> Version:
    """Compare a revision with that of the program."""
    *older, current = revisions()
    if revision == current:
        return Version.CURRENT
    if revision in {LAST_OF_0_2, *older}:
        return Version.OLDER
    is_before = revision.isdecimal() and revision < LAST_OF_0_2
    return Version.BEFORE_0_3 if is_before else Version.OTHER


def _has_tables(database: Database) -> bool:
    """Return whether a database without a revision has tables beside that of Alembic."""
    if not _is_there(database):
        return False
    names = set(inspect(database.engine).get_table_names())
    return "alembic_version" in names and len(names) > 1


def _is_there(database: Database) -> bool:
    """Return whether a database's file exists; a server's database counts as there."""
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


def upgrade(database: Database) -> None:
    """Make the tables, or run the migrations that are missing; several processes may do so at once.

    Raises:
        WrongVersion: The tables of a database of Presslens 0.2 are other ones; nothing is changed.
    """
    engine = database.engine.execution_options(presslens_writes=True)
    with explain_errors(engine), unenforced(engine) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        revision = _revision(connection)
        if revision is None:
            _create(connection)
        elif revision == LAST_OF_0_2:
            _set_revision(connection, revisions()[0])
            _migrate(connection)
            _check_tables(connection)
        elif revision != revisions()[-1]:
            _migrate(connection)


def _create(connection: Connection) -> None:
    METADATA.create_all(connection, checkfirst=False)
    connection.execute(insert(RevisionRow).values(id=1, number=1))
    connection.exec_driver_sql(REVISION)
    newest = {"name": revisions()[-1]}
    connection.execute(text("INSERT INTO alembic_version VALUES (:name)"), newest)


def _set_revision(connection: Connection, revision: str) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = :name"), {"name": revision})


def _migrate(connection: Connection) -> None:
    from alembic import command

    command.upgrade(configuration(connection), "head")
    _check_references(connection)


def _check_tables(connection: Connection) -> None:
    """Raise an error, so that nothing is committed, if tables are not those of this version."""
    if differences := schema_differences(connection):
        raise WrongVersion(
            "the database says that its tables are those of Presslens 0.2, but they are other ones,"
            f" and nothing was changed: {'; '.join(differences)}. Undo what was done by hand, or"
            " restore a backup"
        )


def _check_references(connection: Connection) -> None:
    """Raise an error, so that nothing is committed, if a row refers to one that is not there."""
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
        if lost:
            raise RuntimeError(f"the migrations have left rows that refer to none: {lost}")


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
