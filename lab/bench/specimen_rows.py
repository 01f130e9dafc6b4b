"""A specimen of a row of any exported table, made from the declaration of its columns."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.columns import Table
from presslens.app.db.exported_rows import stored_cells, stored_table
from presslens.app.db.types import Moment
from presslens.app.services.exports.tables.registry import PUBLISHED, TABLES

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

VALUES: tuple[tuple[Any, Any], ...] = (
    (Moment, AT),
    (sql.Date, AT.date()),
    (sql.Boolean, True),
    (sql.Integer, 1),
    (sql.Float, 0.25),
    (sql.JSON, []),
    (sql.String, "=1+1"),
)
"""A value of each type, the first that fits: text begins like a formula."""


def add_further_rows(session: Session) -> None:
    """Add a row to each exported table for which there are no specimens of its own.

    It refers to the first row of each table that it names.
    """
    for spec in TABLES:
        if spec.name not in PUBLISHED:
            session.add(_specimen(session, spec.row))
            session.flush()


def _specimen(session: Session, row: type[Table]) -> Table:
    """Return a new row of a table."""
    referred = {one.attribute: one.refers for one in stored_cells(row) if one.refers is not None}
    values: dict[str, Any] = {}
    for column in stored_table(row).columns:
        if (target := referred.get(column.key)) is not None:
            first = sql.func.min(stored_table(target).columns["id"])
            values[column.key] = session.scalar(select(first))
        elif column.key != "id" and not column.nullable:
            values[column.key] = _value(column)
    return row(**values)


def _value(column: sql.Column[Any]) -> Any:
    if isinstance(column.type, sql.Enum):
        return column.type.enums[0]
    if isinstance(column.type, sql.String) and column.type.length == 64:
        return "0" * 64
    kinds = column.type, getattr(column.type, "impl", None)
    return next(value for of, value in VALUES if any(isinstance(kind, of) for kind in kinds))
