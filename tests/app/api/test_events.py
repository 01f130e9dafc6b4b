"""Events over HTTP."""

from ..answers import csv_rows

API = "/api/v1/events"
EVENT = {"date": "2019-12-16", "title": "A bridge is opened", "place": "Kaesong"}


def test_an_event_is_kept_listed_and_removed(client):
    posted = client.post(API, json=EVENT)
    assert posted.status_code == 201
    event = posted.json()
    assert (event["date"], event["place"], event["leader_attended"]) == (
        "2019-12-16", "Kaesong", None,
    )  # fmt: skip
    address = posted.headers["Location"]
    assert client.get(address).json() == event
    assert client.post(API, json=EVENT).status_code == 200
    assert client.post(API, json={**EVENT, "place": "Wonsan"}).status_code == 409
    found = client.get(API, params={"from": "2019-12-01", "to": "2019-12-31"}).json()
    assert found == {"events": [event], "next": None}
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_seeded_events_stay_and_are_csv_too(client):
    rows = csv_rows(client.get(f"{API}.csv"))
    events = client.get(API).json()["events"]
    assert [row["title"] for row in rows] == [event["title"] for event in events]
    assert client.delete(f"{API}/{events[0]['id']}").status_code == 409
    paged = client.get(API, params={"limit": 7}).json()
    rest = client.get(API, params={"limit": 7, "cursor": paged["next"]}).json()
    assert [*paged["events"], *rest["events"]] == events
