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


def test_the_readme_cites_the_tables():
    """README says of how many in a hundred it is, as the Method page does of the same tables."""
    stations = load_stations()
    decisions, faces = stations["decisions"], stations["faces"]

    def missed(name, shown_as):
        return f"{100 * decisions.of('missed', f'{name}, all sets, {shown_as}').value:.0f}"

    def recognised(size):
        start = f"leader found, face {size}, probability 0.5, halftone 85 lpi"
        return f"{next(100 * m.value for m in faces.measures if m.what.startswith(start)):.0f}"

    names = ("children", "fireworks", "buildings", "crowd")
    printed, plain = ([missed(name, how) for name in names] for how in ("as printed", "as it is"))
    noticed = stations["folios"].of("another one noticed", "all conditions: day").value
    sentences = (
        "children, about {} are missed; fireworks, {}; buildings, {}; a crowd, {}.".format(
            *printed
        ),
        "As they are: {}, {}, {} and {}.".format(*plain),
        f"about {recognised('over 50 px')} are recognised; of 20 to 50 pixels,"
        f" {recognised('20-50 px')}; of 10 to 20 pixels, {recognised('10-20 px')} (",
        f"Of 100 composed pages of another day it notices {100 * noticed:.0f},",
    )
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert [sentence for sentence in sentences if sentence not in readme] == []


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
