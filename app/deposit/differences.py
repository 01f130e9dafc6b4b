"""Holds tables against tables, cell by cell: published ones against those that are computed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from presslens.app.db.exported import Column, ColumnType, TableShape
from presslens.app.deposit.numbers import NumberRow
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.exports.snapshot.read import parse
from presslens.models.registry import sha256_of
from presslens.pipelines.result import Served

TOLERANCE = 2e-6
"""How far two numbers of equal meaning may lie apart: published ones have six digits, and machines
add in another order."""

LONGEST_LINE = 64 * 2**20
"""Bytes of the longest row of a table that is read: that of an edition has a number a photo."""

MOST_LISTED = 50
"""Differences that are listed of a table; all are counted."""


@dataclass(frozen=True, slots=True)
class ChangedCell(Served):
    """A cell that is another one when it is computed."""

    table: str
    row: str  # its key in words
    column: str  # "": the whole row
    published: str  # "": it is not there
    computed: str


@dataclass(frozen=True, slots=True)
class HeldTable(Served):
    """A table that was held against what is computed."""

    SERVED: ClassVar[str] = "table rows values holds differ differences"

    table: str
    rows: int
    values: int  # cells beside the key that were compared and are filled
    differ: int
    differences: tuple[ChangedCell, ...]  # the first ones

    @property
    def holds(self) -> int:
        """Cells that are what is computed."""
        return self.values - self.differ


def held_numbers(
    shape: TableShape,
    path: Path,
    computed: Sequence[NumberRow],
    *,
    only: Callable[[NumberRow], bool] = lambda _row: True,
) -> HeldTable:
    """Hold published numbers against computed ones.

    Args:
        path: The published numbers.
        only: Chooses the rows that are compared.

    Raises:
        InvalidRequest: The file can't be read, or has other columns.
    """
    published = [row for row in _records(shape, path) if only(row)]
    own = {_key(shape, row): row for row in published}
    ours = {_key(shape, row): _typed(shape, row) for row in computed if only(row)}
    if len(own) != len(published):
        raise InvalidRequest(f"{path.name} has two rows of one key")
    columns = [column.name for column in shape.columns if column.name not in shape.key]
    values, found = 0, []
    for key in dict.fromkeys((*own, *ours)):
        here, there = own.get(key), ours.get(key)
        if here is None or there is None:
            values += 1
            words = ("missing", "a row") if here is None else ("a row", "none")
            found.append(ChangedCell(shape.name, _words(key), "", *words))
            continue
        for name in columns:
            values += here[name] is not None or there[name] is not None
            if not alike(here[name], there[name]):
                texts = _text(here[name]), _text(there[name])
                found.append(ChangedCell(shape.name, _words(key), name, *texts))
    return HeldTable(shape.name, len(own), values, len(found), tuple(found[:MOST_LISTED]))


def held_text(name: str, published: str, computed: str) -> HeldTable:
    """Hold a published text against the computed one, line by line."""
    here, there = published.splitlines(), computed.splitlines()
    found = [
        ChangedCell(name, f"line {number}", "", ours, theirs)
        for number, (ours, theirs) in enumerate(
            zip(_padded(here, there), _padded(there, here), strict=True), 1
        )
        if ours != theirs
    ]
    lines = max(len(here), len(there))
    return HeldTable(name, lines, lines, len(found), tuple(found[:MOST_LISTED]))


def held_table(shape: TableShape, published: Path, computed: Path) -> HeldTable:
    """Hold a table of the deposit against the same one of computed rows, both CSV or Parquet.

    Raises:
        InvalidRequest: The published table can't be read, or has other columns.
    """
    import duckdb  # loaded here: nothing else needs it before

    with duckdb.connect() as database:
        try:
            for name, path in (("here", published), ("there", computed)):
                _check_header(shape, path)
                source = _source(shape, path)
                database.execute(f"CREATE VIEW {name} AS SELECT * FROM {source}")  # noqa: S608 - names are ours
            names = [row[0] for row in database.execute("DESCRIBE here").fetchall()]
            if names != [column.name for column in shape.columns]:
                raise InvalidRequest(f"{published.name} has other columns than are read")
            filled = " + ".join(f"count({_quoted(c)})" for c in names if c not in shape.key) or "0"
            rows, values = database.execute(f"SELECT count(*), {filled} FROM here").fetchall()[0]  # noqa: S608
            if sha256_of(published) == sha256_of(computed):
                return HeldTable(shape.name, rows, values, 0, ())
            found = [*_doubled(database, shape), *_differences(database, shape)]
        except duckdb.Error as error:
            raise InvalidRequest(f"{published.name} can't be read: {error}") from error
    return HeldTable(shape.name, rows, values, len(found), tuple(found[:MOST_LISTED]))


def _differences(database: Any, shape: TableShape) -> Iterator[ChangedCell]:
    keys = " AND ".join(f"h.{_quoted(k)} IS NOT DISTINCT FROM t.{_quoted(k)}" for k in shape.key)
    named = ", ".join(f"coalesce(h.{_quoted(k)}, t.{_quoted(k)})" for k in shape.key)
    others = [column for column in shape.columns if column.name not in shape.key]
    cells = "".join(f", h.{_quoted(c.name)}, t.{_quoted(c.name)}" for c in others)
    there = f"h.{_quoted(shape.key[0])} IS NOT NULL, t.{_quoted(shape.key[0])} IS NOT NULL"
    query = f"SELECT {there}, {named}{cells} FROM here h FULL JOIN there t ON {keys} ORDER BY ALL"  # noqa: S608 - names are ours
    result = database.execute(query)
    while rows := result.fetchmany(10_000):
        for is_here, is_there, *row in rows:
            key = _words(row[: len(shape.key)])
            if not (is_here and is_there):
                words = ("a row", "none") if is_here else ("missing", "a row")
                yield ChangedCell(shape.name, key, "", *words)
                continue
            values = row[len(shape.key) :]
            for column, ours, theirs in zip(others, values[::2], values[1::2], strict=True):
                if not alike(_number(column, ours), _number(column, theirs)):
                    yield ChangedCell(shape.name, key, column.name, _text(ours), _text(theirs))


def _doubled(database: Any, shape: TableShape) -> Iterator[ChangedCell]:
    """Yield the keys that more rows of the deposit have than of the computed table."""
    keys = ", ".join(map(_quoted, shape.key))
    same = " AND ".join(f"h.{_quoted(k)} IS NOT DISTINCT FROM t.{_quoted(k)}" for k in shape.key)
    here, there = (
        f"(SELECT {keys}, count(*) AS rows_of_key FROM {name} GROUP BY {keys})"  # noqa: S608 - names are ours
        for name in ("here", "there")
    )
    query = (
        f"SELECT h.* FROM {here} h JOIN {there} t ON {same}"  # noqa: S608 - names are ours
        " WHERE h.rows_of_key > t.rows_of_key ORDER BY ALL"
    )
    for *key, rows in database.execute(query).fetchall():
        yield ChangedCell(shape.name, _words(key), "", f"{rows} rows", "a row")


def alike(here: Any, there: Any) -> bool:
    """Return whether two values are the same, but for the last digits of numbers."""
    if isinstance(here, float | int) and isinstance(there, float | int):
        return bool(abs(here - there) <= TOLERANCE * max(1.0, abs(here), abs(there)))
    return bool(here == there)


def _records(shape: TableShape, path: Path) -> Iterator[NumberRow]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            if next(reader, None) != [column.name for column in shape.columns]:
                raise InvalidRequest(f"{path.name} has other columns than are read")
            for cells in reader:
                if len(cells) != len(shape.columns):
                    raise InvalidRequest(f"{path.name}, line {reader.line_num}: too few cells")
                yield {
                    column.name: _parsed(column, cell, f"{path.name}, line {reader.line_num}")
                    for column, cell in zip(shape.columns, cells, strict=True)
                }
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path.name} can't be read: {error}") from error


def _parsed(column: Column, cell: str, where: str) -> Any:
    try:
        return parse(column, cell)
    except ValueError as error:
        raise InvalidRequest(f"{where}, {column.name}: {error}") from error


def _typed(shape: TableShape, row: NumberRow) -> NumberRow:
    """Return a computed row as it is read again: an empty text is a missing value."""
    values: NumberRow = {}
    for column in shape.columns:
        value = row[column.name]
        if column.type is ColumnType.DATE and isinstance(value, str):
            value = date.fromisoformat(value)
        values[column.name] = None if value == "" else value
    return values


def _key(shape: TableShape, row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in shape.key)


def _words(key: Iterable[Any]) -> str:
    return ", ".join(map(str, key))


def _number(column: Column, value: Any) -> Any:
    if column.type is not ColumnType.NUMBER or not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _padded(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    return [*lines, *islice(("" for _ in others), max(0, len(others) - len(lines)))]


def _check_header(shape: TableShape, path: Path) -> None:
    """Check that a CSV file has the columns of a table.

    Raises:
        InvalidRequest: It has others.
    """
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            if next(csv.reader(file, strict=True), None) != [c.name for c in shape.columns]:
                raise InvalidRequest(f"{path.name} has other columns than are read")


def _source(shape: TableShape, path: Path) -> str:
    place = str(path).replace("'", "''")
    if path.suffix == ".parquet":
        return f"read_parquet('{place}')"
    columns = ", ".join(f"'{column.name}': 'VARCHAR'" for column in shape.columns)
    return (
        f"read_csv('{place}', auto_detect = false, header = true, delim = ',', quote = '\"',"
        f" escape = '\"', nullstr = '', max_line_size = {LONGEST_LINE}, columns = {{{columns}}})"
    )


def _quoted(name: str) -> str:
    return f'"{name}"'
