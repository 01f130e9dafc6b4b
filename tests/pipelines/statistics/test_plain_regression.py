import csv
from datetime import date

import numpy as np
import pytest
from scipy.special import expit

from presslens.pipelines.statistics.design_matrix import Event, LagUnit, TreatedGroup
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.plain_regression import regress_table
from presslens.pipelines.statistics.plain_table import estimate
from presslens.pipelines.statistics.table_columns import BadTable


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


def test_columns_say_how_often_labels_are_right():
    table = _table()
    rates = {"sensitivity": "46/50", "specificity": 0.98}
    coders = CoderAccuracy.of_cells("46/50", "0.98")
    told = table | {name: [rate] * len(table["label"]) for name, rate in rates.items()}
    for settings in ({"by": ["date"]}, {"event": Event(date(2025, 1, 26), LagUnit.MONTH, 1)}):
        found, stated, plain = (
            regress_table(one, "children", coders=said, **settings)
            for one, said in ((told, None), (table, coders), (table, None))
        )
        assert found.coefficients == stated.coefficients
        assert "errors of coders taken out" in found.regression.method
        assert abs(found.coefficients[1].value) > abs(plain.coefficients[1].value)
        assert "count as right: no column says" in plain.regression.method


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
    assert "draw 20 photos or more by chance" in document["refused"]


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


SECOND_MONTH = date(2025, 2, 1)


def test_difference_in_differences_is_a_difference_of_four_shares():
    table = _table()
    table["half"] = ["a" if i % 2 else "b" for i in range(1500)]
    treated = TreatedGroup("half", "a", SECOND_MONTH)
    fit = regress_table(table, "children", treated=treated)
    table["four"] = [
        f"{half} {day >= '2025-02-01'}"
        for half, day in zip(table["half"], table["date"], strict=True)
    ]
    four = regress_table(table, "children", ["four"]).coefficients
    of = {one.name.partition(" = ")[2]: one.value for one in four}
    assert fit.coefficients[-1].name == "half = a from 2025-02-01"
    assert fit.coefficients[-1].value == pytest.approx(
        of["a True"] - of["b True"] + of["b False"], abs=1e-9
    )


def test_an_event_has_a_coefficient_for_each_period_but_the_one_before():
    fit = regress_table(
        _table(), "children", ["scanner"], event=Event(SECOND_MONTH, LagUnit.WEEK, 2)
    )
    assert [one.name for one in fit.coefficients][2:] == [
        "week -2 and before", "week +0", "week +1 and after",
    ]  # fmt: skip
    assert fit.reference == {"scanner": "old", "event": "week -1"}


def test_clusters_of_a_column():
    table = {**_table(), "desk": [f"desk {day % 12}" for day in _table()["edition"]]}
    by_edition, by_desk = (
        regress_table(table, "children", ["date"], clusters=one, inference="practice").regression
        for one in (None, "desk")
    )
    assert by_desk.coefficients[1].value == by_edition.coefficients[1].value
    assert "12 clusters (CR2)" in by_desk.method
    few = {**table, "desk": ["north" if day % 2 else "south" for day in table["edition"]]}
    refused = regress_table(few, "children", ["date"], clusters="desk", inference="practice")
    assert "2 clusters are too few to show how clusters vary" in refused.regression.refused


def test_a_group_of_two_editions_has_no_practice():
    table = _table()
    table["kind"] = ["special" if day < 3 else "ordinary" for day in table["edition"]]
    result = regress_table(table, "children", ["kind"], inference="practice").regression
    assert "only 2 editions with kind = special = 1" in result.refused


def test_a_day_without_dates_is_refused():
    table = _table()
    del table["date"]
    with pytest.raises(BadTable, match="a row without date"):
        regress_table(table, "children", event=Event(SECOND_MONTH))


def test_a_larger_factor_of_nonresponse_is_wider():
    table = _table()
    silent = [i for i, label in enumerate(table["label"]) if label is not None][::4]
    for i in silent:
        table["label"][i] = None
    table["status"] = [
        "no_answer" if i in set(silent) else "answered" if label is not None else "not_drawn"
        for i, label in enumerate(table["label"])
    ]
    table["inclusion_probability"] = [
        None if status == "not_drawn" else 0.25 for status in table["status"]
    ]
    narrow, wide = (
        regress_table(table, "children", ["scanner"], nonresponse=factor).coefficients[1]
        for factor in (1.0, 4.0)
    )
    assert wide.value == narrow.value
    assert wide.high - wide.low > narrow.high - narrow.low
    (group,), (wider,) = (
        estimate(table, "children", nonresponse=factor).groups for factor in (1.0, 4.0)
    )
    assert wider.high - wider.low > group.high - group.low
