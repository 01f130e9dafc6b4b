"""How far a database has moved: tables of the target, which are dropped at the end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Table, Text, select, text

from app.db import schema
from app.db.all_tables import METADATA
from app.db.session import Database
from app.errors import Conflict, WrongVersion
from app.preservation.plain_tables import used_table

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


def begin_move(target: Database, source: MoveSource) -> bool:
    """Make a target ready for a move, or for the rest of one; return whether it has a part of it.

    A part of a source that has changed since is deleted.

    Raises:
        Conflict: The target is in use, or has a part of another move.
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
