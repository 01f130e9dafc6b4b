"""A photo keeps its address over HTTP, and one that is gone says where it went."""

import csv
import io

import pytest
from fastapi.testclient import TestClient

from presslens.app.main import create_app

API = "/api/v1"
MISSED = [40, 250, 200, 400]
PARTS = [[20, 20, 150, 130], [20, 130, 150, 200]]
"""The left photo of page 2, split unevenly: the larger part is most of it."""

AS_IT_IS = {"follow_redirects": False}


@pytest.fixture
def both(client, pages):
    """The addresses of the two photos of page 2."""
    return addresses(client, pages[1])


@pytest.fixture
def change(client):
    def patch(photo_id, **given):
        answer = client.patch(f"{API}/photos/{photo_id}", json={**given, "coder": "A"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return patch


def addresses(client, page):
    return [photo["id"] for photo in client.get(f"{API}/pages/{page}").json()["photos"]]


def undo(client, changed):
    assert client.post(f"{API}/edits/{changed['edit']}/undo").status_code == 200


def table(client, name):
    text = client.get(f"{API}/exports/csv?table={name}").text
    return {int(row["frame_id"]): row for row in csv.DictReader(io.StringIO(text))}


def test_a_moved_photo_keeps_its_address(client, pages, both, change):
    left, right = both
    crop = client.get(f"{API}/photos/{right}/image")
    assert crop.headers["cache-control"] == "private, no-cache"
    for x in (160, 150, 140):  # each near to the one before, the last one far from the first
        changed = change(right, box=[x, 20, x + 120, 200])
        assert {photo["id"] for photo in changed["photos"]} == {left, right}
    assert changed["made"] == [right]
    photo = client.get(f"{API}/photos/{right}").json()
    assert (photo["id"], photo["box"]) == (right, [140, 20, 260, 200])
    assert client.get(f"{API}/photos/{right}/reviews").json()["photo"] == right
    assert set(addresses(client, pages[1])) == {left, right}
    listed = client.get(f"{API}/photos").json()["photos"]
    assert {left, right} < {one["id"] for one in listed}
    known = {"if-none-match": crop.headers["etag"]}
    assert client.get(f"{API}/photos/{right}/image", headers=known).status_code == 200
    page = client.get(f"/photos/{right}.json").json()
    assert (page["id"], page["before"]) == (right, left)
    answer = {"coder": "A", "answers": {"people": True}}
    reviewed = client.post(f"{API}/photos/{right}/reviews", json=answer)
    assert reviewed.headers["location"] == f"{API}/photos/{right}/reviews"
    assert client.get(f"{API}/reviews").json()["reviews"][0]["photo"] == right
    edits = client.get(f"{API}/edits?target=photo&target_id={right}").json()["edits"]
    assert len(edits) == 4


def test_a_split_photo_is_gone_and_names_its_parts(client, pages, both, change):
    left, right = both
    changed = change(left, split=PARTS)
    parts = [photo["id"] for photo in changed["photos"] if photo["id"] != right]
    assert left not in parts
    gone = client.get(f"{API}/photos/{left}", **AS_IT_IS)
    assert (gone.status_code, gone.headers["cache-control"]) == (410, "no-cache")
    problem = gone.json()
    assert (problem["replaced_by"], problem["page"]) == (parts, pages[1])
    for address in (f"{API}/photos/{left}/image", f"{API}/photos/{left}/similar",
                    f"{API}/photos/{left}/reviews", f"/photos/{left}.json"):  # fmt: skip
        assert client.get(address, **AS_IT_IS).status_code == 410
    review = {"coder": "A", "answers": {"people": True}}
    assert client.post(f"{API}/photos/{left}/reviews", json=review).status_code == 410
    # One part is removed: the other one is what is left of the photo.
    change(parts[0], photo=False)
    here = client.get(f"{API}/photos/{left}/image?width=160", **AS_IT_IS)
    moved = here.status_code, here.headers["location"], here.headers["cache-control"]
    assert moved == (301, f"{API}/photos/{parts[1]}/image?width=160", "no-cache")
    removed = client.get(f"{API}/photos/{parts[0]}")
    assert (removed.status_code, removed.json()["replaced_by"]) == (410, [])


def test_joined_photos_lead_to_the_one_that_they_are(client, both, change):
    left, right = both
    changed = change(left, join=[right])
    (joined,) = changed["made"]
    assert joined not in both
    for photo in both:
        answer = client.get(f"{API}/photos/{photo}", **AS_IT_IS)
        assert (answer.status_code, answer.headers["location"]) == (301, f"{API}/photos/{joined}")
        assert client.get(f"/photos/{photo}", headers={"accept": "text/html"}).status_code == 200
        like = client.get(f"/gallery.json?like={photo}", **AS_IT_IS)  # it can't lead to itself
        assert (like.status_code, like.json()["replaced_by"]) == (410, [joined])
    # The joined photo is removed, and with it what led to it.
    change(joined, photo=False)
    assert [client.get(f"{API}/photos/{one}").status_code for one in (*both, joined)] == [410] * 3


def test_undoing_brings_each_address_back(client, pages, both, change):
    left, right = both
    done = [change(right, box=[160, 20, 310, 210])]
    done.append(change(left, join=[right]))
    done.append(change(done[-1]["made"][0], split=PARTS))
    for changed in reversed(done):
        undo(client, changed)
    assert addresses(client, pages[1]) == both
    for photo in both:
        assert client.get(f"{API}/photos/{photo}", **AS_IT_IS).status_code == 200
    drawn = client.get(f"{API}/photos/{done[1]['made'][0]}", **AS_IT_IS)
    assert drawn.status_code == 410


def test_a_removed_photo_leads_nowhere_and_no_photo_is_not_found(client, pages, change):
    (alone,) = addresses(client, pages[0])
    changed = change(alone, photo=False)
    gone = client.get(f"{API}/photos/{alone}")
    assert (gone.status_code, gone.json()["replaced_by"]) == (410, [])
    undo(client, changed)
    assert client.get(f"{API}/photos/{alone}").status_code == 200
    assert client.get(f"{API}/photos/999").status_code == 404


def test_a_photo_of_a_deleted_edition_is_gone_until_it_is_restored(client, edition, both):
    deleted = client.delete(f"{API}/editions/{edition}")
    assert deleted.is_success
    assert client.get(f"{API}/photos/{both[0]}").status_code == 410
    assert client.post(f"{API}/editions/{edition}/restore").is_success
    assert client.get(f"{API}/photos/{both[0]}", **AS_IT_IS).status_code == 200


def test_the_page_of_a_photo_that_is_gone_shows_what_is_there(client, both, change):
    left, right = both
    parts = [one["id"] for one in change(left, split=PARTS)["photos"] if one["id"] != right]
    for language, heading in (("en", "not on its page"), ("ko", "이제 면에")):
        headers = {"accept": "text/html", "accept-language": language}
        answer = client.get(f"/photos/{left}", headers=headers)
        assert answer.status_code == 410
        assert heading in answer.text
        for part in parts:
            assert f'href="/photos/{part}"' in answer.text


def test_whoever_has_seen_another_box_is_told(client, both, change):
    _, right = both
    change(right, box=[160, 20, 310, 210])
    late = client.patch(f"{API}/photos/{right}", json={"photo": False, "seen": [170, 20, 300, 200]})
    assert late.status_code == 409
    assert "was changed by A" in late.json()["detail"]
    change(right, photo=False, seen=[160, 20, 310, 210])


def test_tables_of_before_and_after_join(client, pages, both, change):
    left, right = both
    before = table(client, "photos")
    change(right, box=[160, 20, 310, 210])
    parts = change(left, split=PARTS)["made"]
    (drawn,) = client.post(f"{API}/pages/{pages[2]}/photos", json={"box": MISSED}).json()["made"]
    after = table(client, "photos")
    assert before.keys() - after.keys() == {left}
    assert after.keys() - before.keys() == {*parts, drawn}
    assert (before[right]["x0"], after[right]["x0"]) == ("170.0", "160.0")
    row = after[right]["photo_id"]  # what joins the tables of one export leads to the address
    answer = client.get(f"/photos/{row}.json", **AS_IT_IS)
    assert (answer.status_code, answer.headers["location"]) == (301, f"/photos/{right}.json")
    assert right in table(client, "removed_photos")


def test_addresses_last_under_a_new_recipe(client, pages, both, change, anew):
    left, right = both
    (alone,) = addresses(client, pages[0])
    change(right, box=[160, 20, 310, 210])
    parts = change(left, split=PARTS)["made"]
    before = [set(addresses(client, page)) for page in pages]
    frames = table(client, "photos").keys()
    address = "http://localhost"
    with anew() as (other, worker), TestClient(create_app(other.settings), address) as newer:
        waiting = newer.get(f"{API}/photos/{alone}")
        assert waiting.status_code == 404
        assert "waits to be analysed" in waiting.json()["detail"]
        worker.drain()
        assert [set(addresses(newer, page)) for page in pages] == before
        assert newer.get(f"{API}/photos/{alone}", **AS_IT_IS).status_code == 200
        gone = newer.get(f"{API}/photos/{left}")
        assert (gone.status_code, set(gone.json()["replaced_by"])) == (410, set(parts))
        assert table(newer, "photos").keys() == frames
    assert [set(addresses(client, page)) for page in pages] == before
