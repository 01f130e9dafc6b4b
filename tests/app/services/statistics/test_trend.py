"""The trend of a newspaper, and its level and slope before and after a day, told from rows."""

from datetime import date

import numpy as np
import pytest

from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.trend import metric_trend
from presslens.pipelines.statistics.metrics import Metric

from ...first_states import made_once

RODONG = EditionCriteria("Rodong")
NEW_YEAR = date(2025, 1, 1)


@pytest.fixture
@made_once
def archive(add_summary):
    """Add two editions a month over two years; from 2025 on with ten photos more."""
    rng = np.random.default_rng(2)
    for month in range(24):
        for day in (3, 17):
            when = date(2024 + month // 12, month % 12 + 1, day)
            photos = 30 + 10 * (when >= NEW_YEAR) + int(rng.integers(-3, 4))
            add_summary(when, photos=photos, shares={"children": 0.1})


def test_a_step_is_in_the_level(home, archive):
    found = metric_trend(home, Metric("photos"), RODONG, day=NEW_YEAR)
    _, slope, level, change = found.regression.coefficients
    assert level.low < 10 < level.high
    assert level.low > 0
    assert slope.low < 0 < slope.high
    assert change.low < 0 < change.high
    document = found.to_json()
    assert (document["break"], document["editions"]) == ("2025-01-01", 48)
    assert [one["name"] for one in document["coefficients"]] == [
        "intercept", "trend (years)", "level", "change of the trend (years)",
    ]  # fmt: skip
    assert "48 editions as clusters" in document["method"]
    start, before, after, end = found.line
    assert (start.day, before.day, after.day, end.day) == (
        date(2024, 1, 3), NEW_YEAR, NEW_YEAR, date(2025, 12, 17),
    )  # fmt: skip
    assert after.value - before.value == pytest.approx(level.value)
    years = (NEW_YEAR - start.day).days / 365.2425
    assert before.value - start.value == pytest.approx(slope.value * years)


def test_without_a_day_it_is_a_trend(home, archive):
    found = metric_trend(home, Metric("photos"), RODONG).regression
    assert [one.name for one in found.coefficients] == ["intercept", "trend (years)"]
    assert found.coefficients[1].low > 0


def test_the_machine_alone_tells_no_trend(home, archive):
    found = metric_trend(home, Metric("children"), RODONG, day=NEW_YEAR).regression
    assert found.coefficients == ()
    assert "no photo was drawn by chance" in found.refused


def test_a_day_outside_is_refused(home, archive):
    with pytest.raises(InvalidRequest, match="nothing before 2020-01-01"):
        metric_trend(home, Metric("photos"), RODONG, day=date(2020, 1, 1))
    with pytest.raises(InvalidRequest, match="no analysed edition fits"):
        metric_trend(home, Metric("photos"), EditionCriteria("Rodong", last=date(2020, 1, 1)))
