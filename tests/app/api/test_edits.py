"""The log over HTTP, and undoing."""

import csv
import io

import pytest


@pytest.fixture
def photo(client, upload, worker, scans):
    upload(scans)
    worker.drain()
    return client.get("/api/v1/photos").json()["photos"][0]["id"]


def test_an_edit_is_listed_undone_and_undone_once(client, photo):
    review = {"coder": "A", "answers": {"people": True}}
    assert client.post(f"/api/v1/photos/{photo}/reviews", json=review).status_code == 201
    (edit,) = client.get("/api/v1/edits", params={"coder": "A"}).json()["edits"]
    assert (edit["action"], edit["target"], edit["target_id"]) == ("review", "photo", photo)
    undone = client.post(f"/api/v1/edits/{edit['id']}/undo", json={"coder": "B"})
    assert (undone.status_code, undone.json()["undone_by"]) == (200, "B")
    assert client.post(f"/api/v1/edits/{edit['id']}/undo").json() == undone.json()
    assert client.get(f"/api/v1/edits/{edit['id']}").json() == undone.json()
    assert (
        client.get("/api/v1/edits", params={"undone": False, "target": "photo"}).json()["edits"]
        == []
    )
    rows = list(csv.DictReader(io.StringIO(client.get("/api/v1/edits.csv").text)))
    assert next((row["coder"], row["undone_by"]) for row in rows) == ("A", "B")


def test_an_edit_that_is_not_there_is_not_found(client):
    for answer in (client.get("/api/v1/edits/9"), client.post("/api/v1/edits/9/undo")):
        assert answer.status_code == 404
        assert answer.json()["detail"] == "there is no such edit"
