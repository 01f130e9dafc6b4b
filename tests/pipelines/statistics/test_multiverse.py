"""Specifications are compared with a threshold, and counted."""

import pytest

from presslens.pipelines.statistics.multiverse import Multiverse, Specification, Standpoint


def specification(zone, weight, value, ends):
    return Specification({"zone": zone, "weight": weight, "recipe": "r"}, value, ends, 100, "m")


FOUR = [
    specification("all", "count", 0.3, (0.25, 0.35)),
    specification("all", "area", 0.28, (0.15, 0.4)),
    specification("front", "count", 0.1, (0.05, 0.16)),
    specification("front", "area", 0.22, None),
]


def test_verdicts_are_counted_against_a_threshold():
    found = Multiverse("share of children", 0.2, FOUR)
    assert found.standpoints == {
        Standpoint.ABOVE: 1, Standpoint.UNDECIDED: 1, Standpoint.BELOW: 1, Standpoint.REFUSED: 1
    }  # fmt: skip
    document = found.to_json()
    assert (document["verdict"], document["same_verdict"], document["same_side"]) == ("above", 1, 3)
    assert (document["lowest"], document["highest"]) == (0.1, 0.3)
    assert document["median"] == pytest.approx(0.25)


def test_a_choice_that_matters_is_seen():
    by = Multiverse("share of children", 0.2, FOUR).by_choice()
    assert by["zone"]["all"]["median"] == pytest.approx(0.29)
    assert by["zone"]["front"]["median"] == pytest.approx(0.16)
    assert by["zone"]["front"]["below"] == 1
    assert "recipe" not in by  # there is one only


def test_without_a_threshold_the_first_value_is_it():
    found = Multiverse("share of children", None, FOUR)
    assert found.standpoints[Standpoint.UNDECIDED] == 2
    assert found.to_json()["same_side"] is None
    assert list(found.rows())[3]["verdict"] == "refused"
