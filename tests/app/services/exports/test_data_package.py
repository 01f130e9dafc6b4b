"""The data package of a bundle is valid, and says what the files hold."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from presslens.app.db.queries import EditionScope
from presslens.app.services.exports.data_package import FILE, data_package, write_data_package
from presslens.app.services.exports.export import write_tables
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.exports.tables.registry import TABLES


@pytest.fixture(scope="module")
def bundle(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    write_tables(archive, EditionScope(), TableFormat.CSV, folder)
    (folder / "columns.duckdb").unlink()
    write_data_package(folder, TableFormat.CSV, archive.recipe)
    return folder


def validate(folder):
    """Return the errors of a package as the Frictionless framework finds them, by table."""
    command = [sys.executable, "-m", "frictionless", "validate", FILE, "--json"]
    # Apart from this process: its libraries warn.
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["errors"] == []
    assert len(report["tasks"]) == len(TABLES)
    return {task["name"]: task["errors"] for task in report["tasks"] if task["errors"]}


def test_a_bundle_is_a_valid_data_package(bundle):
    assert validate(bundle) == {}


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
    package = data_package(table_format, archive.recipe)
    assert package["recipe"] == archive.recipe.id
    for resource, spec in zip(package["resources"], TABLES, strict=True):
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == [column.name for column in spec.columns]
        assert all(len(field["description"]) > 2 for field in fields)
        assert resource["schema"]["primaryKey"] == list(spec.key)


def test_foreign_keys_name_columns_of_other_tables(archive):
    package = data_package(TableFormat.CSV, archive.recipe)
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
