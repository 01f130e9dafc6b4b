from datetime import date

import numpy as np
import pytest

from presslens.pipelines.statistics.design_matrix import (
    DAYS_A_YEAR,
    Event,
    LagUnit,
    TreatedGroup,
    design_matrix,
    event_columns,
    group_columns,
    trend_columns,
)


def test_days_numbers_and_categories():
    design = design_matrix(
        {
            "date": ["2025-12-16", "2024-12-16", "2025-12-16", "2026-01-01"],
            "size": ["1", "2.5", "-3", "1e2"],
            "scanner": ["b", "a", "c", "a"],
        }
    )
    assert design.names == (
        "intercept", "date (years)", "size", "scanner = b", "scanner = c",
    )  # fmt: skip
    assert design.reference == {"date": "2024-12-16", "scanner": "a"}
    assert design.X[:, 0].tolist() == [1, 1, 1, 1]
    assert design.X[:, 1] * DAYS_A_YEAR == pytest.approx([365, 0, 365, 381])
    assert design.X[:, 2:].tolist() == [[1, 1, 0], [2.5, 0, 0], [-3, 0, 1], [100, 0, 0]]


def test_eight_digits_are_a_number():
    design = design_matrix({"id": ["20251216", "20251217"]})
    assert design.names[1] == "id"
    assert np.diff(design.X[:, 1]) == 1


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["a", " ", "b"], "1 photo without zone"),
        (["a", "a", "a"], "zone is the same for all photos"),
        ([f"id {i}" for i in range(60)], "zone has 60 categories"),
    ],
)
def test_a_column_that_says_nothing_is_refused(cells, message):
    with pytest.raises(ValueError, match=message):
        design_matrix({"zone": cells})


def _days(*texts):
    return np.array([date.fromisoformat(text).toordinal() for text in texts])


def test_months_are_counted_from_the_day_of_the_month():
    days = _days("2025-03-14", "2025-04-14", "2025-04-15", "2025-05-14", "2025-05-15", "2025-09-01")
    columns = event_columns(days, Event(date(2025, 5, 15), within=2))
    assert {name: np.flatnonzero(column).tolist() for name, column in columns.items()} == {
        "month -2 and before": [0, 1],
        "month +0": [4],
        "month +1 and after": [5],
    }


def test_weeks_are_of_seven_days():
    days = _days("2025-05-01", "2025-05-07", "2025-05-08", "2025-05-14", "2025-05-15")
    columns = event_columns(days, Event(date(2025, 5, 8), LagUnit.WEEK, 3))
    assert list(columns) == ["week +0", "week +1"]
    assert columns["week +0"].tolist() == [0, 0, 1, 1, 0]


def test_an_event_needs_both_sides_and_something_to_compare_with():
    days = _days("2025-05-01", "2025-05-02", "2025-07-01")
    with pytest.raises(ValueError, match="nothing before 2025-05-01"):
        event_columns(days, Event(date(2025, 5, 1)))
    with pytest.raises(ValueError, match="nothing from 2026-01-01"):
        event_columns(days, Event(date(2026, 1, 1)))
    with pytest.raises(ValueError, match="the month before 2025-07-01 has no photos"):
        event_columns(days, Event(date(2025, 7, 1)))


def test_a_break_changes_level_and_slope():
    days = _days("2024-01-01", "2025-01-01", "2026-01-01")
    columns = trend_columns(days, date(2025, 1, 1))
    assert columns["level"].tolist() == [0, 1, 1]
    assert columns["trend (years)"] * DAYS_A_YEAR == pytest.approx([-366, 0, 365])
    assert columns["change of the trend (years)"] * DAYS_A_YEAR == pytest.approx([0, 0, 365])
    assert list(trend_columns(days)) == ["trend (years)"]


def test_a_treated_group_is_read_from_a_text():
    assert TreatedGroup.parse("kind=a, b,2025-06-01") == ("kind", "a, b", date(2025, 6, 1))
    for text in ("kind,2025-06-01", "kind=a", "kind=a,June"):
        with pytest.raises(ValueError, match=r"not as in|isoformat"):
            TreatedGroup.parse(text)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("cccc", "no photo with paper = b"),
        ("bbbc", "no photo without paper = b before"),
        ("bccc", "no photo with paper = b from"),
    ],
)
def test_two_groups_need_photos_on_both_sides(cells, message):
    days = _days("2025-05-01", "2025-05-02", "2025-06-02", "2025-06-03")
    with pytest.raises(ValueError, match=message):
        group_columns(list(cells), days, TreatedGroup("paper", "b", date(2025, 6, 1)))
