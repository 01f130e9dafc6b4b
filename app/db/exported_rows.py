"""The exported columns of stored tables, out of the declarations at their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy import ColumnElement, func

from presslens.app.db.columns import Table
from presslens.app.db.exported import (
    EXPORT,
    CellForm,
    Column,
    ColumnExport,
    ColumnType,
    Exported,
    NamedByKey,
    PartOf,
)
from presslens.app.db.types import Floats, Moment

TYPES: tuple[tuple[Any, Mapping[str, Any]], ...] = (
    (sql.Enum, {"type": ColumnType.STRING}),
    (Moment, {"type": ColumnType.DATETIME, "unit": "UTC"}),
    (sql.Date, {"type": ColumnType.DATE}),
    (sql.Boolean, {"type": ColumnType.BOOLEAN}),
    (sql.Integer, {"type": ColumnType.INTEGER, "low": 0}),
    (sql.Float, {"type": ColumnType.NUMBER, "low": 0}),
    ((sql.JSON, Floats), {"type": ColumnType.ARRAY}),
    (object, {"type": ColumnType.STRING, "free_text": True}),
)
"""What the type of a stored column says of the exported one; the first that fits."""

DIGEST_LENGTH = 64


@dataclass(frozen=True, slots=True, eq=False)
class StoredCells:
    """The exported columns that hold the values of one stored column."""

    attribute: str  # the stored column
    export: ColumnExport  # what it declares
    columns: tuple[Column, ...]  # the exported columns
    expressions: tuple[ColumnElement[Any], ...]  # their values in SQL
    # The stored table that its values name a row of, by id or by key; None: none.
    refers: type[Table] | None

    @property
    def is_key(self) -> bool:
        """Whether the cells are the key of the row that is referred to."""
        return self.export.form is CellForm.KEY

    def key(self, record: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the cells of a record."""
        return tuple(record[column.name] for column in self.columns)

    def value(self, record: Mapping[str, Any]) -> Any:
        """Return the stored value that a record's cells hold, if they don't name it by a key."""
        *read, value = self.key(record)
        if self.export.form is CellForm.READ:
            return (value or "") if read[0] else None
        return (value or "") if self.export.form is CellForm.BLANK else value


def row_classes() -> dict[str, type[Table]]:
    """Return the class of the rows of each stored table, by its name."""
    return {mapper.class_.__tablename__: mapper.class_ for mapper in Table.registry.mappers}


def stored_table(row: type[Table]) -> sql.Table:
    """Return the stored table of a class of rows."""
    return row.metadata.tables[row.__tablename__]


def declared(row: type[Table]) -> Exported | PartOf | NamedByKey | None:
    """Return how exports have the rows of a stored table; None: not at all."""
    export: Exported | PartOf | NamedByKey | None = getattr(row, "__export__", None)
    return export


def as_text(column: Any) -> ColumnElement[str]:
    """Return an enumeration's column as the text that it is."""
    return sql.type_coerce(column, sql.String)


def json_text(column: Any) -> ColumnElement[str]:
    """Return a JSON column as its text; NULL where it holds nothing."""
    return func.nullif(sql.cast(column, sql.Text), "null")


@cache
def stored_cells(row: type[Table]) -> tuple[StoredCells, ...]:
    """Return the exported cells of a stored table, in the order of its columns."""
    columns = [column for column in stored_table(row).columns if EXPORT in column.info]
    if isinstance(table := declared(row), Exported) and table.first:
        columns.sort(key=lambda column: column.key != table.first)
    return tuple(_cells(row, column) for column in columns)


def _cells(row: type[Table], stored: sql.Column[Any]) -> StoredCells:
    export: ColumnExport = stored.info[EXPORT]
    target = _target(row, stored, export)
    expression = getattr(row, stored.key).expression
    if export.form is CellForm.KEY:
        columns, expressions = _key(target, stored, export)
    elif export.form is CellForm.READ:
        columns, expressions = _printed(row, export), _read(expression)
    else:
        columns, expressions = (_plain(row, stored, export, target),), (_value(expression, export),)
    return StoredCells(stored.key, export, columns, expressions, target)


def _target(row: type[Table], stored: sql.Column[Any], export: ColumnExport) -> type[Table] | None:
    """Return the table that a column refers to, past tables whose key is a reference itself."""
    if export.refers:
        return row_classes()[export.refers]
    while stored.foreign_keys:
        stored = next(iter(stored.foreign_keys)).column
        row = row_classes()[stored.table.name]
        if not stored.foreign_keys:
            return row
    return None


def _value(expression: ColumnElement[Any], export: ColumnExport) -> ColumnElement[Any]:
    if isinstance(expression.type, sql.Enum):
        return as_text(expression)
    if isinstance(expression.type, sql.JSON):
        return json_text(expression)
    return func.nullif(expression, "") if export.form is CellForm.BLANK else expression


def _read(text: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    return text.is_not(None), func.nullif(text, "")


def _plain(
    row: type[Table], stored: sql.Column[Any], export: ColumnExport, target: type[Table] | None
) -> Column:
    attributes = dict(
        next(attributes for kind, attributes in TYPES if isinstance(stored.type, kind))
    )
    if isinstance(stored.type, sql.Enum):
        attributes["values"] = tuple(stored.type.enums)
    if type(stored.type) is sql.String and stored.type.length == DIGEST_LENGTH:
        attributes |= {"free_text": False, "digest": True}
    is_id = stored.key == "id"
    if attributes["type"] is ColumnType.INTEGER and (is_id or target is not None):
        attributes["low"] = 1
    if target is not None and isinstance(table := declared(target), Exported):
        attributes["joins"] = (table.name, _id_name(target))
    attributes["nullable"] = stored.nullable or export.form is CellForm.BLANK
    return _named(row, export, export.name or (_id_name(row) if is_id else stored.key), attributes)


def _id_name(row: type[Table]) -> str:
    export: ColumnExport = stored_table(row).columns["id"].info[EXPORT]
    return export.name or f"{row.__tablename__}_id"


def _named(row: type[Table], export: ColumnExport, name: str, attributes: dict[str, Any]) -> Column:
    attributes |= export.more
    table = declared(row)
    (meaning,) = export.meanings
    if isinstance(table, Exported):
        meaning = meaning.format(box=table.box) if "{box}" in meaning else meaning
    if isinstance(table, PartOf):
        name, attributes["nullable"] = f"{table.prefix}{name}", True
    digest = ", 64 hex digits" if attributes.get("digest") else ""
    return Column(name, description=f"{meaning}{digest}", **attributes)


def _printed(row: type[Table], export: ColumnExport) -> tuple[Column, ...]:
    table = declared(row)
    prefix = table.prefix if isinstance(table, PartOf) else ""
    read, text = export.meanings
    return (
        Column(f"{prefix}read", ColumnType.BOOLEAN, read),
        Column(f"{prefix}text", ColumnType.STRING, text, nullable=True, free_text=True),
    )


def _key(
    target: type[Table] | None, stored: sql.Column[Any], export: ColumnExport
) -> tuple[tuple[Column, ...], tuple[ColumnElement[Any], ...]]:
    """Return the key of the rows that a column refers to, as it stands with those that refer."""
    table = None if target is None else declared(target)
    assert target is not None and table is not None and not isinstance(table, PartOf)  # noqa: S101, PT018
    columns, expressions = [], []
    meanings = dict(zip(table.key, export.meanings, strict=False))
    for column, expression in _pairs(stored_cells(target)):
        if column.name in table.key:
            joins = (table.name, column.name) if isinstance(table, Exported) else None
            own = {"joins": joins if len(table.key) == 1 else None, "nullable": stored.nullable}
            attributes = {"description": meanings.get(column.name, column.description)}
            columns.append(replace(column, **(own | attributes | dict(export.more))))
            expressions.append(expression)
    return tuple(columns), tuple(expressions)


def _pairs(cells: Sequence[StoredCells]) -> list[tuple[Column, ColumnElement[Any]]]:
    return [pair for one in cells for pair in zip(one.columns, one.expressions, strict=True)]
