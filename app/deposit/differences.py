"""Compares published tables with computed ones, cell by cell."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any, ClassVar

from presslens.app.db.exported import Column, ColumnType, TableShape
from presslens.app.deposit.numbers import NumberRow
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.exports.snapshot.read import read_records
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
    published: str  # "": it is missing
    computed: str


@dataclass(frozen=True, slots=True)
class ComparedTable(Served):
    """A published table, compared with the computed one."""

    SERVED: ClassVar[str] = "table rows values holds differ differences"

    table: str
    rows: int
    values: int  # cells beside the key that were compared and are filled
    differ: int
    differences: tuple[ChangedCell, ...]  # the first ones

    @property
    def holds(self) -> int:
        """Cells whose published value is the computed one."""
        return self.values - self.differ


def compare_numbers(
    shape: TableShape,
    path: Path,
    computed: Sequence[NumberRow],
    *,
    only: Callable[[NumberRow], bool] = lambda _row: True,
) -> ComparedTable:
    """Compare published numbers with computed ones.

    Args:
        path: The published numbers.
        only: Selects the rows that are compared.

    Raises:
        InvalidRequest: The file can't be read, or has other columns.
    """
    rows = [row for _, row in read_records(shape, path) if only(row)]
    published_rows = {_key(shape, row): row for row in rows}
    computed_rows = {_key(shape, row): _typed(shape, row) for row in computed if only(row)}
    if len(published_rows) != len(rows):
        raise InvalidRequest(f"{path.name} has two rows of one key")
    columns = [column.name for column in shape.columns if column.name not in shape.key]
    values, changed = 0, []
    for key in dict.fromkeys((*published_rows, *computed_rows)):
        published_row, computed_row = published_rows.get(key), computed_rows.get(key)
        if published_row is None or computed_row is None:
            values += 1
            changed.append(_changed_row(shape, key, is_published=published_row is not None))
            continue
        for name in columns:
            pair = published_row[name], computed_row[name]
            values += pair != (None, None)
            if not is_equal(*pair):
                changed.append(ChangedCell(shape.name, _words(key), name, *map(_text, pair)))
    return _compared(shape.name, len(published_rows), values, changed)


def compare_texts(name: str, published: str, computed: str) -> ComparedTable:
    """Compare a published text with the computed one, line by line."""
    pairs = list(zip_longest(published.splitlines(), computed.splitlines(), fillvalue=""))
    changed = [
        ChangedCell(name, f"line {number}", "", *pair)
        for number, pair in enumerate(pairs, 1)
        if pair[0] != pair[1]
    ]
    return _compared(name, len(pairs), len(pairs), changed)


def _compared(table: str, rows: int, values: int, changed: Sequence[ChangedCell]) -> ComparedTable:
    return ComparedTable(table, rows, values, len(changed), tuple(changed[:MOST_LISTED]))


def _changed_row(shape: TableShape, key: Iterable[Any], *, is_published: bool) -> ChangedCell:
    states = ("a row", "none") if is_published else ("missing", "a row")
    return ChangedCell(shape.name, _words(key), "", *states)


def compare_tables(shape: TableShape, published: Path, computed: Path) -> ComparedTable:
    """Compare a table of the deposit with the same one of computed rows, both CSV or Parquet.

    Raises:
        InvalidRequest: The published table can't be read, or has other columns.
    """
    import duckdb  # loaded here: nothing else needs it before

    with duckdb.connect() as database:
        try:
            for name, path in (("published", published), ("computed", computed)):
                _check_header(shape, path)
                source = _source(shape, path)
                database.execute(f"CREATE VIEW {name} AS SELECT * FROM {source}")  # noqa: S608 - names are ours
            names = [row[0] for row in database.execute("DESCRIBE published").fetchall()]
            if names != [column.name for column in shape.columns]:
                raise InvalidRequest(f"{published.name} has other columns than are read")
            filled = " + ".join(f"count({_quoted(c)})" for c in names if c not in shape.key) or "0"
            query = f"SELECT count(*), {filled} FROM published"  # noqa: S608 - names are ours
            ((rows, values),) = database.execute(query).fetchall()
            if sha256_of(published) == sha256_of(computed):
                return _compared(shape.name, rows, values, ())
            changed = [*_repeated_rows(database, shape), *_changed_cells(database, shape)]
        except duckdb.Error as error:
            raise InvalidRequest(f"{published.name} can't be read: {error}") from error
    return _compared(shape.name, rows, values, changed)


def _changed_cells(database: Any, shape: TableShape) -> Iterator[ChangedCell]:
    keys = ", ".join(f"coalesce(p.{_quoted(k)}, c.{_quoted(k)})" for k in shape.key)
    others = [column for column in shape.columns if column.name not in shape.key]
    cells = "".join(f", p.{_quoted(c.name)}, c.{_quoted(c.name)}" for c in others)
    first = _quoted(shape.key[0])
    query = (
        f"SELECT p.{first} IS NOT NULL, c.{first} IS NOT NULL, {keys}{cells}"  # noqa: S608 - names are ours
        f" FROM published p FULL JOIN computed c ON {_same_key(shape)} ORDER BY ALL"
    )
    result = database.execute(query)
    while rows := result.fetchmany(10_000):
        for is_published, is_computed, *row in rows:
            key, values = row[: len(shape.key)], row[len(shape.key) :]
            if not (is_published and is_computed):
                yield _changed_row(shape, key, is_published=is_published)
                continue
            for column, *pair in zip(others, values[::2], values[1::2], strict=True):
                if not is_equal(*(_number(column, value) for value in pair)):
                    yield ChangedCell(shape.name, _words(key), column.name, *map(_text, pair))


def _repeated_rows(database: Any, shape: TableShape) -> Iterator[ChangedCell]:
    """Yield the keys that more rows of the deposit have than of the computed table."""
    keys = ", ".join(map(_quoted, shape.key))
    published, computed = (
        f"(SELECT {keys}, count(*) AS rows_of_key FROM {name} GROUP BY {keys})"  # noqa: S608 - names are ours
        for name in ("published", "computed")
    )
    query = (
        f"SELECT p.* FROM {published} p JOIN {computed} c ON {_same_key(shape)}"  # noqa: S608 - names are ours
        " WHERE p.rows_of_key > c.rows_of_key ORDER BY ALL"
    )
    for *key, rows in database.execute(query).fetchall():
        yield ChangedCell(shape.name, _words(key), "", f"{rows} rows", "a row")


def _same_key(shape: TableShape) -> str:
    """Return the SQL condition that two rows, p and c, have the same key."""
    return " AND ".join(f"p.{_quoted(k)} IS NOT DISTINCT FROM c.{_quoted(k)}" for k in shape.key)


def is_equal(a: Any, b: Any) -> bool:
    """Return whether two values are the same, but for the last digits of numbers."""
    if isinstance(a, float | int) and isinstance(b, float | int):
        return bool(abs(a - b) <= TOLERANCE * max(1.0, abs(a), abs(b)))
    return bool(a == b)


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
