"""Answers are left half-way, and what is written then is stored and timed."""

import pytest

from presslens.lab.soak import leaving


def test_each_write_after_an_answer_that_was_left_is_timed(monkeypatch):
    monkeypatch.setattr(leaving, "EDITIONS", 4)
    monkeypatch.setattr(leaving, "LEFT", 5)
    (proof,) = leaving.check(0)
    assert proof.promise == "R13"
    assert proof.value.startswith("5 stored, ")


@pytest.mark.parametrize(("longest", "passed"), [(0.9, True), (1.1, False)])
def test_a_write_that_waits_is_a_fault(monkeypatch, longest, passed):
    monkeypatch.setattr(leaving, "EDITIONS", 4)
    monkeypatch.setattr(leaving, "leave", lambda _client, _count: ([0.1, longest], 0))
    (proof,) = leaving.check(0)
    assert proof.passed is passed
