"""Labels are served with every photo and composition, and say which set they are of."""

import pytest

from presslens.app.services.labels.training import add_label, photo_reader, prepare
from presslens.models.labels.vocabulary import shipped_names

from ..answers import csv_rows

LABELS = "/api/v1/labels"
PHOTOS = "/api/v1/photos"


@pytest.fixture
def dark(home, sandbox, swatches, now):
    """Return a function that adds a label of dark photos."""

    def add():
        examples = prepare(home, "dark", swatches)
        add_label(home, "dark", examples, photo_reader(home, sandbox), now=now)

    return add


def test_every_answer_says_which_labels_it_used(client, worker, upload, scans, dark):
    address = upload(scans).json()["address"]
    worker.drain()
    old = client.get(LABELS).json()["label_set"]
    dark()
    new = client.get(LABELS).json()["label_set"]
    assert new != old
    # Until photos are read again, they and their composition are of the old set.
    assert client.get(address).json()["status"] == "analysing"
    assert client.get(f"{address}/composition").json()["label_set"] == old
    assert {p["label_set"] for p in client.get(PHOTOS).json()["photos"]} == {old}

    worker.drain()
    assert client.get(address).json()["status"] == "done"
    composition = client.get(f"{address}/composition").json()
    assert composition["label_set"] == new
    assert list(composition["labels"]) == [*shipped_names(), "dark"]
    dark_share, people = composition["labels"]["dark"], composition["shares"]["people"]
    assert set(dark_share) == set(people)
    assert (dark_share["n"], composition["labels"]["indoor"]["decided"]) == (3, 1)
    assert "dark" not in composition["shares"]
    listed = client.get(PHOTOS).json()
    assert listed["label_set"] == new
    photo = client.get(f"{PHOTOS}/{listed['photos'][0]['id']}").json()
    assert (photo["labels"]["indoor"], photo["label_set"]) == (0.97, new)
    assert list(photo["labels"]) == ["indoor", "dark"]
    page = client.get(f"/api/v1/pages/{listed['photos'][0]['page']}").json()
    assert page["photos"][0]["labels"] == photo["labels"]
    rows = csv_rows(client.get(f"{PHOTOS}.csv"))
    assert {row["label_set"] for row in rows} == {new}
    assert rows[0]["labels"].startswith("indoor")


def test_photos_are_found_by_their_labels(client, worker, upload, scans, dark):
    upload(scans)
    dark()
    worker.drain()
    photos = client.get(PHOTOS).json()["photos"]
    for label in ("indoor", "dark"):
        found = client.get(PHOTOS, params={"label": label}).json()["photos"]
        shown = [photo for photo in photos if photo["labels"][label] >= 0.5]
        assert found == shown
    assert len(client.get(PHOTOS, params={"label": "indoor"}).json()["photos"]) == 1
    assert client.get(PHOTOS, params={"label": "night", "subject": "people"}).json()["photos"] == []


def test_a_label_that_is_not_known_is_an_error(client):
    answer = client.get(PHOTOS, params={"label": "indor"})
    assert answer.status_code == 422
    assert "indoor" in answer.json()["detail"]


def test_labels_are_listed_with_how_well_they_are_told(client, dark):
    dark()
    labels = client.get(LABELS).json()["labels"]
    assert labels[0]["name"] == "indoor"
    assert labels[0]["built_in"] is True
    assert set(labels[0]["figures"]) == {
        "n", "positive", "ap", "f1", "calibration_error", "method"
    }  # fmt: skip
    own = labels[-1]
    assert (own["name"], own["built_in"], own["used"], own["examples"]) == ("dark", False, True, 12)
    assert own["figures"]["n"] == 12


def test_an_edition_without_photos_has_labels_without_shares(client, worker, upload, make):
    address = upload({"a.png": make([])}).json()["address"]
    worker.drain()
    composition = client.get(f"{address}/composition").json()
    assert composition["label_set"] == client.get(LABELS).json()["label_set"]
    assert [s["share"] for s in composition["labels"].values()] == [None] * len(shipped_names())
