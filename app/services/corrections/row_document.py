"""Rows of a table as JSON documents, and back: the same columns with the same values."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Date, Enum

from presslens.app.db.columns import Table
from presslens.app.db.types import Moment

Row = TypeVar("Row", bound=Table)


def row_document(row: Table) -> dict[str, Any]:
    """Return the columns of a row as JSON: days and moments as ISO 8601, members as values."""
    names = (column.key for column in row.__mapper__.column_attrs)
    return {name: _plain(getattr(row, name)) for name in names}


def row_of(table: type[Row], document: dict[str, Any]) -> Row:
    """Return a new row with the columns of a document; see ``row_document``.

    Columns that the table did not have when the document was made get their defaults, and those
    that it has no more are passed over.
    """
    names = {column.key for column in table.__mapper__.column_attrs}.intersection(document)
    return table(**{name: _value(table, name, document[name]) for name in names})


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value


def _value(table: type[Table], name: str, value: Any) -> Any:
    kind = table.__table__.columns[name].type
    if value is None:
        return None
    if isinstance(kind, Moment):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    return value
