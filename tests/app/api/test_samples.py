"""Samples over HTTP."""

import pytest

from ..answers import csv_rows

SAMPLES, PHOTOS = "/api/v1/samples", "/api/v1/photos"


@pytest.fixture
def draw(client):
    def post(**body):
        return client.post(SAMPLES, json={"measures": ["people"], "items": 2, **body})

    return post


def test_a_sample_is_drawn_coded_and_made_larger(client, photos, draw):
    answer = draw(coders=["A", "B"], second=1.0, name="mine")
    assert answer.status_code == 201
    sample = answer.json()
    address = answer.headers["location"]
    assert address == f"{SAMPLES}/{sample['id']}"
    assert sample["frame"] == {"editions": 1, "photos": 3}
    assert (sample["items"], sample["coders"]) == (3, ["A", "B"])  # two of a stratum at least
    assert client.get(address).json() == sample
    assert client.get(SAMPLES).json()["samples"] == [sample]
    assert client.get(SAMPLES, params={"measure": "crowd"}).json()["samples"] == []

    waiting = client.get(f"{address}/next", params={"coder": "A", "limit": 1}).json()
    assert (waiting["open"], len(waiting["items"])) == (3, 1)
    photo = waiting["items"][0]["photo"]
    body = {"coder": "A", "answers": {"people": True}}
    settled = client.post(f"{PHOTOS}/{photo}/reviews", json=body).json()["photo"]["settled"]
    assert settled == {"people": {"shows": True, "drawn": True}}
    assert client.get(f"{address}/next", params={"coder": "A"}).json()["open"] == 2
    assert client.get(address).json()["progress"]["people"]["answered"] == 1

    items = client.get(f"{address}/items").json()["items"]
    assert items[0]["answers"] == {"people": {"status": "answered", "shows": True}}
    table = client.get(f"{address}/items.csv")
    assert table.headers["content-type"].startswith("text/csv")
    rows = csv_rows(table)
    assert [(row["place"], row["status"], row["answer"]) for row in rows] == [
        ("0", "answered", "yes"),
        ("1", "open", ""),
        ("2", "open", ""),
    ]
    assert float(rows[0]["inclusion_probability"]) > 0
    larger = client.post(f"{address}/extend", json={"items": 3})
    assert (larger.status_code, larger.json()["items"]) == (200, 3)


def test_a_plan_draws_nothing(client, photos):
    plan = client.get(f"{SAMPLES}/plan", params={"measure": "people", "width": 0.5}).json()
    assert plan["frame"] == {"editions": 1, "photos": 3}
    assert plan["sizes"][-1].items() >= {"photos": 3, "strata": [0, 2, 0, 1], "width": 0.0}.items()
    assert plan["wished"]["width"] <= 0.5
    assert client.get(SAMPLES).json()["samples"] == []


def test_a_name_is_taken_once(draw, photos):
    assert [draw(name="x").status_code for _ in range(2)] == [201, 409]
