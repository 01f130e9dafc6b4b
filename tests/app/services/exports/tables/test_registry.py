"""What the declarations of exported tables say is what stands in the files."""

import csv
import json
import math
from datetime import date, datetime

import duckdb
import pytest
from sqlalchemy import select

from presslens.app.api.exports import Exports
from presslens.app.db.exported import ColumnType
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import METADATA, EditionRow
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.exports.batches import read_batches
from presslens.app.services.exports.data_package import dictionary_markdown
from presslens.app.services.exports.export import export_tables, write_tables
from presslens.app.services.exports.table_writer import SQL_TYPES, SUFFIX, TableFormat
from presslens.app.services.exports.tables.registry import TABLES, table_named
from presslens.app.services.shares.newspaper_validity import newspaper_validity
from presslens.lab.bench import specimens

PYTHON = {
    ColumnType.INTEGER: int,
    ColumnType.NUMBER: (int, float),
    ColumnType.BOOLEAN: bool,
    ColumnType.STRING: str,
    ColumnType.DATE: date,
    ColumnType.DATETIME: datetime,
    ColumnType.ARRAY: str,
    ColumnType.OBJECT: str,
}


@pytest.fixture
def filled(home):
    """An installation on each database."""
    specimens.fill(home, 2, photos=4)
    return home


@pytest.fixture(scope="session")
def files(archive, tmp_path_factory):
    """All tables in each format."""
    folder = tmp_path_factory.mktemp("files")
    for kind in TableFormat:
        write_tables(archive, EditionScope(), kind, folder)
    return folder


def rows_of(home, spec, scope=None):
    with home.database.read() as session:
        for columns in read_batches(session, spec, scope or EditionScope(), home.recipe):
            yield from zip(*columns, strict=True)


def test_every_value_is_of_its_declared_type_and_in_its_range(filled):
    for spec in TABLES:
        found = list(rows_of(filled, spec))
        assert found, spec.name
        for row in found:
            for column, value in zip(spec.queried_columns, row, strict=True):
                check(spec, column, value)


def check(spec, column, value):
    where = f"{spec.name}.{column.name}: {value!r}"
    if value is None:
        assert column.nullable, where
        return
    assert isinstance(value, PYTHON[column.type]), where
    assert isinstance(value, bool) == (column.type is ColumnType.BOOLEAN), where
    if column.values:
        assert value in column.values, where
    if column.low is not None:
        assert value >= column.low, where
    if column.high is not None:
        assert value <= column.high, where
    if column.is_json:
        json.loads(value)
    if column.digest:
        assert len(value) == 64, where


def test_validity_is_what_each_newspaper_says(filled):
    found = list(rows_of(filled, table_named("validity")))
    with filled.database.read() as session:
        ids = list(session.scalars(select(EditionRow.publication_id).distinct()))
    said = [row for one in ids for row in newspaper_validity(filled, one).rows()]
    columns = [column.name for column in table_named("validity").queried_columns]
    assert len(said) > 5
    assert {tuple(row[name] for name in columns) for row in said} == set(found)


def test_keys_are_keys(filled):
    for spec in TABLES:
        places = [[c.name for c in spec.columns].index(name) for name in spec.key]
        keys = [tuple(row[i] for i in places) for row in rows_of(filled, spec)]
        assert len(set(keys)) == len(keys), spec.name


def test_files_have_the_declared_columns_types_and_values(archive, files, subtests):
    for spec in TABLES:
        with subtests.test(spec.name):
            rows = list(rows_of(archive, spec))
            check_csv(spec, files / f"{spec.name}.csv", rows)
            check_parquet(spec, str(files / f"{spec.name}.parquet"), rows, archive.recipe)
            check_json_lines(spec, files / f"{spec.name}.ndjson", rows)


def check_csv(spec, path, rows):
    with path.open(newline="", encoding="utf-8") as file:
        found = list(csv.reader(file))
    assert found[0] == [column.name for column in spec.columns]
    assert len(found) - 1 == len(rows)


def check_parquet(spec, source, rows, recipe):
    described = duckdb.execute("DESCRIBE SELECT * FROM read_parquet(?)", [source]).fetchall()
    assert [tuple(row[:2]) for row in described] == [
        (c.name, SQL_TYPES[c.type]) for c in spec.columns
    ]
    found = duckdb.execute("SELECT * FROM read_parquet(?)", [source]).fetchall()
    last = (recipe.id,) if spec.names_recipe else ()
    assert found == [tuple(map(naive, row)) + last for row in rows]


def naive(value):
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def check_json_lines(spec, path, rows):
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    for document, row in zip(map(json.loads, lines), rows, strict=True):
        assert list(document) == [column.name for column in spec.columns]
        for column, value in zip(spec.queried_columns, row, strict=True):
            if PYTHON[column.type] in (int, (int, float), bool) or column.type is ColumnType.STRING:
                assert document[column.name] == value


def test_no_table_is_searched_by_pairs_of_ids(archive):
    """SQLite would look each photo up with each other one."""
    scopes = EditionScope(), EditionScope(edition=1)
    with archive.database.read() as session:
        connection = session.connection()
        for query in (table_named("reprints").query(scope, archive.recipe) for scope in scopes):
            sql = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").fetchall()
            assert not any("other_id=?" in row[-1] for row in plan)


@pytest.mark.parametrize("kind", TableFormat)
def test_the_same_content_is_the_same_file(archive, tmp_path, kind):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = (export_tables(archive, EditionScope(), kind, tmp_path / name) for name in "ab")
    assert first.path.read_bytes() == second.path.read_bytes()


@pytest.mark.parametrize(
    ("scope", "editions"),
    [
        (EditionScope(), {1, 2, 3, 4}),
        (EditionScope(publication="Minju Joson"), {2, 4}),
        (EditionScope(first=date(2015, 1, 4)), {3, 4}),
        (EditionScope(last=date(2015, 1, 2)), {1}),
        (EditionScope(edition=3), {3}),
        (EditionScope(publication="x' OR 1=1"), set()),
    ],
)
def test_filters_hold_in_every_table(archive, scope, editions):
    def column(name, of):
        spec = table_named(name)
        i = [c.name for c in spec.columns].index(of)
        return {row[i] for row in rows_of(archive, spec, scope)}

    for name in ("editions", "pages", "photos", "edition_summary", "edition_share"):
        assert column(name, "edition_id") == editions, name
    photos = column("photos", "photo_id")
    for name in ("subjects", "labels", "detections"):
        assert column(name, "photo_id") == photos, name
    for name in ("captions", "sightings", "settled_answers"):
        assert column(name, "photo_id") <= photos, name
    assert len(column("reviews", "review_id")) == 2 * len(editions)
    assert len(column("review_answers", "review_id")) == 2 * len(editions)


def test_nobody_is_exported_who_is_not_enrolled(archive, files):
    """Neither faces, embeddings, image features nor the age of a person."""
    names = {column.name for spec in TABLES for column in spec.columns}
    assert not {"embedding", "landmarks", "vector", "features", "child"} & names
    assert "face" in METADATA.tables
    for path in files.iterdir():
        if path.suffix in (".csv", ".ndjson"):
            assert "0.123456789" not in path.read_text(encoding="utf-8"), path.name
    places = {row[1]: row[-1] for row in rows_of(archive, table_named("subjects"))}
    assert {name for name, value in places.items() if value} == {"buildings", "fireworks"}


def test_formulas_are_quoted_in_csv_only(files):
    with (files / "captions.csv").open(newline="", encoding="utf-8") as file:
        texts = {row["text"] for row in csv.DictReader(file)}
    assert texts == {"", "''=quoted", "金正恩, «x»\r\ny"}
    assert '=HYPERLINK("x")' in (files / "figures.ndjson").read_text().replace("\\", "")
    assert "'=HYPERLINK" in (files / "figures.csv").read_text()


def test_the_dictionary_names_every_column():
    tables, text = Exports("", {}, [], TABLES).to_json()["tables"], dictionary_markdown()
    assert [table["name"] for table in tables] == [spec.name for spec in TABLES]
    for table, spec in zip(tables, TABLES, strict=True):
        assert [c["column"] for c in table["columns"]] == [c.name for c in spec.columns]
        assert all(
            f"| `{c['column']}` |" in text and c["meaning"] in text for c in table["columns"]
        )
        assert all(len(c["meaning"]) > 2 for c in table["columns"])
        assert set(spec.key) <= {c.name for c in spec.columns}
        assert all(math.isfinite(c["lowest"] or 0) for c in table["columns"])


def test_another_table_is_not_there():
    with pytest.raises(InvalidRequest, match="the tables are: recipes"):
        table_named("faces")


def test_every_suffix_is_known():
    assert set(SUFFIX) == set(TableFormat)
