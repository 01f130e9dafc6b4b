import re
from pathlib import Path

from presslens.models.measured import load_reliability, load_stations

ROOT = Path(__file__).parents[2]


def test_the_accuracy_page_repeats_rows_of_the_tables():
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


def shown(measure):
    low_high = "–".join(f"{end:.2f}" for end in measure.interval or ())
    value = f"**{measure.value:.3f}**" + (f" ({low_high})" if low_high else "")
    return f"- {measure.what}; {measure.data}: {value}, n = {measure.n}"


def test_what_ships_says_of_each_subject_how_many_are_missed_as_printed():
    decisions = load_stations()["decisions"]
    for name in ("people", "crowd", "children", "fireworks", "buildings"):
        missed = decisions.of("missed", f"{name}, all sets, as printed")
        assert missed.interval[0] <= missed.value <= missed.interval[1]
    assert {one.subject for one in load_reliability()} >= {"people", "children"}
