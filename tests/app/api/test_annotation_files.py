"""Corrections of other tools over HTTP: tried, stored, and refused where nobody is named."""

import io
import json
import zipfile

import pytest

from presslens.app.api import reviews

ADDRESS = "/api/v1/reviews/annotations"
EXPORTS = "/api/v1/exports"


@pytest.fixture
def send(client):
    """Call to send a corrected document, and the exported one; the answer."""

    def post(document, original=None, **fields):
        files = {"file": ("corrected.json", json.dumps(document).encode())}
        if original is not None:
            files["exported"] = ("original.json", json.dumps(original).encode())
        return client.post(ADDRESS, data={"format": "coco", **fields}, files=files)

    return post


def test_coco_is_tried_and_then_stored(client, edition, send):
    original = client.get(f"{EXPORTS}/coco", params={"photos_only": True}).json()
    corrected = json.loads(json.dumps(original))
    corrected["annotations"][0]["bbox"][2] += 20
    tried = send(corrected, original, coder="Ann").json()
    assert (tried["applied"], tried["edit"], tried["moved"]) == (False, None, 1)
    stored = send(corrected, original, coder="Ann", apply="true").json()
    assert stored == {**tried, "applied": True, "edit": stored["edit"]}
    (edit,) = client.get("/api/v1/edits", params={"action": "annotate"}).json()["edits"]
    assert (edit["id"], edit["coder"], edit["edition"]) == (stored["edit"], "Ann", edition)
    assert "photos moved: 1" in edit["text"]
    again = send(corrected, original, coder="Ann", apply="true").json()
    assert (again["edit"], again["imported_before"]) == (None, 3)
    assert client.post(f"/api/v1/edits/{edit['id']}/undo", json={}).status_code == 200
    now = client.get(f"{EXPORTS}/coco", params={"photos_only": True}).json()
    assert now["annotations"] == original["annotations"]


def test_label_studio_is_taken_in_too(client, edition, send):
    answer = client.get(f"{EXPORTS}/label-studio", params={"images": True})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        tasks = json.loads(files.read("tasks.json"))
    tasks[0]["annotations"] = [{"completed_by": {"email": "a@example.org"}, "result": []}]
    taken = send(tasks, format="label-studio", apply="true").json()
    assert (taken["removed"], taken["coders"], taken["skipped"]) == (1, ["a@example.org"], 2)


def test_what_is_refused(client, edition, send, monkeypatch):
    original = client.get(f"{EXPORTS}/coco", params={"photos_only": True}).json()
    crowded = {**original, "annotations": original["annotations"][:2] * 2501}
    crowded["images"] = original["images"][:2]
    monkeypatch.setattr(reviews, "MOST_PAGES", 2)
    for answer, detail in (
        (send(original), "say who has corrected the file"),
        (send([], coder="Ann"), "the corrected file is not COCO JSON"),
        (send({}, format="label-studio"), "no JSON export of Label Studio"),
        (send(original, [], coder="Ann"), "the exported file is not COCO JSON"),
        (send(original, coder="Ann"), "the file has 3 pages; more than 2"),
        (send(crowded, original, coder="Ann"), "the file has 5002 photos; more than 5000"),
        (send(original, coder="Ann", format="voc"), "'coco' or 'label-studio'"),
    ):
        assert answer.status_code == 422, answer.text
        assert detail in answer.text
