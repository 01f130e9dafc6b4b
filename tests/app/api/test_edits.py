"""The log over HTTP, and undoing."""

from ..answers import csv_rows


def test_an_edit_is_listed_undone_and_undone_once(client, photos):
    photo = photos[0]
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
    rows = csv_rows(client.get("/api/v1/edits.csv"))
    assert next((row["coder"], row["undone_by"]) for row in rows) == ("A", "B")
