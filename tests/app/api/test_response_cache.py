"""Responses of statistics are cached as long as they are true, and for nobody else."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from presslens.app.api.response_cache import (
    ENTRY_BYTES,
    MAX_BYTES,
    CachedResponse,
    CacheKey,
    ResponseCache,
)
from presslens.app.db.claims import EventRow
from presslens.app.services.statistics import by_group as service

STATS = "/api/v1/stats?metric=children&by=month"


@pytest.fixture
def asked(monkeypatch):
    """Count how often statistics are made."""
    made = []
    make = service.select_editions
    monkeypatch.setattr(service, "select_editions", lambda *a, **k: made.append(1) or make(*a, **k))
    return made


def test_the_same_is_made_once_until_something_changes(client, home, add_summary, asked):
    add_summary(date(2025, 12, 15), shares={"children": 0.5})
    first = client.get(STATS)
    assert client.get(STATS).content == first.content
    assert len(asked) == 1
    add_summary(date(2025, 12, 16), shares={"children": 0.1})
    second = client.get(STATS).json()
    assert second["editions"] == first.json()["editions"] + 1
    with home.database.write() as session:
        session.add(EventRow(event_date=date(2025, 12, 15), title="now", source="x"))
    assert "now" in [event["title"] for event in client.get(STATS).json()["events"]]
    assert len(asked) == 3


def test_what_many_ask_for_at_once_is_computed_once(client, add_summary, asked):
    add_summary(date(2025, 12, 15), shares={"children": 0.5})
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: client.get(STATS).content, range(8)))
    assert (len(set(answers)), len(asked)) == (1, 1)


def test_what_differs_in_anything_is_another_question(client, add_summary, asked):
    add_summary(date(2025, 12, 15), shares={"children": 0.5})
    answers = [
        client.get(STATS),
        client.get(f"{STATS}&weight=area"),
        client.get(f"{STATS}&page=front"),
    ]
    assert len(asked) == 3
    assert len({answer.json()["permalink"] for answer in answers}) == 3
    table = client.get(STATS, headers={"Accept": "text/csv"})
    assert table.headers["content-type"].startswith("text/csv")


def test_who_has_it_already_is_told_so(client, add_summary):
    add_summary(date(2025, 12, 15), shares={"children": 0.5})
    first = client.get(STATS)
    again = client.get(STATS, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    add_summary(date(2025, 12, 16), shares={"children": 0.5})
    changed = client.get(STATS, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


def test_errors_are_not_cached(client):
    for _ in range(2):
        assert client.get("/api/v1/stats?metric=nothing").status_code == 422
    assert len(client.app.state.response_cache) == 0


def key(path="a", **values):
    fields = {"host": "h", "query": "", "accept": "", "revision": 1, "recipe_id": "r"}
    return CacheKey(**{**fields, "path": path, **values})


def test_what_was_not_asked_for_longest_goes_first():
    cache = ResponseCache()
    third = bytes(MAX_BYTES // 3 - ENTRY_BYTES)
    for path in "abc":
        cache.store(key(path), CachedResponse(third, None, path))
    assert cache.find(key("a")) is not None
    cache.store(key("d"), CachedResponse(third, None, "d"))
    assert [path for path in "abcd" if cache.find(key(path))] == ["a", "c", "d"]
    cache.store(key("a"), CachedResponse(bytes(MAX_BYTES - ENTRY_BYTES), None, "a"))
    assert [path for path in "abcd" if cache.find(key(path))] == ["a"]


def test_keys_and_bodies_together_stay_within_the_bound():
    cache, bodies = ResponseCache(), (2**12, 2**15)
    tracemalloc.start()
    for number in range(3000):
        long = key(query=f"{number:060000}", host="h" * 250)
        cache.store(long, CachedResponse(bytes(bodies[number % 2]), "application/json", "t" * 34))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert MAX_BYTES // 2 < taken <= MAX_BYTES


def test_a_response_answers_only_what_has_all_of_its_key():
    cache = ResponseCache()
    cache.store(key(), CachedResponse(b"1", None, "1"))
    assert cache.find(key()) is not None
    for field in ("host", "path", "query", "accept", "revision", "recipe_id"):
        assert cache.find(key(**{field: 2 if field == "revision" else "other"})) is None, field
