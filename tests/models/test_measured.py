from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from presslens.models.accuracy import Measure, grouped, wilson
from presslens.models.measured import load_reliability, load_stations

ROOT = Path(__file__).parents[2]


def test_the_accuracy_page_repeats_rows_of_the_tables() -> None:
    page = (ROOT / "docs" / "reference" / "accuracy.md").read_text(encoding="utf-8")
    stations = load_stations()
    sections = dict(re.findall(r"^## (.+)\n([^#]+)", page, re.MULTILINE))
    assert stations.keys() <= sections.keys()
    assert f"All {sum(len(s.measures) for s in stations.values()):,} of them" in page
    for name, station in stations.items():
        rows = re.findall(r"^- .+$", sections[name], re.MULTILINE)
        measured = {shown(measure) for measure in station.measures}
        assert rows
        assert [row for row in rows if row not in measured] == [], name


def shown(measure: Measure) -> str:
    low_high = "–".join(f"{end:.2f}" for end in measure.interval or ())
    value = f"**{measure.value:.3f}**" + (f" ({low_high})" if low_high else "")
    return f"- {measure.what}; {measure.data}: {value}, n = {measure.n}"


def test_what_ships_says_of_each_subject_how_many_are_missed_as_printed() -> None:
    decisions = load_stations()["decisions"]
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
