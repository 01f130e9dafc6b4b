"""Reads plain tables: CSV, Parquet, dictionaries and data frames, as columns of cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.models.errors import PresslensError

DELIMITERS = (",", ";", "	")
PARQUET = "SELECT * FROM read_parquet(?)"

WANTED = (
    "give a CSV or Parquet file with a row for each photo, as `presslens stats photos children"
    " --out photos.csv` writes it: the columns edition and probability, and, where people have"
    " answered, label; for instance, edition,probability,label in the first line and 2025-12-16,"
    "0.93,1 in the next"
)
"""What a table is, for who has given none."""

Table = str | Path | Mapping[str, Sequence[Any]]
"""A CSV or Parquet file, or columns by name: a dictionary, or a data frame."""


class BadTable(PresslensError):
    """The table can't be estimated from; the message names the column, the row and the reason."""


class NoTable(BadTable):
    """There is no such file."""


def read_columns(table: Table) -> tuple[dict[str, NDArray[Any]], str]:
    """Return the columns of a table, and its name for messages."""
    if not isinstance(table, (str, Path)):
        names = list(table.columns if hasattr(table, "columns") else table.keys())
        columns = {str(name): np.asarray(table[name], dtype=object) for name in names}
        sizes = {name: len(column) for name, column in columns.items()}
        if not any(sizes.values()):
            raise BadTable("the table has no rows")
        if len(set(sizes.values())) > 1:
            lengths = ", ".join(f"{name} {size}" for name, size in sizes.items())
            raise BadTable(f"the columns of the table are of different lengths: {lengths}")
        return columns, "table"
    path = Path(table)
    if not path.is_file():
        if path.is_dir():
            raise BadTable(f"{path}: a folder, and no table; {WANTED}")
        raise NoTable(f"{path}: there is no such file; {WANTED}")
    parquet = path.suffix.lower() in (".parquet", ".pq")
    names, values = _parquet(path) if parquet else _csv(path)
    if not values:
        raise BadTable(f"{path}: the table has no rows")
    return {
        name: np.array(column, dtype=object)
        for name, column in zip(names, zip(*values, strict=True), strict=True)
    }, str(path)


def _parquet(path: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    import duckdb  # a tenth of a second, and only Parquet needs it

    try:
        with duckdb.connect() as connection:
            result = connection.execute(PARQUET, [str(path)])
            return [column[0] for column in result.description or ()], result.fetchall()
    except duckdb.Error as error:
        raise BadTable(f"{path}: {str(error).splitlines()[0]}") from error


def _csv(path: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BadTable(f"{path}, line {line}: the file is not in UTF-8") from error
    header = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = next(reader, [])
        rows = []
        for row in reader:
            if len(row) not in (0, len(names)):
                raise BadTable(
                    f"{path}, line {reader.line_num}: {len(row)} cells, where the header has"
                    f" {len(names)}"
                )
            if row:
                rows.append(tuple(row))
    except csv.Error as error:
        raise BadTable(f"{path}, line {reader.line_num}: {error}") from error
    if len(set(names)) < len(names):
        raise BadTable(f"{path}: two columns have the same name")
    return names, rows


EMPTY = ("", "NA", "NaN", "nan")


def is_empty(value: Any) -> bool:
    """Return whether a cell holds nothing, as each library writes it."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):  # of pandas
        return True
    return isinstance(value, float) and np.isnan(value)


def as_text(value: Any) -> str:
    """Return a cell as text; nothing for an empty one."""
    if is_empty(value):
        return ""
    if isinstance(value, datetime):  # of a data frame, whose days are times too
        return value.date().isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
