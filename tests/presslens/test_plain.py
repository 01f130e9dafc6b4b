"""Plain tables: data frames, rows, columns and files are estimated alike."""

import json
import sys
from pathlib import Path

import pandas
import polars
import pytest
from typer.testing import CliRunner

import presslens
from presslens.app.cli import cli

REPLICATED = Path(__file__).parents[2] / "docs" / "howto" / "replication.csv"
ROWS = [
    {
        "edition": f"2025-{1 + i // 60:02}-{1 + i % 20:02}",
        "date": f"2025-{1 + i // 60:02}-{1 + i % 20:02}",
        "probability": (i % 10) / 10,
        "label": i % 3 // 2 if i % 7 == 0 else None,
        "inclusion_probability": 0.2 if i % 7 == 0 else None,
    }
    for i in range(120)
]
COLUMNS = {name: [row[name] for row in ROWS] for name in ROWS[0]}


def test_all_tables_are_estimated_as_the_command_line_does(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # no conversion takes it
    file = tmp_path / "photos.csv"
    pandas.DataFrame(ROWS).to_csv(file, index=False)
    words = ["estimate", str(file), "--measure", "children", "--by", "month", "--json"]
    printed = json.loads(CliRunner().invoke(cli, words).stdout)
    assert [group["n"] for group in printed["groups"]] == [60, 60]
    lazy = polars.LazyFrame(ROWS)
    frames = (ROWS, COLUMNS, pandas.DataFrame(ROWS), lazy.collect(), lazy, file, str(file))
    for frame in frames:
        result = presslens.estimate(frame, "children", by="month")
        assert result.to_dict() == printed
    assert [group.group for group in result.groups] == ["2025-01", "2025-02"]
    assert result.groups[0].interval == (result.groups[0].low, result.groups[0].high)
    assert result.to_pandas()["value"].tolist() == [group.value for group in result.groups]
    assert 'src="data:image/svg+xml;base64,' in result._repr_html_()
    assert "2025-01" in result.svg()
    assert result.chart.to_dict()["$schema"].startswith("https://vega.github.io/schema/vega-lite/")


def test_a_difference_has_a_p_value_and_no_count():
    result = presslens.estimate(ROWS, "children", by="month", compare=("2025-02", "2025-01"))
    (group,) = result.groups
    assert group.count is None
    assert group.p_value is not None
    assert "children, 2025-02" in result.sentence
    assert " points (" in result.sentence
    assert "<table>" in result._repr_html_()
    assert "children: " in presslens.estimate(ROWS, "children").sentence


def test_a_regression_is_that_of_the_command_line():
    words = ["estimate", str(REPLICATED), "--measure", "children", "--regress", "kind", "--json"]
    fit = presslens.regress(REPLICATED, "children", ["kind"])
    assert fit.to_dict() == json.loads(CliRunner().invoke(cli, words).stdout)
    assert fit.to_pandas()["name"].tolist() == [one.name for one in fit.coefficients]
    assert fit.sentence.startswith("children, linear: ")
    assert presslens.regress(REPLICATED, "children", "kind") == fit
    assert fit.inference == "these"


def test_a_refused_regression_is_a_row_that_says_so():
    rows = [
        {**row, "kind": "ab"[i % 2], "label": None, "inclusion_probability": None}
        for i, row in enumerate(ROWS)
    ]
    fit = presslens.regress(rows, "children", "kind")
    assert fit.coefficients == []
    frame = fit.to_pandas()
    assert frame["refused"].tolist() == [fit.refused]
    assert frame[["name", "value", "low", "high"]].isna().all(axis=None)


def test_what_is_missing_is_named():
    with pytest.raises(presslens.Refused, match="probability"):
        presslens.estimate([{"edition": 1}], "children")
    with pytest.raises(presslens.NoFile, match="there is no such file"):
        presslens.estimate("nothing.csv", "children")
    for no_table in (None, 7, [1, 2]):
        with pytest.raises(presslens.Refused, match="a table is a data frame"):
            presslens.estimate(no_table, "children")
    with pytest.raises(presslens.Refused, match="x is not finite"):
        presslens.regress([{**row, "x": "inf"} for row in ROWS], "children", "x")
    with pytest.raises(presslens.Refused, match="confidence 3 is not above 0"):
        presslens.estimate(ROWS, "children", confidence=3)


def test_a_library_that_is_missing_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    result = presslens.estimate(ROWS, "children")
    with pytest.raises(ImportError, match=r"pip install polars"):
        result.to_polars()
