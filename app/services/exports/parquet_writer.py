"""Tables as Parquet, written by DuckDB out of columns, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from app.services.exports.batches import Batch
from app.services.exports.schema import Column, Kind, TableSpec
from models.recipe import Recipe

TYPES = {
    Kind.INTEGER: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.TEXT: "VARCHAR",
    Kind.DATE: "DATE",
    Kind.MOMENT: "TIMESTAMP",
    Kind.JSON: "VARCHAR",
}
"""Moments are UTC. JSON is text, as not all readers know another type for it."""

ROW_GROUP = 122_880
MEMORY = "512MB"


class ParquetWriter:
    """Writes tables, one Parquet file each; the bytes depend on the rows alone.

    Args:
        scratch: A folder for what does not fit into memory; gone with its owner.
        recipe: What the rows were made by.
    """

    def __init__(self, scratch: Path, recipe: Recipe) -> None:
        self._recipe = recipe
        self._database = duckdb.connect(str(scratch / "columns.duckdb"))
        self._database.execute(f"SET memory_limit = '{MEMORY}'")
        # Columns of objects hold text only: nothing is to be guessed from the first thousand.
        self._database.execute("SET GLOBAL pandas_analyze_sample = 0")

    def write(self, spec: TableSpec, rows: Iterable[Batch], path: Path) -> int:
        """Write one table, and return how many rows it has."""
        names = [f"{_quoted(c.name)} {TYPES[c.kind]}" for c in spec.columns]
        self._database.execute(f"CREATE TABLE held ({', '.join(names)})")
        count = 0
        self._database.execute("BEGIN")
        for columns in rows:
            self._insert(spec, columns)
            count += len(columns[0])
        self._database.execute("COMMIT")
        target = str(path).replace("'", "''")
        form = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}"
        self._database.execute(f"COPY held TO '{target}' ({form})")
        self._database.execute("DROP TABLE held")
        return count

    def _insert(self, spec: TableSpec, columns: Sequence[Sequence[Any]]) -> None:
        held = {
            f"c{i}": _array(column, values)
            for i, (column, values) in enumerate(zip(spec.queried, columns, strict=True))
        }
        casts = [f"CAST(c{i} AS {TYPES[c.kind]})" for i, c in enumerate(spec.queried)]
        parameters = [self._recipe.id] if spec.named else []
        self._database.register("batch", held)
        self._database.execute(
            f"INSERT INTO held SELECT {', '.join([*casts, *('?' for _ in parameters)])} FROM batch",  # noqa: S608 - names are ours
            parameters,
        )
        self._database.unregister("batch")

    def close(self) -> None:
        """Close the scratch database."""
        self._database.close()


def _quoted(name: str) -> str:
    return f'"{name}"'


def _array(column: Column, values: Sequence[Any]) -> Any:
    """Return values as an array that DuckDB reads without looking at Python objects, if it can."""
    if column.kind in (Kind.TEXT, Kind.JSON):
        return np.array(values, dtype=object)
    if column.kind in (Kind.DATE, Kind.MOMENT):
        return np.array([_naive(value) for value in values], dtype="datetime64[us]")
    if column.kind is Kind.NUMBER:
        return np.array(values, dtype=np.float64)  # None is NaN, and NaN is NULL
    if not column.nullable:
        return np.array(values, dtype=np.int64)
    missing = [value is None for value in values]
    filled = np.array([0 if value is None else value for value in values], dtype=np.int64)
    return np.ma.masked_array(filled, mask=missing)


def _naive(value: Any) -> Any:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
