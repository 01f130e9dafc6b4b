"""Reviews over HTTP."""

import io

import pytest

from presslens.app.services.reviews.csv_import import import_reviews

from ..answers import csv_rows

REVIEWS, PHOTOS = "/api/v1/reviews", "/api/v1/photos"


@pytest.fixture
def say(client):
    def post(photo, coder="A", answers=None, **rest):
        body = {"coder": coder, "answers": {"people": True} if answers is None else answers, **rest}
        return client.post(f"{PHOTOS}/{photo}/reviews", json=body)

    return post


def table(answer):
    assert answer.headers["content-type"].startswith("text/csv")
    return csv_rows(answer)


def test_a_photo_is_drawn_reviewed_and_undone(client, photos, say):
    before = client.get(f"{PHOTOS}/{photos[0]}").json()
    assert before["reviews"] == {"settled": {}, "disagreements": [], "coders": []}
    drawn = client.get(f"{REVIEWS}/next", params={"measure": "people", "budget": 3}).json()
    assert drawn["n"] == 3
    assert drawn["half_width"]["after"] == 0.0 < drawn["half_width"]["before"]
    assert [row["planned"] for row in drawn["strata"]] == [0, 2, 0, 1]
    assert drawn["sample"] == "people-1"
    # What older clients send back is passed over.
    answer = say(
        photos[0], answers={"people": False}, focus="neither", drawn_for="people", token="old"
    )
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{PHOTOS}/{photos[0]}/reviews"
    assert answer.json()["photo"]["settled"]["people"] == {"shows": False, "drawn": True}
    after = client.get(f"{PHOTOS}/{photos[0]}").json()
    assert after["reviews"]["settled"]["focus_neither"] == {"shows": True, "drawn": False}
    assert {**after, "reviews": None} == {**before, "reviews": None}
    again = client.get(f"{REVIEWS}/next", params={"measure": "people"}).json()
    assert photos[0] not in [row["photo"] for row in again["photos"]]

    review = answer.json()["review"]["id"]
    assert client.delete(f"{REVIEWS}/{review}", params={"coder": "B"}).status_code == 409
    for _ in range(2):
        undone = client.delete(f"{REVIEWS}/{review}", params={"coder": "A"})
        assert undone.status_code == 200
        assert undone.json()["photo"]["settled"] == {}
    assert undone.json()["review"]["withdrawn_at"]
    assert client.get(f"{PHOTOS}/{photos[0]}").json() == before
    kept = client.get(f"{PHOTOS}/{photos[0]}/reviews").json()
    assert kept["machine"]["people"] == 0.9
    assert [row["id"] for row in kept["reviews"]] == [review]


def test_the_list_is_filtered_paged_and_a_table(client, photos, say):
    numbers = [
        say(photos[0], "A", {"people": True, "crowd": None}).json()["review"]["id"],
        say(photos[1], "B").json()["review"]["id"],
        say(photos[1], "A", {"crowd": False}, note="=HYPERLINK(1)").json()["review"]["id"],
    ]

    def ids(**params):
        return [row["id"] for row in client.get(REVIEWS, params=params).json()["reviews"]]

    assert ids() == numbers[::-1]
    assert ids(coder="A") == [numbers[2], numbers[0]]
    assert ids(measure="people") == [numbers[1], numbers[0]]
    assert ids(coder="A", measure="people") == [numbers[0]]
    assert ids(coder="'; --") == []
    first = client.get(REVIEWS, params={"limit": 2}).json()
    rest = client.get(REVIEWS, params={"limit": 2, "cursor": first["next"]}).json()
    assert [row["id"] for row in first["reviews"] + rest["reviews"]] == numbers[::-1]
    assert rest["next"] is None
    client.delete(f"{REVIEWS}/{numbers[1]}")
    assert ids(withdrawn=False) == [numbers[2], numbers[0]]
    assert ids(withdrawn=True) == [numbers[1]]

    rows = table(client.get(f"{REVIEWS}.csv"))
    assert [(row["review"], row["measure"], row["answer"]) for row in rows] == [
        (str(numbers[2]), "crowd", "no"),
        (str(numbers[1]), "people", "yes"),
        (str(numbers[0]), "crowd", "?"),
        (str(numbers[0]), "people", "yes"),
    ]
    assert rows[0]["note"] == "'=HYPERLINK(1)"
    assert rows[0]["photo"] == str(photos[1])


def test_agreement_and_disagreements(client, photos, say):
    for photo, shows in zip(photos, (True, False, False), strict=True):
        say(photo, "A", {"people": shows})
        say(photo, "B", {"people": shows or photo == photos[2]})
    found = client.get(f"{REVIEWS}/agreement").json()
    (row,) = found["measures"]
    # What people picked is in no statistic of agreement.
    assert (row["coders"]["coded_twice"], row["coders"]["picked_twice"]) == (0, 3)
    assert "drawn by chance" in row["coders"]["reason"]
    assert row["codebook"] == found["codebook"]
    assert found["estimates"]["codebooks"] == {"people": {row["codebook"]: 2}}
    assert row["machine"]["yes"] == {"n": 1, "right": 1, "share": 1.0, "interval": [0.206549, 1.0]}
    assert found["recipe"] == client.get(PHOTOS).json()["recipe"]
    (flat,) = table(client.get(f"{REVIEWS}/agreement.csv", params={"measure": "people"}))
    assert flat["coders"] == "A; B"
    assert flat["reason"] == row["coders"]["reason"]
    assert flat["accuracy_method"] == row["coders"]["accuracy"]["method"]
    assert flat["machine_yes_low"] == "0.206549"
    assert flat["recipe"] == found["recipe"]

    listed = client.get(f"{REVIEWS}/disagreements").json()
    assert listed["total"] == 1
    (row,) = listed["disagreements"]
    assert (row["photo"], row["measure"], row["yes"], row["no"]) == (photos[2], "people", "B", "A")
    accept = {"accept": "text/csv"}
    assert table(client.get(f"{REVIEWS}/disagreements", headers=accept))[0]["yes"] == "B"
    params = {"measure": "people", "kind": "disagreements"}
    disputed = client.get(f"{REVIEWS}/next", params=params).json()
    assert [photo["photo"] for photo in disputed["photos"]] == [photos[2]]
    assert disputed["half_width"] is None
    say(photos[2], "C", {"people": True}, adjudicates=True)
    assert client.get(f"{REVIEWS}/disagreements").json()["total"] == 0


CODERS = ("=1+1", "'=1", "''=1", "'", "'tis", "+49 30", "-A", "@b", "a,b", 'say "x"', "金; 正恩")


def test_the_table_of_reviews_can_be_imported(client, home, now, photos, say):
    for coder in CODERS:
        say(photos[0], coder, {"people": True, "crowd": None}, focus="neither", note=coder)
    say(photos[1], "A", {"people": False}, focus="unsure")
    say(photos[1], "A", {"people": True})
    say(photos[2], "gone")
    client.delete(f"{REVIEWS}/{client.get(REVIEWS).json()['reviews'][0]['id']}")
    say(photos[2], "C", {"crowd": False}, adjudicates=True)
    text = client.get(f"{REVIEWS}.csv").text
    before = client.get(REVIEWS, params={"withdrawn": False, "limit": 200}).json()["reviews"]
    done = import_reviews(home, io.StringIO(text, newline=""), now=now)
    after = client.get(REVIEWS, params={"withdrawn": False, "limit": 200}).json()["reviews"]

    def content(reviews):
        names = ("photo", "coder", "answers", "adjudicates", "note")
        return [[review[name] for name in names] for review in reviews]

    assert (len(done.reviews), done.unanswered) == (len(before), 0)
    assert content(after) == content(before) * 2
    assert {review["coder"] for review in after} == {*CODERS, "A", "C"}
