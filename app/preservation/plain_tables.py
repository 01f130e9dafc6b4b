"""Copies all rows from one database into another, and compares: SQLite, PostgreSQL, each way.

Values are copied as they are stored: vectors, encrypted or not, stay bytes, and JSON its text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Enum,
    Insert,
    LargeBinary,
    MetaData,
    Row,
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
from sqlalchemy.exc import DataError
from sqlalchemy.types import TypeEngine, UserDefinedType

from presslens.app.db.all_tables import METADATA
from presslens.app.db.types import Floats, PlainText
from presslens.app.platform.errors import InvalidRequest

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


@dataclass(slots=True)
class TableRows:
    """All rows of a table."""

    rows: int = 0  # number of rows
    # The sum of the sha256 of each row, modulo 2**256, in hexadecimal digits: databases don't agree
    # on the order of texts.
    sha256: str = f"{0:064x}"

    def add(self, batch: Sequence[Row[Any]]) -> None:
        """Count some rows, which have the same ``repr`` whatever database they come from."""
        digests = (hashlib.sha256(repr(tuple(row)).encode()).digest() for row in batch)
        total = sum((int.from_bytes(digest) for digest in digests), int(self.sha256, 16))
        self.rows, self.sha256 = self.rows + len(batch), f"{total % 2**256:064x}"


def copy_rows(source: Connection, target: Connection) -> dict[str, TableRows]:
    """Replace all rows of a database by those of another one of the same schema.

    Args:
        source: A transaction that sees one state of the source.
        target: A transaction; the caller commits it.

    Returns:
        What each table has, on both sides.

    Raises:
        InvalidRequest: A row can't be stored, or a table has become another one.
    """
    for table in reversed(METADATA.sorted_tables):
        target.execute(table.delete())
    tables = {}
    for table in METADATA.sorted_tables:
        plain = plain_table(table)
        values: dict[str, Any] = {column.name: bindparam(column.name) for column in plain.columns}
        original = TableRows()
        for batch in _batches(source, plain):
            _store(target, plain.insert().values(values), batch)
            original.add(batch)
        tables[table.name] = original
        copy = TableRows()
        for batch in _batches(target, plain):
            copy.add(batch)
        if copy != original:
            raise InvalidRequest(
                f"the table {table.name} is not the same on both sides: {original.rows} rows have"
                f" become {copy.rows}, their sha256 {original.sha256} has become {copy.sha256}"
            )
    copy_highest_ids(source, target)
    return tables


def _store(target: Connection, insert: Insert, batch: Sequence[Row[Any]]) -> None:
    """Store rows; one that a database can't have, as PostgreSQL no text with a NUL, is named."""
    try:
        with target.begin_nested():
            target.execute(insert, [row._asdict() for row in batch])
    except DataError as error:
        if len(batch) > 1:
            for row in batch:
                _store(target, insert, [row])
        key = [column.name for column in METADATA.tables[insert.table.name].primary_key]
        named = ", ".join(f"{name} {batch[0]._asdict()[name]}" for name in key)
        raise InvalidRequest(
            f"the row of {insert.table.name} with {named} can't be stored: {error.orig}"
        ) from error


def _batches(connection: Connection, plain: Table) -> Iterator[Sequence[Row[Any]]]:
    rows = connection.execute(as_stored(plain).execution_options(yield_per=BATCH))
    return rows.partitions()


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
        case Enum() | PlainText():
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
    name: str | None = connection.scalar(
        text("SELECT pg_get_serial_sequence(:name, :column)"), values
    )
    return name
