"""Exported tables, and their rows in batches, so that memory stays flat."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from presslens.app.db.columns import Table
from presslens.app.db.exported import Column, ColumnType, TableShape
from presslens.app.db.queries import EditionScope, RowQuery
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Vector

Query = Callable[[EditionScope, Recipe], RowQuery]

Batch = Sequence[Sequence[Any]]
"""The columns of some rows, each with as many values."""

Finish = Callable[[Batch], Batch]
"""Fills in the columns that no query can compute."""


@dataclass(frozen=True, slots=True)
class TableSpec(TableShape):
    """One table, and the query of its rows."""

    # Gives the rows in the order of a key, but for the column ``recipe``, which is the last one and
    # the same in all rows.
    query: Query
    row: type[Table]  # the stored table that has its rows
    finish: Callable[[Session, Recipe], Finish] | None = None


BATCH = 20_000
"""Rows that are in memory at a time."""

FETCH = 500
"""Rows that are fetched at a time; from 700 on, Python would collect garbage among them."""

ReportProgress = Callable[[str, int], None]
"""Called after each batch with the table's name and its number of rows so far."""


def no_progress(_table: str, _rows: int) -> None:
    """Report nothing."""


def read_batches(
    session: Session, spec: TableSpec, scope: EditionScope, recipe: Recipe
) -> Iterator[Batch]:
    """Yield the rows of a table as columns, without the column ``recipe``.

    On SQLite they are the driver's own tuples: rows of SQLAlchemy take three times as long, and
    an archive has millions.
    """
    finish = spec.finish(session, recipe) if spec.finish else lambda batch: batch
    connection = session.connection()
    sqlite = connection.dialect.name == "sqlite"
    query = spec.query(scope, recipe).execution_options(**({} if sqlite else {"yield_per": BATCH}))
    with connection.execute(query) as result:
        fetched = _fetched(result.cursor) if sqlite else result.partitions(FETCH)
        for columns in _gathered(fetched, len(spec.queried_columns)):
            typed = zip(spec.queried_columns, columns, strict=True)
            yield finish([_typed(column, values) for column, values in typed])


def _fetched(cursor: Any) -> Iterator[Sequence[Sequence[Any]]]:
    while rows := cursor.fetchmany(FETCH):
        yield rows


def _gathered(fetched: Iterable[Sequence[Sequence[Any]]], width: int) -> Iterator[list[list[Any]]]:
    columns: list[list[Any]] = [[] for _ in range(width)]
    for rows in fetched:
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
        if len(columns[0]) >= BATCH:
            yield columns
            columns = [[] for _ in range(width)]
    if columns[0]:
        yield columns


def _typed(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    """Return values in their column's type: SQLite stores booleans as numbers, and time as text."""
    if column.type is ColumnType.BOOLEAN:
        return [None if value is None else bool(value) for value in values]
    if column.type is ColumnType.DATE:
        return [date.fromisoformat(v) if isinstance(v, str) else v for v in values]
    if column.type is ColumnType.DATETIME:
        return [None if value is None else _moment(value) for value in values]
    if column.is_json:
        return [_vector(v) if isinstance(v, bytes | np.ndarray) else v for v in values]
    return values


def _vector(value: bytes | Vector) -> str:
    """Return a vector as JSON; SQLite's driver gives its bytes."""
    floats = np.frombuffer(value, dtype="<f4") if isinstance(value, bytes) else value
    return json.dumps(floats.tolist())


def _moment(value: str | datetime) -> datetime:
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC)
