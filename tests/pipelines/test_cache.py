"""The cache computes each thing once a version, and stays within its bounds."""

import threading
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest

from presslens.pipelines.cache import Cache


def test_a_result_stands_under_its_question_and_its_version():
    cache, computed = Cache(10_000), []

    def ask(question, version):
        return cache.find(question, version, lambda: computed.append((question, version)) or "")

    for question, version in [("a", 1), ("a", 1), ("b", 1), ("a", 2), ("b", 1), ("a", 1)]:
        ask(question, version)
    assert computed == [("a", 1), ("b", 1), ("a", 2), ("a", 1)]
    assert cache.get("a", 1) == ""
    assert cache.get("a", 2) is None
    assert len(cache) == 2


def test_what_was_not_asked_for_longest_goes_first_and_large_results_are_not_cached():
    cache, computed = Cache(3000), []

    def ask(question, size=900):
        return cache.find(
            question, None, lambda: computed.append(question) or np.zeros(size, np.uint8)
        )

    for question in ("a", "b", "c", "a", "d", "a", "b"):
        ask(question)
    assert computed == ["a", "b", "c", "d", "b"]
    for _ in range(2):
        assert len(ask("large", 4000)) == 4000
    ask("a")
    assert computed == ["a", "b", "c", "d", "b", "large", "large"]
    assert cache.bytes == 2700
    cache.put("a", None, "x", 3000)
    assert (len(cache), cache.bytes) == (1, 3000)


def test_what_is_outdated_can_be_dropped():
    cache = Cache(10_000)
    for question, version in enumerate([("revision", 1), ("revision", 2), None]):
        cache.put(question, version, "x")
    cache.drop(lambda version: version == ("revision", 1))
    assert [cache.get(0, ("revision", 1)), cache.get(1, ("revision", 2))] == [None, "x"]
    assert cache.get(2, None) == "x"


def test_a_cache_without_room_holds_nothing():
    cache = Cache(0)
    made = iter(range(3))
    assert [cache.find("a", 1, partial(next, made)) for _ in range(3)] == [0, 1, 2]


def test_what_fails_is_not_cached_and_keeps_nobody_waiting():
    cache = Cache(1000)

    def fail():
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            cache.find("a", 1, fail)
    assert cache.find("a", 1, lambda: 1) == 1


def test_what_many_ask_for_at_once_is_computed_once():
    cache, computed, ready = Cache(1000), [], threading.Barrier(8)

    def compute():
        computed.append(1)
        threading.Event().wait(0.05)
        return 7

    found = []

    def ask():
        ready.wait()
        found.append(cache.find("a", 1, compute))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, len(computed)) == ([7] * 8, 1)


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    values: list


def test_the_size_of_a_result_is_that_of_all_its_objects():
    rows = [Row(f"{i:0100}", [{"a": 1.5 * i}, b"x" * 1000]) for i in range(1000)]
    cache = Cache(10**9)
    cache.put("rows", 1, rows)
    assert 1.2e6 < cache.bytes < 2.5e6
    cache.put("rows", 1, {"one": rows[0], "array": np.zeros(10**6)})
    assert 8e6 < cache.bytes < 8.1e6
