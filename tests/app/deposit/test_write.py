"""Deposits: repositories take them as they are, and they name nobody who was not asked."""

import csv
import importlib
import importlib.metadata
import json
import sys
import warnings
from dataclasses import replace
from datetime import date
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


NAMING = (
    "data/snapshot/citation.txt", "data/snapshot/README.txt", "data/snapshot/datapackage.json",
    "data/tables/datapackage.json", "data/tables/photos.parquet", "data/numbers/datapackage.json",
    "data/deposit.json", "README.md", "datacite.json", "croissant.json", "ro-crate-metadata.json",
)  # fmt: skip
"""Files that name whoever made the deposit and published it."""


@pytest.mark.sqlite_alone
def test_what_is_said_of_it_stands_in_each_file_that_names_such_a_thing(deposit):
    said = (REQUEST.doi, REQUEST.version, REQUEST.publisher, "Carberry", "국립중앙도서관")
    for name in NAMING:
        content = (deposit / name).read_bytes()
        assert not [word for word in said if word.encode() not in content], name
    line = (deposit / "data/snapshot/citation.txt").read_text(encoding="utf-8")
    assert line.startswith("Carberry, Josiah; 국립중앙도서관 (2026): Photos in Minju Choson")
    assert "[data set]. Version 1.0.0. Zenodo. 2 editions, " in line
    assert line.endswith(" https://doi.org/10.5281/zenodo.1234\n")
    keys = "decode(key), decode(value)"
    place = deposit / "data" / "tables" / "photos.parquet"
    held = dict(duckdb.sql(f"SELECT {keys} FROM parquet_kv_metadata('{place}')").fetchall())
    assert held["dcterms:creator"] == "Carberry, Josiah; 국립중앙도서관"
    assert "the measurements is CC-BY-4.0." in held["dcterms:rights"]


@pytest.mark.sqlite_alone
def test_licences_are_by_part(deposit):
    record = json.loads((deposit / "datacite.json").read_text(encoding="utf-8"))
    assert [one["rights"] for one in record["rightsList"]] == [
        "CC-BY-4.0 (data/snapshot, data/tables, data/numbers)",
        "AGPL-3.0-or-later (data/documents)",
    ]
    crate = json.loads((deposit / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    graph = {one["@id"]: one for one in crate["@graph"]}
    licence = graph["data/documents/codebook.md"]["license"]["@id"]
    assert graph[licence]["name"] == "AGPL-3.0-or-later"
    assert "license" not in graph["data/snapshot/photos.csv"]
    assert graph[graph["./"]["funding"]["@id"]]["identifier"] == "123"
    zenodo = json.loads((deposit / ".zenodo.json").read_text(encoding="utf-8"))
    assert "funded by A foundation, award 123" in zenodo["notes"]
    assert "data/documents: AGPL-3.0-or-later" in zenodo["notes"]
    information = (deposit / "bag-info.txt").read_text(encoding="utf-8")
    assert "Source-Organization: Brown University; 국립중앙도서관\n" in information


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
def test_coders_and_scans_are_in_it_if_they_are_asked_for(
    home, answered, put, make, worker, tmp_path
):
    put({"b.png": make(persons=1, tint=5)}, publication="Minju Choson", day=date(2019, 12, 17))
    worker.drain()  # a later upload of the day
    asked = replace(
        REQUEST, named=True, scans="Rights: the library", licence="", authors=(), publisher=""
    )
    done = write_deposit(home, asked, tmp_path / "all", lambda *_: None)
    reviews = rows(tmp_path / "all" / "data" / "snapshot" / "reviews.csv")
    assert {row["coder"] for row in reviews} == set(CODERS)
    assert len(list((tmp_path / "all" / "data" / "scans").glob("*.png"))) == 5
    assert "Rights: the library" in (tmp_path / "all" / "LICENSES.md").read_text()
    assert [one.partition(":")[0] for one in done.missing] == [
        "authors", "a licence of the data",
    ]  # fmt: skip
    record = json.loads((tmp_path / "all" / ".zenodo.json").read_text(encoding="utf-8"))
    assert not {"license", "access_right"} & record.keys()
    superseded = "(statistics leave 1 edition, 1 page, 1 photo of these out, which a later upload"
    for name in ("README.md", "data/snapshot/citation.txt"):
        assert superseded in (tmp_path / "all" / name).read_text(encoding="utf-8")

    # Nobody is named whom nobody has named.
    assert broken_json_rules(record, "zenodo.json") == []
    datacite = json.loads((tmp_path / "all" / "datacite.json").read_text(encoding="utf-8"))
    assert broken_json_rules(datacite, "datacite-4.5.json") == []
    assert (datacite["publisher"], datacite["creators"][0]["name"]) == ({"name": ":unav"}, ":unav")
    assert datacite["rightsList"][-1] == {"rights": "Rights: the library (data/scans)"}
    crate = json.loads((tmp_path / "all" / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert not {"author", "publisher"} & crate["@graph"][1].keys()
    information = (tmp_path / "all" / "bag-info.txt").read_text(encoding="utf-8")
    assert "Source-Organization" not in information
