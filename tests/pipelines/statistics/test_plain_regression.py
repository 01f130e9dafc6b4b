import csv

import numpy as np
import pytest
from scipy.special import expit

from presslens.pipelines.statistics.plain_regression import (
    DAYS_A_YEAR,
    design_matrix,
    regress_table,
)
from presslens.pipelines.statistics.plain_table import BadTable, estimate


def _table(seed=1, *, drawn=True, n=1500):
    """Photos of 50 days; the second scanner, of the later half, sees more than is there."""
    rng = np.random.default_rng(seed)
    day = np.sort(rng.integers(0, 50, n))
    y = rng.random(n) < expit(-1.0 + 0.02 * day)
    machine = expit(-1.5 + 3 * y + rng.normal(size=n) + (day >= 25))
    chosen = rng.random(n) < 0.25
    return {
        "edition": (day + 1).tolist(),
        "date": [f"2025-{1 + d // 28:02}-{1 + d % 28:02}" for d in day.tolist()],
        "photo": list(range(n)),
        "scanner": ["old" if d < 25 else "the new one" for d in day.tolist()],
        "probability": machine.tolist(),
        "label": [int(a) if b and drawn else None for a, b in zip(y, chosen, strict=True)],
        "inclusion_probability": [0.25 if drawn else None] * n,
        "area_share": rng.uniform(0.01, 0.2, n).tolist(),
    }


def test_a_category_is_the_difference_of_its_groups():
    table = _table()
    fit = regress_table(table, "children", ["scanner"])
    old, new = estimate(table, "children", by="scanner").groups
    assert fit.reference == {"scanner": "old"}
    assert [c.name for c in fit.coefficients] == ["intercept", "scanner = the new one"]
    # Groups borrow strength from each other, coefficients do not: about the same, not equal.
    assert fit.coefficients[0].value == pytest.approx(old.value, abs=0.01)
    assert fit.coefficients[1].value == pytest.approx(new.value - old.value, abs=0.02)
    # The interval is made in another way, and says about the same.
    assert fit.coefficients[0].low == pytest.approx(old.low, abs=0.02)
    assert fit.coefficients[0].high == pytest.approx(old.high, abs=0.02)


def test_a_trend_is_counted_in_years():
    held = []
    for seed in range(40):
        (_, trend) = regress_table(
            _table(seed), "children", ["date"], model="logit", inference="practice"
        ).coefficients
        assert trend.name == "date (years)"
        held.append(trend.low <= 0.02 * 365.2425 <= trend.high)
    assert np.mean(held) >= 0.85


def test_the_json_says_all():
    document = regress_table(_table(), "children", ["date", "scanner"], weight="area").to_json()
    assert document["model"] == "linear"
    assert document["estimand"] == "these"
    assert document["refused"] is None
    assert document["reference"] == {"date": "2025-01-01", "scanner": "old"}
    assert document["editions"] == 50
    assert "design-based supervised learning" in document["method"]
    for row in document["coefficients"]:
        assert set(row) == {"name", "value", "error", "low", "high", "p_value"}
        assert row["low"] < row["value"] < row["high"]


def test_the_machine_alone_is_refused():
    document = regress_table(_table(drawn=False), "children", ["date"]).to_json()
    assert document["coefficients"] == []
    assert "draw and label 20 photos or more" in document["refused"]


@pytest.mark.parametrize(
    ("column", "message"),
    [("weather", "no column 'weather'; there are: edition, date"), ("same", "the same for all")],
)
def test_a_column_that_is_missing_or_says_nothing(column, message):
    with pytest.raises(BadTable, match=message):
        regress_table({**_table(), "same": ["x"] * 1500}, "children", [column])


def test_a_file_is_read_too(tmp_path):
    table = _table()
    with (tmp_path / "photos.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))
    read = regress_table(tmp_path / "photos.csv", "children", ["scanner", "date"])
    assert read.to_json() == regress_table(table, "children", ["scanner", "date"]).to_json()


def test_a_data_frame_is_read_too():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(_table())
    frame["date"] = pandas.to_datetime(frame["date"])
    frame["label"] = frame["label"].astype(float)
    expected = regress_table(_table(), "children", ["date", "scanner"]).to_json()
    assert regress_table(frame, "children", ["date", "scanner"]).to_json() == expected
    groups = estimate(frame, "children", by="month").groups
    assert groups == estimate(_table(), "children", by="month").groups


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
