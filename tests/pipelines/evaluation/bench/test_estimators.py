from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from pipelines.evaluation.bench import estimators
from pipelines.evaluation.bench.contenders import design_based, hand_count, labels_alone
from pipelines.evaluation.bench.estimators import as_table, measure
from pipelines.evaluation.bench.newspapers import print_newspaper, share_of_practice
from pipelines.statistics.regression import Outcome, regress


def test_other_libraries_hold_these_editions_in_about_95_percent() -> None:
    newspapers = [(300, True, print_newspaper(seed, 300, stratified=True)) for seed in range(60)]
    rows = {row.name: row for row in measure(newspapers)}
    assert {"every photo labelled", "drawn labels alone", "DSL's formulas"} <= set(rows)
    for name in set(rows) - {"every photo labelled"}:
        assert rows[name].these > 0.88
        assert abs(rows[name].bias) < rows[name].width / 10
    # Clusters are for practice: too wide for these editions.
    assert rows["DSL's formulas"].these == 1.0
    assert rows["DSL's formulas"].practice > 0.85


def test_ppi_python_is_measured_where_it_is_installed() -> None:
    pytest.importorskip("ppi_py")
    (row,) = [
        row
        for row in measure([(100, False, print_newspaper(3, 100, stratified=False))])
        if row.name.startswith("ppi-python")
    ]
    assert 0.05 < row.width < 0.25
    assert abs(row.bias) < 0.1


def test_design_based_formulas_are_those_of_the_regression_on_nothing() -> None:
    """With predictions of its own for each fold; the machine's own give about the same."""
    newspaper = print_newspaper(5, 300, stratified=False)
    value, low, high = design_based(newspaper)
    n = len(newspaper.label)
    (found,) = regress(
        Outcome(
            newspaper.probability,
            newspaper.seen,
            np.where(newspaper.drawn, newspaper.inclusion, np.nan),
            np.ones(n),
            newspaper.edition,
        ),
        np.ones((n, 1)),
        ("intercept",),
        estimand="practice",
    ).coefficients
    assert value == pytest.approx(found.value, abs=0.01)
    assert high - low == pytest.approx(found.high - found.low, rel=0.1)


def test_every_label_tells_the_share_and_how_editions_vary() -> None:
    held = [
        low <= share_of_practice() <= high
        for _, low, high in (
            hand_count(print_newspaper(seed, 100, stratified=False)) for seed in range(200)
        )
    ]
    assert 0.88 < np.mean(held) < 0.98
    newspaper = print_newspaper(1, 10**5, stratified=False)
    assert labels_alone(newspaper) == pytest.approx((newspaper.share,) * 3)


def test_newspapers_are_the_same_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "newspapers.npz"
    printed = []
    for _ in range(2):  # written, then read
        monkeypatch.setattr(sys, "argv", ["estimators", "--count", "3", "--newspapers", str(file)])
        estimators.main()
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert "| 300 by strata | DSL's formulas |" in printed[0]


def test_the_table_has_a_row_for_each_contender() -> None:
    rows = measure([(100, False, print_newspaper(3, 100, stratified=False))])
    lines = as_table(rows).splitlines()
    assert len(lines) == 2 + len(rows)
    assert all(line.count("|") == lines[0].count("|") for line in lines)
