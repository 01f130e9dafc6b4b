"""Deposits: repositories take them as they are, and they name nobody who was not asked."""

import csv
import importlib
import importlib.metadata
import json
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import duckdb
import frictionless
import pytest
import yaml
from sqlalchemy import func, select

from presslens.app.db.tables import FaceRow
from presslens.app.deposit.numbers import MONTHS
from presslens.app.deposit.write import write_deposit
from presslens.app.platform.errors import Conflict
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.pipelines.statistics.metrics import Metric

from ...schemas import broken_json_rules
from .conftest import CODERS, REQUEST


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def bagit(monkeypatch):
    """Return the validator of the Library of Congress.

    It asks a part of setuptools that is gone for its version, and was written for older Pythons.
    """
    asked = SimpleNamespace(
        get_distribution=importlib.metadata.distribution,
        DistributionNotFound=importlib.metadata.PackageNotFoundError,
    )
    monkeypatch.setitem(sys.modules, "pkg_resources", asked)
    with warnings.catch_warnings(action="ignore"):
        return importlib.import_module("bagit")


@pytest.mark.sqlite_alone
def test_a_deposit_is_a_bag_and_described_for_each_repository(deposit, bagit):
    bagit.Bag(str(deposit)).validate()
    read = {
        name: json.loads((deposit / name).read_text(encoding="utf-8"))
        for name in ("datacite.json", ".zenodo.json")
    }
    assert broken_json_rules(read["datacite.json"], "datacite-4.5.json") == []
    assert broken_json_rules(read[".zenodo.json"], "zenodo.json") == []
    cff = yaml.safe_load((deposit / "CITATION.cff").read_text(encoding="utf-8"))
    assert broken_json_rules(json.loads(json.dumps(cff, default=str)), "cff-1.2.0.json") == []
    _, front, readme = (deposit / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    card = yaml.safe_load(front)
    assert (card["license"], card["size_categories"]) == ("cc-by-4.0", ["n<1K"])
    for one in card["configs"]:
        assert (deposit / one["data_files"]).is_file()
    assert [one["config_name"] for one in card["configs"] if one.get("default")] == ["photos"]
    assert "| scans | not in this deposit | – |" in readme
    doi = REQUEST.doi
    assert doi == cff["doi"] == read["datacite.json"]["doi"] == read[".zenodo.json"]["doi"]
    assert read["datacite.json"]["creators"][0]["nameIdentifiers"][0]["nameIdentifier"].endswith(
        "0000-0002-1825-0097"
    )


@pytest.mark.sqlite_alone
def test_a_crate_names_each_file_with_its_hash(deposit):
    crate = json.loads((deposit / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    graph = {one["@id"]: one for one in crate["@graph"]}
    assert graph["ro-crate-metadata.json"]["conformsTo"]["@id"].endswith("ro/crate/1.2")
    listed = {
        line.partition("  ")[2]: line[:64]
        for line in (deposit / "manifest-sha256.txt").read_text().splitlines()
    }
    assert listed.keys() <= {one["@id"] for one in graph["./"]["hasPart"]}
    assert all(graph[path]["sha256"] == sha256 for path, sha256 in listed.items())
    assert graph["https://orcid.org/0000-0002-1825-0097"]["affiliation"]["@id"] in graph


@pytest.mark.sqlite_alone
def test_croissant_describes_every_column_and_its_own_reader_takes_it(deposit):
    document = json.loads((deposit / "croissant.json").read_text(encoding="utf-8"))
    files = {one["@id"] for one in document["distribution"]}
    for record_set in document["recordSet"]:
        fields = {one["source"]["extract"]["column"] for one in record_set["field"]}
        (place,) = {one["source"]["fileObject"]["@id"] for one in record_set["field"]}
        assert place in files
        names = duckdb.sql(f"DESCRIBE SELECT * FROM '{deposit / place}'").fetchall()
        assert fields == {name for name, *_ in names}
    mlcroissant = pytest.importorskip("mlcroissant")
    assert not mlcroissant.Dataset(str(deposit / "croissant.json")).metadata.issues.errors


@pytest.mark.sqlite_alone
def test_its_tables_are_valid_data_packages(deposit):
    for place in ("snapshot", "numbers"):
        report = frictionless.validate(deposit / "data" / place / "datapackage.json")
        assert report.valid, report.flatten(["title", "message"])


@pytest.mark.sqlite_alone
def test_the_same_archive_makes_the_same_bytes(home, answered, deposit, tmp_path):
    write_deposit(home, REQUEST, tmp_path / "again", lambda *_: None)
    ours = (deposit / "tagmanifest-sha256.txt").read_bytes()
    assert (tmp_path / "again" / "tagmanifest-sha256.txt").read_bytes() == ours
    with pytest.raises(Conflict, match="there already"):
        write_deposit(home, REQUEST, tmp_path / "again", lambda *_: None)


def test_its_numbers_are_those_of_the_archive(home, answered, deposit):
    published = {
        (row["publication"], row["metric"], row["month"]): row
        for row in rows(deposit / "data" / "numbers" / f"{MONTHS.name}.csv")
    }
    for name in ("photos", "children", "figure:Kim"):
        result = statistic(home, Metric(name), EditionCriteria("Rodong Sinmun"), by=GroupBy.MONTH)
        (group,) = result.rows()
        row = published["Rodong Sinmun", name, group["group"]]
        for column in ("value", "low", "high"):
            assert row[column] == ("" if group[column] is None else str(group[column])), name
        assert int(row["settled"]) == group["settled"]


@pytest.mark.sqlite_alone
def test_no_coder_no_face_and_no_feature_is_in_it(home, answered, deposit):
    with home.database.read() as session:
        embedded = select(func.count(FaceRow.photo_id)).where(FaceRow.embedding.is_not(None))
        assert session.scalar(embedded)
    for path in deposit.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [name for name in CODERS if name.encode() in content], path
    for path in (deposit / "data" / "tables").glob("*.parquet"):
        table = duckdb.sql(f"SELECT * FROM '{path}'")
        assert not {"embedding", "vector", "features", "landmarks", "child"} & set(table.columns)
        assert not [name for name in CODERS if name in str(table.fetchall())]
    named = [row["coder"] for row in rows(deposit / "data" / "snapshot" / "reviews.csv")]
    assert named == ["coder 1", "coder 2", "coder 1"]
    assert not list(deposit.rglob("*.jpg"))


@pytest.mark.sqlite_alone
def test_coders_and_scans_are_in_it_if_they_are_asked_for(home, answered, tmp_path):
    asked = replace(REQUEST, named=True, scans="Rights: the library", licence="", authors=())
    done = write_deposit(home, asked, tmp_path / "all", lambda *_: None)
    reviews = rows(tmp_path / "all" / "data" / "snapshot" / "reviews.csv")
    assert {row["coder"] for row in reviews} == set(CODERS)
    assert len(list((tmp_path / "all" / "data" / "scans").glob("*.png"))) == 4
    assert "Rights: the library" in (tmp_path / "all" / "LICENSES.md").read_text()
    assert [one.partition(":")[0] for one in done.missing] == [
        "authors", "a licence of the data",
    ]  # fmt: skip
    record = json.loads((tmp_path / "all" / ".zenodo.json").read_text(encoding="utf-8"))
    assert not {"license", "access_right"} & record.keys()
