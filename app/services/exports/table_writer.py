"""Tables as CSV, JSON Lines and Parquet, written by DuckDB out of columns, a batch at a time.

Rows go into a database on the disk and are copied from there, so that memory stays flat and the
bytes of a file depend on its rows alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from presslens.app.citations.citation import Citation
from presslens.app.db.exported import Column, ColumnType, TableShape
from presslens.app.platform.spreadsheet import quote_formula
from presslens.app.services.exports.batches import Batch
from presslens.app.services.exports.table_schema import table_metadata
from presslens.models.recipe import Recipe

SQL_TYPES = {
    ColumnType.INTEGER: "BIGINT",
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.STRING: "VARCHAR",
    ColumnType.DATE: "DATE",
    ColumnType.DATETIME: "TIMESTAMP",
    ColumnType.ARRAY: "VARCHAR",
    ColumnType.OBJECT: "VARCHAR",
}
"""Moments are UTC. JSON is text, as not all readers of Parquet know another type for it."""

ROW_GROUP = 122_880
MEMORY = "512MB"


class TableFormat(StrEnum):
    """The format of a table's file."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


SUFFIX = {TableFormat.CSV: "csv", TableFormat.JSON: "ndjson", TableFormat.PARQUET: "parquet"}

_COPY = {
    TableFormat.CSV: "FORMAT csv, HEADER",
    TableFormat.JSON: "FORMAT json",
    TableFormat.PARQUET: f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}",
}


class TableWriter:
    """Writes tables in one format, a file each.

    Args:
        table_format: The format.
        scratch: A folder for the rows of one table at a time; its owner removes it.
        recipe: The recipe of the rows.
        cited: What is said of them in Parquet; None: nobody says anything.
    """

    def __init__(
        self,
        table_format: TableFormat,
        scratch: Path,
        recipe: Recipe,
        cited: Citation | None = None,
    ) -> None:
        import duckdb  # loaded here: a web server that exports nothing does without it

        self._format, self._recipe, self._cited = table_format, recipe, cited
        self._database = duckdb.connect(str(scratch / "columns.duckdb"))
        self._database.execute(f"SET memory_limit = '{MEMORY}'")
        # Columns of objects hold text only: DuckDB need not guess from the first thousand.
        self._database.execute("SET GLOBAL pandas_analyze_sample = 0")

    def write(self, spec: TableShape, rows: Iterable[Batch], path: Path) -> int:
        """Write one table, and return its number of rows."""
        columns = ", ".join(f"{_quoted(c.name)} {SQL_TYPES[c.type]}" for c in spec.columns)
        self._database.execute(f"CREATE TABLE exported ({columns})")
        count = 0
        self._database.execute("BEGIN")
        for batch in rows:
            self._insert(spec, batch)
            count += len(batch[0])
        self._database.execute("COMMIT")
        cells = ", ".join(f"{self._cell(c)} AS {_quoted(c.name)}" for c in spec.columns)
        options = _COPY[self._format]
        if self._format is TableFormat.PARQUET:
            metadata = table_metadata(spec, self._recipe, self._cited)
            options += f", KV_METADATA {_struct(metadata)}"
        self._database.execute(
            f"COPY (SELECT {cells} FROM exported) TO {_text(str(path))} ({options})"  # noqa: S608 - names are ours
        )
        self._database.execute("DROP TABLE exported")
        return count

    def _insert(self, spec: TableShape, batch: Batch) -> None:
        arrays = {
            f"c{i}": self._array(column, values)
            for i, (column, values) in enumerate(zip(spec.queried_columns, batch, strict=True))
        }
        casts = [f"CAST(c{i} AS {SQL_TYPES[c.type]})" for i, c in enumerate(spec.queried_columns)]
        parameters = [self._recipe.id] if spec.names_recipe else []
        values = ", ".join([*casts, *("?" for _ in parameters)])
        self._database.register("batch", arrays)
        self._database.execute(f"INSERT INTO exported SELECT {values} FROM batch", parameters)  # noqa: S608 - names are ours
        self._database.unregister("batch")

    def _array(self, column: Column, values: Sequence[Any]) -> Any:
        if column.free_text and self._format is TableFormat.CSV:
            values = [None if value is None else quote_formula(value) for value in values]
        return _array(column, values)

    def _cell(self, column: Column) -> str:
        """Return the SQL expression of a column's cells in the file."""
        name = _quoted(column.name)
        if self._format is TableFormat.PARQUET:
            return name
        if column.type is ColumnType.DATETIME:  # as datetime.isoformat() writes it
            return f"replace(strftime({name}, '%Y-%m-%dT%H:%M:%S.%f+00:00'), '.000000', '')"
        if column.is_json and self._format is TableFormat.JSON:
            return f"CAST({name} AS JSON)"
        return name

    def close(self) -> None:
        """Close the scratch database."""
        self._database.close()


def _quoted(name: str) -> str:
    return f'"{name}"'


def _text(value: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def _struct(values: Mapping[str, str]) -> str:
    """Return texts by name as SQL of DuckDB writes them."""
    return "{" + ", ".join(f"{_text(name)}: {_text(text)}" for name, text in values.items()) + "}"


def _array(column: Column, values: Sequence[Any]) -> Any:
    """Return values as an array that DuckDB reads without inspecting Python objects, if it can."""
    if column.is_json or column.type is ColumnType.STRING:
        return np.array(values, dtype=object)
    if column.type in (ColumnType.DATE, ColumnType.DATETIME):
        return np.array([_naive(value) for value in values], dtype="datetime64[us]")
    if column.type is ColumnType.NUMBER:
        return np.array(values, dtype=np.float64)  # None is NaN, and NaN is NULL
    if not column.nullable:
        return np.array(values, dtype=np.int64)
    missing = [value is None for value in values]
    filled = np.array([0 if value is None else value for value in values], dtype=np.int64)
    return np.ma.masked_array(filled, mask=missing)


def _naive(value: Any) -> Any:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
