"""Specifications and pictures: axes, colours, words, and nothing that is cut off."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from presslens.app.charts.chart import (
    DifferencesChart,
    Format,
    Legend,
    Level,
    MarkedDay,
    MarkKind,
    PlottedDifference,
    PlottedValue,
    SeriesChart,
    Theme,
)
from presslens.app.charts.palette import PALETTES
from presslens.app.charts.vega import picture, specification

LEGEND = Legend(
    title=["Children: share of photos, 로동신문"],
    notes=["31 editions, 186 of 186 pages analysed.", "Cite: Presslens"],
    summary="Children: the lowest is 12%.",
    locale="en",
    axis="share of photos",
    machine="the machine alone",
    empty="no editions",
)


def value(place, number, series="Rodong", **changes):
    made = PlottedValue(series, place, place, number, number - 0.1, number + 0.1, None, "w", None)
    return replace(made, **changes)


def over_time(days, **changes):
    values = [value(day, 0.3) for day in days]
    return SeriesChart(LEGEND, ["Rodong"], values, (days[0], days[-1]), True, **changes)


def by_group():
    values = [value(place, 0.2 + i / 9) for i, place in enumerate(("Monday", "Tuesday", "Sunday"))]
    return SeriesChart(LEGEND, ["Rodong"], values, None, True)


def differences():
    rows = [
        PlottedDifference("children", "12% − 8%", 0.04, 0.01, 0.07, True, True, "+4 points"),
        PlottedDifference("crowds", "8% − 8%", 0.0, -0.03, 0.03, False, True, "0 points"),
        PlottedDifference("photos", "30 − 34", -4.0, None, None, False, False, "−4"),
    ]
    return DifferencesChart(LEGEND, rows, "differ", "not decided", "difference of the means")


def layers(spec):
    """Return all views of a specification that have a mark."""
    parts = [*spec.get("layer", []), *spec.get("vconcat", [])]
    return [spec] * ("mark" in spec) + [view for part in parts for view in layers(part)]


def marks(spec, kind):
    return [view for view in layers(spec) if view["mark"]["type"] == kind]


def pixels(content):
    with Image.open(io.BytesIO(content)) as opened:
        return np.asarray(opened.convert("RGB")).astype(int)


CHARTS = [over_time(["2025-12-15", "2025-12-31"]), by_group(), differences()]


@pytest.mark.parametrize("chart", CHARTS, ids=["time", "groups", "differences"])
@pytest.mark.parametrize("theme", Theme)
def test_nothing_is_cut_off_at_the_edges(chart, theme):
    drawn = pixels(picture(chart, Format(theme), "png", None))
    ground = tuple(int(PALETTES[theme].ground[i : i + 2], 16) for i in (1, 3, 5))
    edges = [drawn[:8], drawn[-8:], drawn[:, :8], drawn[:, -8:]]
    assert all((edge == ground).all() for edge in edges)
    assert (drawn != ground).any()


def test_each_kind_of_picture_is_one():
    chart = CHARTS[0]
    svg = picture(chart, Format(), "svg", None)
    assert svg.startswith(b"<svg")
    assert LEGEND.summary.encode() in svg
    assert all(text.encode() in svg for text in (*LEGEND.title, *LEGEND.notes))
    assert picture(chart, Format(), "pdf", None).startswith(b"%PDF")
    assert picture(chart, Format(), "png", None).startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="no kind"):
        picture(chart, Format(), "gif", None)


def test_one_day_has_an_axis_of_a_day():
    spec = specification(over_time(["2025-12-16"]), Format())
    scale = marks(spec, "point")[0]["encoding"]["x"]["scale"]
    first, last = ((end["month"], end["date"], end["hours"]) for end in scale["domain"])
    assert (first, last) == ((12, 15, 12), (12, 16, 12))
    assert scale["type"] == "utc"


@pytest.mark.parametrize(
    ("last", "interval", "form"),
    [
        ("2025-12-05", "day", "%-d %b"),
        ("2025-12-31", "week", "%-d %b"),
        ("2026-11-30", "month", "%b %Y"),
        ("2039-01-01", "year", "%Y"),
    ],
)
def test_ticks_are_days_weeks_months_or_years(last, interval, form):
    spec = specification(over_time(["2025-12-01", last]), Format())
    axis = marks(spec, "point")[0]["encoding"]["x"]["axis"]
    assert (axis["tickCount"]["interval"], axis["format"]) == (interval, form)


def test_ticks_are_korean_in_korean():
    chart = over_time(["2025-12-01", "2025-12-31"])
    spec = specification(replace(chart, legend=replace(LEGEND, locale="ko")), Format())
    assert marks(spec, "point")[0]["encoding"]["x"]["axis"]["format"] == "%-m월 %-d일"
    assert spec["config"]["font"].startswith("Nanum")


def test_many_values_are_a_band():
    few = [f"2025-12-{day:02}" for day in range(1, 31)]
    many = [f"2025-{month:02}-{day:02}" for month in range(1, 7) for day in range(1, 28)]
    assert [len(marks(specification(over_time(d), Format()), "area")) for d in (few, many)] == [
        0,
        1,
    ]


def test_a_page_gets_a_chart_without_title_that_can_be_brushed():
    spec = specification(CHARTS[0], Format(bare=True))
    assert "title" not in spec
    assert (spec["width"], spec["autosize"]["type"]) == ("container", "fit-x")
    (brush,) = spec["params"] if "params" in spec else spec["layer"][0]["params"]
    assert (brush["name"], brush["select"]["encodings"]) == ("brush", ["x"])
    assert marks(spec, "point")[-1]["encoding"]["href"]["field"] == "address"
    assert "href" not in marks(specification(CHARTS[0], Format()), "point")[-1]["encoding"]


def test_close_events_have_numbers_in_rows():
    days = ("2025-12-15", "2025-12-16", "2025-12-17")
    events = [MarkedDay(MarkKind.EVENT, day, str(i), "w") for i, day in enumerate(days, 1)]
    chart = over_time(["2025-01-01", "2025-12-31"], marks=events)
    texts = marks(specification(chart, Format()), "text")
    assert len({text["mark"]["y"] for text in texts}) == 3


def test_only_a_change_that_is_shown_is_a_solid_line():
    days = ["2025-01-01", "2025-12-31"]
    made = [MarkedDay(MarkKind.CHANGE, days[0], "▲", "w")]
    made.append(replace(made[0], number="△", shown=False))
    trend = Level("Rodong", *days, 0.2, 0.4, shown=False)
    spec = specification(over_time(days, marks=made, levels=[trend]), Format())
    rules = [view for view in marks(spec, "rule") if "strokeDash" in view["encoding"]]
    shown = [[row["shown"] for row in spec["datasets"][one["data"]["name"]]] for one in rules]
    assert shown == [[False], [True, False]]
    for rule in rules:
        dash = rule["encoding"]["strokeDash"]
        assert (dash["condition"]["test"], dash["condition"]["value"]) == ("datum.shown", [1, 0])
    assert picture(over_time(days, marks=made, levels=[trend]), Format(), "svg", None)


def test_the_machine_has_a_mark_of_its_own():
    chart = by_group()
    both = replace(chart, values=[replace(v, machine=0.1) for v in chart.values])
    counts = [len(marks(specification(one, Format()), "point")) for one in (chart, both)]
    assert counts == [1, 2]


def test_an_empty_chart_says_so():
    spec = specification(SeriesChart(LEGEND, ["Rodong"], [], None, True), Format())
    assert [view["mark"]["text"] for view in marks(spec, "text")] == ["no editions"]


def luminance(colour):
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ (0.2126, 0.7152, 0.0722)


def contrast(one, other):
    """Return the contrast of two colours, WCAG 2.2 (w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", Theme)
def test_colours_stand_out_from_their_ground(theme):
    palette = PALETTES[theme]
    assert min(contrast(colour, palette.ground) for colour in palette.series) >= 3
    assert min(contrast(colour, palette.ground) for colour in (palette.ink, palette.pale)) >= 4.5


# Machado, Oliveira & Fernandes 2009 (doi 10.1109/TVCG.2009.113), severity 1, of linear RGB.
DEFICIENCIES = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


@pytest.mark.parametrize("name", DEFICIENCIES)
@pytest.mark.parametrize("theme", Theme)
def test_two_newspapers_differ_for_the_colour_blind(theme, name):
    seen = []
    for colour in PALETTES[theme].series[:2]:
        parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]) ** 2.2
        seen.append(np.clip(np.array(DEFICIENCIES[name]) @ parts, 0, 1) ** (1 / 2.2))
    assert np.linalg.norm(seen[0] - seen[1]) > 0.4
