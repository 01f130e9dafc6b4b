from __future__ import annotations

from pathlib import Path

import numpy as np

from presslens.models.accuracy import Measure, grouped, wilson
from presslens.models.measured import (
    ACCURACY,
    MeasuredStation,
    ReliabilityBin,
    ReliabilityDiagram,
    load_reliability,
    load_stations,
    store_reliability,
    store_stations,
)


def measure(station: str, value: float) -> Measure:
    return Measure(station, "recall", "a set, all", 9, value, (0.25, 0.75), "held out")


def test_stations_are_kept_until_they_are_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "accuracy.json"
    assert load_stations(path) == {}
    store_stations({"faces": MeasuredStation("r1", (measure("faces", 0.5),))}, path)
    store_stations({"photos": MeasuredStation("r2", (measure("photos", 0.75),))}, path)
    found = load_stations(path)
    assert list(found) == ["faces", "photos"]
    assert found["faces"].of("recall", "a set") == measure("faces", 0.5)
    assert found["faces"].of("precision") is None
    assert [each.name for each in tmp_path.iterdir()] == ["accuracy.json"]


def test_reliability_is_read_as_it_was_written(tmp_path: Path) -> None:
    diagram = ReliabilityDiagram("crowd", "as it is", 5, 0.125, (ReliabilityBin(5, 0.25, 0.5),))
    store_reliability([diagram], "r1", tmp_path / "reliability.json")
    assert load_reliability(tmp_path / "reliability.json") == [diagram]


def test_what_ships_says_of_each_subject_how_many_are_missed_as_printed() -> None:
    decisions = load_stations(ACCURACY)["decisions"]
    for name in ("people", "crowd", "children", "fireworks", "buildings"):
        missed = decisions.of("missed", f"{name}, all sets, as printed")
        assert missed is not None
        assert missed.interval is not None
        assert missed.interval[0] <= missed.value <= missed.interval[1]
    assert {one.subject for one in load_reliability()} >= {"people", "children"}


def test_items_of_one_event_count_as_fewer() -> None:
    hits = np.array([True] * 10 + [False] * 30)
    apart = grouped(hits, range(40))
    together = grouped(hits, ["a"] * 10 + ["b"] * 10 + ["c"] * 10 + ["d"] * 10)
    alone = wilson(0.25, 40)
    assert apart is not None
    assert together is not None
    assert alone is not None
    assert np.allclose(apart, alone, atol=0.01)
    assert together[1] - together[0] > 1.5 * (apart[1] - apart[0])


def test_where_no_item_differs_groups_are_counted() -> None:
    assert grouped(np.array([], bool), []) is None
    assert grouped(np.zeros(20, bool), [0] * 10 + [1] * 10) == wilson(0.0, 2)
