"""Files of tables hold exactly the values that they are written from."""

import csv
import json
import math
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presslens.app.db.exported import Column, ColumnType, TableShape, integer, number, string
from presslens.app.platform.spreadsheet import unquote_formula
from presslens.app.services.exports.table_writer import SUFFIX, TableFormat, TableWriter
from presslens.models.recipe import Recipe

TEXTS = [
    "=1+1", "'=1", "+x", "-x", "@x", "\tx", "\rx", "a\nb", "a\r\nb", 'say "x", y', ",", ";", "'tis",
    "NULL", "null", "nan", "\\N", "#x", " x ", "金正恩 \U0001f600", "x\u2028y", "a\0b", None,
]  # fmt: skip
SPEC = TableShape(
    "hostile",
    "A row of the test.",
    ("row",),
    (
        integer("row", "number of the row"),
        string("text", "a text", free_text=True, nullable=True),
        number("number", "a number", None, nullable=True),
        Column("flag", ColumnType.BOOLEAN, "a flag", nullable=True),
        Column("day", ColumnType.DATE, "a day", nullable=True),
        Column("moment", ColumnType.DATETIME, "a moment", nullable=True),
        Column("document", ColumnType.ARRAY, "an array", nullable=True),
    ),
)


@pytest.fixture(scope="module")
def write(tmp_path_factory):
    """Return a function that writes columns, and gives the path of the file."""
    folder = tmp_path_factory.mktemp("tables")
    writers = {}
    with ExitStack() as stack:
        for table_format in TableFormat:
            (folder / table_format).mkdir()
            writer = TableWriter(table_format, folder / table_format, Recipe.load())
            writers[table_format] = stack.enter_context(closing(writer))

        def write_columns(table_format, *batches):
            path = folder / f"hostile.{SUFFIX[table_format]}"
            rows = writers[table_format].write(SPEC, batches, path)
            assert rows == sum(len(batch[0]) for batch in batches)
            return path

        yield write_columns


def columns(texts, numbers=None, first=0):
    count = len(texts)
    return [
        list(range(first, first + count)),
        list(texts),
        numbers or [0.1] * count,
        [[True, False, None][i % 3] for i in range(count)],
        [[date(2015, 1, 2), None][i % 2] for i in range(count)],
        [
            [datetime(2026, 1, 2, 3, 4, 5, 60, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC), None][
                i % 3
            ]
            for i in range(count)
        ],
        [['[["a", 1e-07, {"b": "\\u00e9\\n"}]]', None, "[12345678901234567890]"][i % 3]
            for i in range(count)],
    ]  # fmt: skip


def cells(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def documents(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def test_csv_holds_every_value(write):
    batch = columns(TEXTS)
    head, *rows = cells(write(TableFormat.CSV, batch))
    assert head == [column.name for column in SPEC.columns]
    for row, values in zip(rows, zip(*batch, strict=True), strict=True):
        number, text, _, flag, day, moment, document = values
        assert int(row[0]) == number
        assert unquote_formula(row[1]) == (text or "")
        assert not row[1].startswith(("=", "+", "-", "@", "\t", "\r"))
        assert row[3] == {True: "true", False: "false", None: ""}[flag]
        assert row[4] == ("" if day is None else day.isoformat())
        assert row[5] == ("" if moment is None else moment.isoformat())
        assert row[6] == (document or "")


def test_json_lines_hold_every_value(write):
    batch = columns(TEXTS)
    found = documents(write(TableFormat.JSON, batch))
    for row, values in zip(found, zip(*batch, strict=True), strict=True):
        number, text, value, flag, day, moment, document = values
        assert list(row.values()) == [
            number,
            text,
            value,
            flag,
            day and day.isoformat(),
            moment and moment.isoformat(),
            json.loads(document) if document else None,
        ]


@settings(max_examples=30)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1))
def test_numbers_keep_all_their_digits(write, numbers):
    batch = columns(["x"] * len(numbers), numbers)
    assert [row["number"] for row in documents(write(TableFormat.JSON, batch))] == numbers
    rows = cells(write(TableFormat.CSV, batch))[1:]
    assert [float(row[2]) if row[2] else None for row in rows] == numbers


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1))
def test_text_survives(write, texts):
    batch = columns(texts)
    assert [row["text"] for row in documents(write(TableFormat.JSON, batch))] == texts
    assert [unquote_formula(row[1]) for row in cells(write(TableFormat.CSV, batch))[1:]] == texts
    source = str(write(TableFormat.PARQUET, batch))
    found = duckdb.execute("SELECT text FROM read_parquet(?) ORDER BY row", [source]).fetchall()
    assert [text for (text,) in found] == texts


@pytest.mark.parametrize("table_format", TableFormat)
def test_text_that_is_no_unicode_is_refused(write, table_format, tmp_path):
    recipe = Recipe.load()
    with (
        closing(TableWriter(table_format, tmp_path, recipe)) as writer,
        pytest.raises(duckdb.Error, match="surrogate"),
    ):
        writer.write(SPEC, [columns(["a\ud800b"])], tmp_path / "out")


def test_what_is_no_number_is_missing(write):
    batch = columns(["x"], [math.nan])
    assert documents(write(TableFormat.JSON, batch))[0]["number"] is None


@pytest.mark.parametrize("table_format", TableFormat)
@pytest.mark.parametrize("size", [1_000, pytest.param(20_000, marks=pytest.mark.long)])
def test_rows_keep_their_order_over_many_batches(write, table_format, size):
    batches = [columns([f"{i}"] * size, first=size * i) for i in range(8)]
    path = write(table_format, *batches)
    if table_format is TableFormat.CSV:
        numbers = [int(row[0]) for row in cells(path)[1:]]
    elif table_format is TableFormat.JSON:
        numbers = [row["row"] for row in documents(path)]
    else:
        found = duckdb.execute("SELECT row FROM read_parquet(?)", [str(path)]).fetchall()
        numbers = [number for (number,) in found]
    assert numbers == list(range(8 * size))


@pytest.mark.parametrize("table_format", TableFormat)
def test_a_table_without_rows_is_a_file_too(write, table_format):
    path = write(table_format)
    expected = {
        TableFormat.CSV: ",".join(column.name for column in SPEC.columns) + "\n",
        TableFormat.JSON: "",
    }
    if table_format in expected:
        assert path.read_text() == expected[table_format]
    else:
        assert path.read_bytes()[:4] == b"PAR1"
