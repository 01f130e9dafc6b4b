"""Timelines: drawn by a process of its own, so that matplotlib is loaded in no other."""

import io
import subprocess
import sys
from datetime import date

import pytest
from PIL import Image

from app.charts.chart import draw
from app.charts.timeline import draw_timeline, timeline_chart
from app.db.claims import EventRow
from app.services.statistics.by_group import GroupBy, statistic
from app.services.statistics.selection import EditionCriteria
from pipelines.statistics.metrics import Metric


@pytest.fixture
def editions(home, add_summary):
    """Three editions, on two of which half the photos show children, and an event."""
    add_summary(date(2025, 12, 15), photos=20, shares={"children": 0.5})
    add_summary(date(2025, 12, 16), photos=100, pages=8, shares={"children": 0.5})
    add_summary(date(2026, 1, 2), photos=30, shares={"children": 0.1}, publication="Minju")
    with home.database.write() as session:
        session.add(EventRow(event_date=date(2025, 12, 31), title="A visit", source="x"))


def drawn(home, metric, by):
    return statistic(home, Metric.parse(metric), EditionCriteria(), by=by)


@pytest.mark.parametrize("by", [GroupBy.NONE, GroupBy.EDITION, GroupBy.MONTH, GroupBy.WEEKDAY])
@pytest.mark.parametrize("metric", ["children", "photos", "crowd"])
def test_a_picture_is_drawn(home, editions, by, metric):
    content = draw(timeline_chart(drawn(home, metric, by)))
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.size) == ("PNG", (1080, 504))


def test_a_chart_holds_values_intervals_and_events(home, editions):
    chart = timeline_chart(drawn(home, "children", GroupBy.EDITION))
    assert chart.places == ["2025-12-15", "2025-12-16", "2026-01-02"]
    assert chart.values == pytest.approx([0.5, 0.5, 0.1], abs=0.02)
    assert all(
        low < v < high for low, v, high in zip(chart.low, chart.values, chart.high, strict=True)
    )
    assert (chart.events[-1], chart.machine, chart.percent) == ("2025-12-31", None, True)
    assert f"{len(chart.events)}: 2025-12-31, A visit" in chart.footnote
    assert timeline_chart(drawn(home, "children", GroupBy.WEEKDAY)).events == []


def test_another_process_draws_the_same(home, editions):
    found = drawn(home, "children", GroupBy.MONTH)
    assert draw_timeline(found) == draw(timeline_chart(found))


def test_the_module_of_timelines_loads_no_matplotlib():
    code = "import sys, app.charts.timeline; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
