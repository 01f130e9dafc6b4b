"""The content of charts of statistics: values, intervals, events, words in both languages."""

from datetime import date

import pytest

from presslens.app.charts.chart import MarkKind
from presslens.app.charts.statistic import PlottedClaim, PlottedStatistic, plotted, statistic_chart
from presslens.app.db.claims import EventRow
from presslens.app.platform.language import language
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.app.services.statistics.changes import metric_changes
from presslens.pipelines.statistics.metrics import Metric

from ..first_states import made_once

EN, KO = language("en"), language("ko")


@pytest.fixture
@made_once
def editions(home, add_summary):
    """Four editions, on two of which half the photos show children, and an event."""
    add_summary(date(2025, 12, 15), photos=20, shares={"children": 0.5})
    add_summary(date(2025, 12, 16), photos=100, pages=8, shares={"children": 0.5})
    add_summary(date(2025, 12, 17), photos=10, shares={"children": 0.2})
    add_summary(date(2026, 1, 2), photos=30, shares={"children": 0.1}, publication="Minju")
    with home.database.write() as session:
        session.add(EventRow(event_date=date(2025, 12, 31), title="A visit", source="x"))


def chart(home, metric, by, spoken=EN, publication=None, **options):
    criteria = EditionCriteria(publication)
    found = statistic(home, Metric.parse(metric), criteria, by=by)
    return statistic_chart([plotted(found, spoken)], spoken, **options)


def test_values_have_their_intervals_and_days(home, editions):
    made = chart(home, "children", GroupBy.EDITION)
    known = [value for value in made.values if value.value is not None]
    assert [value.place for value in known] == [
        "2025-12-15", "2025-12-16", "2025-12-17", "2026-01-02",
    ]  # fmt: skip
    assert [v.value for v in known] == pytest.approx([0.5, 0.5, 0.2, 0.1], abs=0.02)
    assert all(v.low < v.value < v.high for v in known)
    assert made.span == ("2025-12-15", "2026-01-02")
    assert (made.percent, made.series) == (True, ["all newspapers"])
    assert known[0].machine is None


def test_the_chart_of_a_claim_marks_its_day_and_what_it_is_compared_with(home, editions):
    day = date(2025, 12, 16)
    claim = PlottedClaim("Children.", day, day, "50%", "what is usual: 20%", 0.2, (0.1, 0.3))
    made = chart(home, "children", GroupBy.EDITION, claim=claim)
    (mark,), (level,) = made.marks, made.levels
    assert (mark.kind, mark.words) == (MarkKind.ASKED, "16 December 2025: 50%")
    assert (level.words, level.low, level.high) == ("what is usual: 20%", 0.1, 0.3)
    notes = " ".join(made.legend.notes)
    assert made.legend.title == ["Children."]
    assert "all newspapers" in notes
    assert "Intervals:" not in notes
    assert "A visit" not in notes


def test_a_long_gap_parts_the_line(home, editions):
    values = chart(home, "children", GroupBy.EDITION).values
    assert [v.place for v in values if v.value is None] == ["2025-12-25"]


def test_events_are_numbered_and_listed(home, editions):
    made = chart(home, "children", GroupBy.EDITION)
    events = [mark for mark in made.marks if mark.kind is MarkKind.EVENT]
    assert [mark.number for mark in events] == [str(i + 1) for i in range(len(events))]
    assert events[-1].words == "31 December 2025: A visit"
    assert any(events[-1].words in note for note in made.legend.notes)
    assert chart(home, "children", GroupBy.WEEKDAY).marks == []


def test_a_single_month_spans_its_days(home, editions):
    made = chart(home, "children", GroupBy.MONTH, publication="Rodong")
    assert made.span == ("2025-12-01", "2025-12-31")
    assert [value.label for value in made.values] == ["December 2025"]


def test_the_summary_names_the_lowest_and_the_highest(home, editions):
    words = chart(home, "children", GroupBy.EDITION).legend.summary
    assert words.startswith("Children: share of photos, all newspapers, by edition. Lowest ")
    lowest, _, highest = words.partition("; highest ")
    assert lowest.endswith("), 2 January 2026")
    assert highest.endswith("December 2025.")


def test_notes_say_what_the_numbers_are_of_and_how_to_cite_them(home, editions):
    made = chart(home, "children", GroupBy.MONTH, source="http://host/api/v1/stats?x=1")
    notes = " ".join(made.legend.notes)
    assert "4 editions, 15 December 2025 – 2 January 2026, 26 of 26 pages analysed" in notes
    assert "160 photos" in notes
    assert f"the method {home.recipe.id[:12]}" in notes
    assert notes.endswith("http://host/api/v1/stats?x=1")


def test_one_edition_is_not_several(home, editions):
    notes = " ".join(chart(home, "photos", GroupBy.MONTH, publication="Minju").legend.notes)
    assert "1 edition, " in notes


def test_days_are_korean_in_korean(home, editions):
    made = chart(home, "children", GroupBy.EDITION, KO)
    assert made.legend.locale == "ko"
    assert made.values[0].words.startswith("2025년 12월 15일: 5")
    assert chart(home, "photos", GroupBy.WEEKDAY, KO).values[0].label == "월요일"


def test_plain_metrics_are_of_editions(home, editions):
    made = chart(home, "photos", GroupBy.EDITION)
    assert (made.percent, made.legend.axis) == (False, "per edition")
    assert made.values[0].words.endswith(", 1 edition")


def test_two_newspapers_are_two_series(home, editions):
    series = [
        PlottedStatistic(
            statistic(home, Metric.parse("photos"), EditionCriteria(name), by=GroupBy.EDITION), name
        )
        for name in ("Rodong", "Minju")
    ]
    made = statistic_chart(series, EN, address=lambda group: f"/editions/{group.editions[0].id}")
    assert [value.series for value in made.values] == ["Rodong"] * 3 + ["Minju"]
    assert made.values[-1].words.startswith("Minju, 2 January 2026")
    assert made.values[-1].address == "/editions/4"
    assert made.span == ("2025-12-15", "2026-01-02")
    with pytest.raises(ValueError, match="1 to 4 series"):
        statistic_chart([], EN)


def test_changes_are_marked_with_the_levels_beside_them(home, add_summary):
    for month in range(24):
        for day in (3, 12, 21):
            add_summary(
                date(2024 + month // 12, month % 12 + 1, day), photos=20 if month < 12 else 60
            )
    criteria, metric = EditionCriteria("Rodong"), Metric.parse("photos")
    found = statistic(home, metric, criteria, by=GroupBy.MONTH)
    changes = metric_changes(home, metric, criteria)
    made = statistic_chart([PlottedStatistic(found, "Rodong", changes)], EN)
    (mark,) = [mark for mark in made.marks if mark.kind is MarkKind.CHANGE]
    assert (mark.day, mark.number, mark.shown) == ("2025-01-01", "▲", True)
    assert "dashed" not in " ".join(made.legend.notes)
    assert mark.words == "Change of Rodong on 1 January 2025: from 20 to 60"
    assert [(level.first, level.last, level.value) for level in made.levels] == [
        ("2024-01-01", "2025-01-01", 20),
        ("2025-01-01", "2025-12-01", 60),
    ]


def test_without_editions_a_chart_says_so(home):
    made = chart(home, "children", GroupBy.MONTH)
    assert (made.values, made.span, made.legend.empty) == ([], None, "no editions")
    assert "There is no number." in made.legend.summary
