"""Exports over HTTP: whole files, and none left behind."""

import io
import json
import sqlite3
import zipfile
from contextlib import closing

import pytest
from fastapi.testclient import TestClient

from presslens.app.main import create_app
from presslens.app.services.exports import export
from presslens.app.services.exports.tables.registry import TABLES
from presslens.lab.bench import specimens

from ..answers import csv_rows

EXPORTS = "/api/v1/exports"


@pytest.fixture
def filled(client, home):
    specimens.fill(home, 2, photos=3)
    return client


def test_what_there_is(filled, home):
    answer = filled.get(EXPORTS).json()
    assert answer["recipe"] == home.recipe.id
    assert [table["name"] for table in answer["tables"]] == [spec.name for spec in TABLES]
    statuses = {name: filled.get(f"{EXPORTS}/{name}").status_code for name in answer["formats"]}
    assert statuses.pop("pdf") == 422, "it is of one edition"
    assert set(statuses.values()) == {200}


@pytest.mark.parametrize(
    ("kind", "suffix"), [("csv", "csv"), ("json", "ndjson"), ("parquet", "parquet")]
)
def test_all_tables_come_in_a_zip_file(filled, home, kind, suffix):
    answer = filled.get(f"{EXPORTS}/{kind}")
    assert answer.headers["content-type"] == "application/zip"
    assert int(answer.headers["content-length"]) == len(answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = [f"{spec.name}.{suffix}" for spec in TABLES]
        assert archive.namelist() == [*names, "datapackage.json"]
    assert list(home.storage.incoming.iterdir()) == []


def test_one_table_alone(filled):
    answer = filled.get(f"{EXPORTS}/csv", params={"table": "photos", "edition": 1})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = csv_rows(answer)
    assert len(rows) == 15
    lines = filled.get(f"{EXPORTS}/json", params={"table": "photos", "edition": 1}).text
    ids = [json.loads(line)["photo_id"] for line in lines.splitlines()]
    assert ids == sorted(int(row["photo_id"]) for row in rows)
    assert filled.get(f"{EXPORTS}/parquet?table=photos").content[:4] == b"PAR1"


def test_iiif_is_open_to_viewers_elsewhere_if_the_settings_say_so(
    client, settings, worker, upload, make
):
    edition = upload({"a.png": make()}).json()["id"]
    worker.drain()
    page = client.get(f"/api/v1/editions/{edition}").json()["page_list"][0]["address"]
    can_be_public = [
        f"/api/v1/editions/{edition}/manifest.json",
        f"/api/v1/editions/{edition}/search.json?q=people",
        f"/api/v1/editions/{edition}/search-1.json?q=people",
        f"/api/v1/editions/{edition}/autocomplete.json?q=peo",
        f"/api/v1/editions/{edition}/annotations.json",
        f"{EXPORTS}/iiif",
        f"{EXPORTS}/iiif?edition={edition}",
        f"{page}/annotations.json",
        f"{page}/image",
        f"{page}/image.jpg",
    ]
    never = ("/api/v1/photos", f"{EXPORTS}/csv", page, "/api/v1/figures")
    elsewhere = {"Origin": "https://viewer.example", "Sec-Fetch-Site": "cross-site"}
    for address in can_be_public:
        assert client.get(address, headers=elsewhere).status_code == 403, address
        assert "access-control-allow-origin" not in client.get(address).headers, address
    public = create_app(settings.model_copy(update={"public": True}))
    with TestClient(public, base_url="http://localhost") as client:
        for address in can_be_public:
            answer = client.get(address, headers=elsewhere)
            assert answer.status_code == 200, address
            assert answer.headers["access-control-allow-origin"] == "*", address
        for address in never:
            assert client.get(address, headers=elsewhere).status_code == 403, address
            assert "access-control-allow-origin" not in client.get(address).headers
        manifest = client.get(can_be_public[0])
        assert manifest.json()["id"] == f"http://localhost{can_be_public[0]}"
        assert manifest.headers["content-type"].startswith("application/ld+json")
        image = manifest.json()["items"][0]["items"][0]["items"][0]["body"]["id"]
        assert client.get(image).headers["content-type"] == "image/jpeg"


def test_no_file_is_made_when_the_disk_is_full(settings, home):
    full = settings.model_copy(update={"min_free_bytes": 2**62})
    with TestClient(create_app(full), base_url="http://localhost") as client:
        for name in ("csv", "coco"):
            assert client.get(f"{EXPORTS}/{name}").status_code == 507
            assert client.get(f"{EXPORTS}/{name}?edition=99").is_error
    assert list(home.storage.incoming.iterdir()) == []


def test_one_wide_table_is_served(client, worker, put, scans):
    put(scans)
    worker.drain()
    answer = client.get("/api/v1/exports/photos")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    head, *rows = answer.text.splitlines()
    assert head.startswith("photo_id,page_id,frame_id,edition_id,publication,date,counted")
    assert len(rows) == 3
    lines = client.get("/api/v1/exports/photos", params={"format": "json"}).text.splitlines()
    assert len(lines) == 3
    assert client.get("/api/v1/exports/photos", params={"from": "2030-01-01"}).status_code == 404


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("kind", ["coco", "label-studio"])
def test_nobody_waits_for_the_pictures_of_an_edition(
    client, home, put, scans, worker, monkeypatch, kind
):
    edition, written = put(scans).edition_id, []
    worker.drain()
    page_view = export.page_view

    def write_then_view(then, page_id):
        # It waits for nobody, and would be refused beside a transaction that reads.
        with closing(sqlite3.connect(home.database.engine.url.database, timeout=0)) as writer:
            writer.execute("UPDATE revision SET number = number + 1")
            writer.commit()
        written.append(page_id)
        return page_view(then, page_id)

    monkeypatch.setattr(export, "page_view", write_then_view)
    query = {"edition": edition, "images": True}
    assert client.get(f"{EXPORTS}/{kind}", params=query).status_code == 200
    assert written
