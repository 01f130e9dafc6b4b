"""Copies all rows from one database into another: SQLite, PostgreSQL, each way.

Values are copied as they are stored: vectors, encrypted or not, stay bytes, and JSON its text.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Enum,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    Text,
    bindparam,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.types import TypeEngine, UserDefinedType

from presslens.app.db.all_tables import METADATA
from presslens.app.db.types import Floats

BATCH = 1000
"""Rows that are in memory at a time."""

SEEDED = frozenset(
    {"publication", "publication_alias", "event", "claim", "recipe", "revision", "worker"}
)
"""The tables with rows in an installation that nobody has used."""


class JsonText(UserDefinedType[str]):
    """The text of a JSON column, which databases take as it is."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the type's name in SQL."""
        return "JSON"


def copy_rows(source: Connection, target: Connection) -> dict[str, int]:
    """Replace all rows of a database by those of another one of the same schema.

    Args:
        source: A transaction that sees one state of the source.
        target: A transaction; the caller commits it.

    Returns:
        Number of rows by table.
    """
    for table in reversed(METADATA.sorted_tables):
        target.execute(table.delete())
    counts = {}
    for table in METADATA.sorted_tables:
        plain = plain_table(table)
        rows = source.execute(as_stored(plain).execution_options(yield_per=BATCH))
        counts[table.name] = 0
        for batch in rows.mappings().partitions():
            values: dict[str, Any] = {
                column.name: bindparam(column.name) for column in plain.columns
            }
            target.execute(plain.insert().values(values), [dict(row) for row in batch])
            counts[table.name] += len(batch)
    copy_highest_ids(source, target)
    return counts


def used_table(connection: Connection) -> str | None:
    """Return the name of a table with rows that no new installation has; None if there is none."""
    for table in METADATA.sorted_tables:
        first = select(*table.primary_key.columns).limit(1)
        if table.name not in SEEDED and connection.execute(first).first() is not None:
            return table.name
    return None


def plain_table(table: Table) -> Table:
    """Return a table with the same columns, whose values are those that are stored."""
    columns = (Column(column.name, _stored(column.type)) for column in table.columns)
    return Table(table.name, MetaData(), *columns)


def _stored(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    match kind:
        case Floats():
            return LargeBinary()
        case Enum():
            return String()
        case JSON():
            return JsonText()
        case _:
            return kind


def as_stored(plain: Table) -> Select[*tuple[Any, ...]]:
    """Return the query of all rows, without reading JSON."""
    return select(
        *(
            cast(column, Text).label(column.name) if isinstance(column.type, JsonText) else column
            for column in plain.columns
        )
    )


def copy_highest_ids(source: Connection, target: Connection) -> None:
    """Let the target give no id again that the source has given, deleted rows included."""
    for table in METADATA.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        highest = max(_highest_given(source, table), source.scalar(select(func.max(column))) or 0)
        if target.dialect.name == "sqlite":
            if table.dialect_options["sqlite"]["autoincrement"]:
                values = {"name": table.name, "highest": highest}
                target.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
                target.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :highest)"), values)
        elif (sequence := _sequence(target, table)) is not None:
            values = {"sequence": sequence, "highest": max(highest, 1), "given": highest > 0}
            target.execute(text("SELECT setval(:sequence, :highest, :given)"), values)


def _highest_given(source: Connection, table: Table) -> int:
    if source.dialect.name == "sqlite":
        if not table.dialect_options["sqlite"]["autoincrement"]:
            return 0
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return source.scalar(query, {"name": table.name}) or 0
    if (sequence := _sequence(source, table)) is None:
        return 0
    given = text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608 - its name is ours
    return source.scalar(given) or 0


def _sequence(connection: Connection, table: Table) -> str | None:
    column = table.autoincrement_column
    values = {"name": table.name, "column": None if column is None else column.name}
    found: str | None = connection.scalar(
        text("SELECT pg_get_serial_sequence(:name, :column)"), values
    )
    return found
