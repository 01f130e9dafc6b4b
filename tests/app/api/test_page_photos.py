"""The photos of a page are corrected over HTTP; every answer follows in the very next request."""

API = "/api/v1"
MISSED = [40, 250, 200, 400]


def photos_of(client, page):
    return client.get(f"{API}/pages/{page}").json()["photos"]


def count(client, edition):
    return client.get(f"{API}/editions/{edition}/composition").json()["photos"]


def test_a_missed_photo_is_drawn_and_undone(client, edition, pages):
    found = count(client, edition)
    answer = client.post(f"{API}/pages/{pages[2]}/photos", json={"box": MISSED, "coder": "A"})
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{API}/photos/{made['id']}"
    assert made["photos"] == [{"id": made["id"], "box": MISSED, "by_hand": True}]
    assert count(client, edition) == found + 1
    assert [photo["by_hand"] for photo in photos_of(client, pages[2])] == [True]
    assert client.get(f"{API}/photos/{made['id']}").json()["box"] == MISSED
    logged = client.get(f"{API}/edits").json()["edits"][0]
    assert (logged["id"], logged["action"], logged["coder"]) == (
        made["edit"],
        "change photos",
        "A",
    )
    assert client.post(f"{API}/edits/{made['edit']}/undo").status_code == 200
    assert (count(client, edition), photos_of(client, pages[2])) == (found, [])


def test_a_change_that_is_sent_again_has_one_effect(client, edition, pages):
    photo = photos_of(client, pages[1])[0]["id"]
    key = {"Idempotency-Key": "one"}
    first, again = (
        client.patch(f"{API}/photos/{photo}", json={"photo": False}, headers=key) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")


def test_a_photo_is_moved_split_joined_and_removed(client, edition, pages):
    def patch(photo_id, **change):
        answer = client.patch(f"{API}/photos/{photo_id}", json={**change, "coder": "A"})
        assert answer.status_code == 200, answer.text
        return [photo["id"] for photo in answer.json()["photos"]]

    left, right = (photo["id"] for photo in photos_of(client, pages[1]))
    _, moved = patch(right, box=[160, 20, 310, 210])
    _, *parts = patch(left, split=[[20, 20, 150, 110], [20, 110, 150, 200]])
    assert count(client, edition) == 4
    assert len(patch(parts[0], join=[parts[1]])) == 2
    assert patch(moved, photo=False) == [left]  # the box around its parts is the one found
    assert count(client, edition) == 2
    gone = client.patch(f"{API}/photos/{moved}", json={"photo": False, "coder": "B"})
    assert gone.status_code == 409
    assert "was changed by A on" in gone.json()["detail"]
    removed = client.get(f"{API}/pages/{pages[1]}").json()["removed"]
    assert [(one["id"], one["coder"]) for one in removed] == [(right, "A")]


def test_a_page_review_draws_and_finds_two_editions(client, edition, pages):
    photo = photos_of(client, pages[0])[0]["id"]
    mark = {"photo": photo, "photos": 1, "boxes": [[0.1, 0.1, 0.6, 0.4]]}
    answer = client.post(f"{API}/pages/{pages[0]}/reviews", json={"coder": "A", "marks": [mark]})
    assert answer.json()["reviews"][0]["marks"][0]["boxes"] == [[0.1, 0.1, 0.6, 0.4]]
    assert photos_of(client, pages[0])[0]["box"] == [32, 44, 192, 176]
    two = {"coder": "A", "two_editions": True}
    answer = client.post(f"{API}/pages/{pages[1]}/reviews", json=two).json()
    assert (answer["two_editions"], count(client, edition)) == (True, 1)
    drawn = client.post(f"{API}/pages/{pages[1]}/photos", json={"box": MISSED})
    assert drawn.status_code == 409
    assert client.delete(f"{API}/page-reviews/{answer['reviews'][0]['id']}").status_code == 204
    assert count(client, edition) == 3
