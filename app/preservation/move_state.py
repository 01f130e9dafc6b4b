"""How far a database has moved: tables of the target, which are dropped at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import OperationalError

from presslens.app.db import schema
from presslens.app.db.all_tables import METADATA
from presslens.app.db.session import APPLICATION, Database, explain_errors
from presslens.app.platform.errors import (
    Conflict,
    DatabaseLocked,
    InvalidRequest,
    NoDatabase,
    WrongVersion,
)
from presslens.app.preservation.plain_tables import used_table

APPLICATION_OF_MOVE = "presslens migrate"
"""What the sessions of a move are called, so that those of others are seen."""
LOCK = schema.LOCK + 100
"""Any other number that no program takes as its PostgreSQL advisory lock."""
PATIENCE_SECONDS = 5
"""How long a move waits for another one to end."""

_TABLES = MetaData()
_SOURCE = Table("move_source", _TABLES, Column("name", Text), Column("changes", BigInteger))
_MOVED = Table(
    "move_table",
    _TABLES,
    Column("name", String(63), primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("last_key", Text),
    Column("sha256", String(64)),
)


@dataclass(frozen=True, slots=True)
class MoveSource:
    """What is moved: the path of an SQLite file, and its count of changes."""

    name: str
    changes: int


def open_target(url: str) -> Database:
    """Return the database that is moved to, whose sessions say what they are for.

    Raises:
        InvalidRequest: It is no URL of a database.
    """
    if url.startswith("postgres://"):
        raise InvalidRequest("the URL of --to must begin with postgresql://, not postgres://")
    try:
        database = Database(url)
    except NoDatabase as error:
        raise InvalidRequest(
            "what --to names is no URL of a database: postgresql://user@host/name"
        ) from error
    if database.engine.dialect.name != "postgresql":
        return database
    database.close()
    named = make_url(url).update_query_dict({"application_name": APPLICATION_OF_MOVE})
    return Database(named.render_as_string(hide_password=False))


def check_reachable(target: Database) -> None:
    """Connect to the database that is moved to.

    Raises:
        NoDatabase: It can't be reached.
    """
    try:
        target.engine.connect().close()
    except OperationalError as error:
        raise NoDatabase(f"the database of --to can't be reached: {error.orig}") from error


@dataclass(slots=True)
class TableState:
    """How far a table has moved.

    Attributes:
        rows: Number of rows that are stored.
        last_key: The primary key of the last of them; None if there is none.
        sha256: The hash of all rows, once they are compared.
    """

    rows: int = 0
    last_key: list[Any] | None = None
    sha256: str | None = None


@contextmanager
def alone_on(target: Database) -> Iterator[None]:
    """Keep other moves from a target until the block ends.

    Raises:
        Conflict: There is one, or a server, a worker or a command has the target open.
    """
    with target.engine.connect() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'"))
        try:  # a move that was killed loses its lock within a moment
            with explain_errors(target.engine):
                connection.execute(select(func.pg_advisory_lock(LOCK)))
        except DatabaseLocked as error:
            raise Conflict("another `presslens migrate` moves to the same database") from error
        sessions = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = :name"
        )
        if connection.scalar(sessions, {"name": APPLICATION}):
            raise Conflict(
                "the target is in use: stop the servers, workers and commands that have it open"
            )
        connection.commit()  # a session that waits in a transaction is ended after a while
        yield  # the lock ends with the session


def begin_move(target: Database, source: MoveSource) -> bool:
    """Make a target ready for a move, or for the rest of one; return whether it has a part of it.

    A part of a source that has changed since is deleted.

    Raises:
        Conflict: The target has rows, or a part of another move.
        WrongVersion: Its tables are of another version of the program.
    """
    found = schema.version(target)
    if found is schema.Version.MISSING:
        schema.upgrade(target)
    elif found not in (schema.Version.CURRENT, schema.Version.MOVING):
        raise WrongVersion(f"the target has tables of another version ({found.value})")
    with target.engine.begin() as connection:
        if found is schema.Version.MOVING:
            before = MoveSource(*connection.execute(select(_SOURCE)).one())
            if before == source:
                return True
            if before.name != source.name:
                raise Conflict(f"the target has a part of another installation, of {before.name}")
            _TABLES.drop_all(connection)
        elif (used := used_table(connection)) is not None:
            raise Conflict(
                f"the target is in use, its table {used} has rows: name an empty database"
            )
        _TABLES.create_all(connection)
        connection.execute(_SOURCE.insert().values(name=source.name, changes=source.changes))
        names = ", ".join(table.name for table in METADATA.sorted_tables)
        connection.execute(text(f"TRUNCATE {names}"))
        schema.set_revision(connection, schema.MOVING)
    return False


def table_state(connection: Connection, table: Table) -> TableState:
    """Return how far a table has moved."""
    row = connection.execute(select(_MOVED).filter_by(name=table.name)).one_or_none()
    if row is None:
        return TableState()
    return TableState(row.rows, json.loads(row.last_key) if row.last_key else None, row.sha256)


def store_state(connection: Connection, table: Table, state: TableState) -> None:
    """Store how far a table has moved, in the transaction that moves it."""
    values = {
        "rows": state.rows,
        "last_key": None if state.last_key is None else json.dumps(state.last_key),
        "sha256": state.sha256,
    }
    changed = connection.execute(_MOVED.update().filter_by(name=table.name).values(values))
    if not changed.rowcount:
        connection.execute(_MOVED.insert().values(name=table.name, **values))


def end_move(connection: Connection) -> None:
    """Make the target an installation that can be opened."""
    _TABLES.drop_all(connection)
    schema.set_revision(connection, schema.revisions()[-1])
