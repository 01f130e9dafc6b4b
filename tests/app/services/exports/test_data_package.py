"""The data package of a bundle is valid, and says what the files hold."""

import json
import subprocess
import sys
import zipfile
from functools import partial

import duckdb
import pandas as pd
import polars
import pytest
from pyarrow import parquet

from presslens.app.db.queries import EditionScope
from presslens.app.services.exports.data_package import FILE, data_package
from presslens.app.services.exports.export import export_tables
from presslens.app.services.exports.snapshot.write import export_snapshot
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.exports.tables.registry import STORED_TABLES, TABLES

EXPORTS = {
    **{kind.value: partial(export_tables, table_format=kind) for kind in TableFormat},
    "snapshot": export_snapshot,
}
COUNTS = {spec.name: 1 for spec in TABLES}


@pytest.fixture(scope="module")
def bundles(archive, tmp_path_factory):
    """The folder of each bundle of tables, all of which have rows, by its name."""
    return {
        name: unpacked(export, archive, EditionScope(), tmp_path_factory.mktemp(name))
        for name, export in EXPORTS.items()
    }


def unpacked(export, archive, scope, folder):
    made = export(archive, scope, folder=folder)
    (folder / "bundle").mkdir()
    with zipfile.ZipFile(made.path) as file:
        file.extractall(folder / "bundle")
    return folder / "bundle"


@pytest.fixture(scope="module")
def bundle(bundles):
    return bundles["csv"]


def validate(folder):
    """Return the errors of a package as the Frictionless framework finds them, by table."""
    command = [sys.executable, "-m", "frictionless", "validate", FILE, "--json"]
    # Apart from this process: its libraries warn.
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["errors"] == []
    assert len(report["tasks"]) >= len(STORED_TABLES)
    return {task["name"]: task["errors"] for task in report["tasks"] if task["errors"]}


@pytest.mark.parametrize("name", EXPORTS)
def test_a_bundle_is_a_valid_data_package(bundles, name):
    assert validate(bundles[name]) == {}


@pytest.mark.parametrize("name", ["csv", "json", "parquet"])
def test_a_bundle_of_tables_without_rows_is_valid_too(archive, tmp_path, name):
    nothing = EditionScope(publication="none")
    assert validate(unpacked(EXPORTS[name], archive, nothing, tmp_path)) == {}


def test_readers_of_parquet_find_the_same_rows_and_what_describes_them(archive, bundles):
    path = str(bundles["parquet"] / "photos.parquet")
    query = "SELECT decode(key), decode(value) FROM parquet_kv_metadata(?)"
    about = dict(duckdb.execute(query, [path]).fetchall())
    assert about["presslens:recipe"] == archive.recipe.id
    assert archive.recipe.id[:12] in about["dcterms:bibliographicCitation"]
    stored = parquet.read_schema(path).metadata
    assert {key.decode(): text.decode() for key, text in stored.items()} == about
    assert about.items() <= polars.read_parquet_metadata(path).items()
    fields = json.loads(about["presslens:schema"])["fields"]
    frame = pd.read_parquet(path)
    assert [field["name"] for field in fields] == list(frame.columns)
    assert frame.photo_id.tolist() == polars.read_parquet(path)["photo_id"].to_list()


def test_a_text_that_says_nan_stays_one(bundles, tmp_path):
    for path in bundles["parquet"].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    photos = pd.read_parquet(tmp_path / "photos.parquet")
    photos.loc[0, "quadrant"] = "nan"
    photos.to_parquet(tmp_path / "photos.parquet", index=False)
    (error,) = validate(tmp_path)["photos"]
    assert (error["type"], error["fieldName"]) == ("constraint-error", "quadrant")


def test_the_validation_checks_types_ranges_and_keys(bundle, tmp_path):
    for path in bundle.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    photos = pd.read_csv(tmp_path / "photos.csv", dtype=str)
    photos.loc[0, "score"], photos.loc[1, "focus"], photos.loc[2, "page_id"] = "2", "x", "999"
    photos.to_csv(tmp_path / "photos.csv", index=False)
    errors = validate(tmp_path)["photos"]
    assert {error["type"] for error in errors} == {"constraint-error", "foreign-key"}
    assert len(errors) == 3


@pytest.mark.parametrize("table_format", TableFormat)
def test_every_column_is_described(archive, table_format):
    package = data_package(table_format, archive.recipe, COUNTS, TABLES)
    assert package["recipe"] == archive.recipe.id
    for resource, spec in zip(package["resources"], TABLES, strict=True):
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == [column.name for column in spec.columns]
        assert all(len(field["description"]) > 2 for field in fields)
        assert resource["schema"]["primaryKey"] == list(spec.key)


def test_foreign_keys_name_columns_of_other_tables(archive):
    package = data_package(TableFormat.CSV, archive.recipe, COUNTS, TABLES)
    columns = {spec.name: {column.name for column in spec.columns} for spec in TABLES}
    keys = [
        (resource["name"], key["reference"])
        for resource in package["resources"]
        for key in resource["schema"].get("foreignKeys", [])
    ]
    assert len(keys) > 20
    for name, reference in keys:
        assert reference["resource"] != name
        assert set(reference["fields"]) <= columns[reference["resource"]]
