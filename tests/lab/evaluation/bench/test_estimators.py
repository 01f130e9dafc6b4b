import sys
from functools import partial

import numpy as np
import pytest

from presslens.lab.evaluation.bench import estimators
from presslens.lab.evaluation.bench.contenders import (
    design_based,
    hand_count,
    labels_alone,
    photo_table,
    presslens,
)
from presslens.lab.evaluation.bench.estimators import as_table, measure
from presslens.lab.evaluation.bench.newspapers import WORLD, print_newspaper
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.regression import regress


def test_estimators_hold_what_they_are_for():
    newspapers = [(300, True, print_newspaper(seed, 300, stratified=True)) for seed in range(60)]
    rows = {row.name: row for row in measure(newspapers)}
    for name in ("Presslens, these editions", "drawn labels alone", "DSL's formulas"):
        assert rows[name].these > 0.88
        assert abs(rows[name].bias) < rows[name].width / 10
    assert rows["Presslens, practice"].practice > 0.88
    # Clusters are for practice, and needlessly wide for these editions.
    assert rows["DSL's formulas"].width > 1.3 * rows["Presslens, these editions"].width


def test_ppi_python_is_measured_where_it_is_installed():
    pytest.importorskip("ppi_py")
    (row,) = [
        row
        for row in measure([(100, False, print_newspaper(3, 100, stratified=False))])
        if row.name.startswith("ppi-python")
    ]
    assert 0.05 < row.width < 0.25
    assert abs(row.bias) < 0.1


def test_design_based_formulas_are_those_of_the_regression_on_nothing():
    """With predictions of its own for each fold; the machine's own give about the same."""
    newspaper = print_newspaper(5, 300, stratified=False)
    value, low, high = design_based(newspaper)
    (found,) = regress(
        photo_table(newspaper),
        newspaper.probability,
        np.ones((len(newspaper.label), 1)),
        ("intercept",),
        inference=Inference.PRACTICE,
    ).coefficients
    assert value == pytest.approx(found.value, abs=0.01)
    assert high - low == pytest.approx(found.high - found.low, rel=0.1)


def test_every_label_tells_how_editions_vary_and_no_sample_tells_more():
    newspapers = [print_newspaper(seed, 100, stratified=False) for seed in range(60)]
    (oracle, sample) = (
        [found for newspaper in newspapers if (found := estimate(newspaper))]
        for estimate in (hand_count, partial(presslens, inference=Inference.PRACTICE))
    )
    assert len(oracle) == 60
    assert np.mean([low <= WORLD.practice <= high for _, low, high in oracle]) > 0.88
    widths = [np.mean([high - low for _, low, high in rows]) for rows in (oracle, sample)]
    assert widths[0] < widths[1]


def test_labels_of_all_photos_are_sure():
    newspaper = print_newspaper(1, 10**5, stratified=False)
    assert labels_alone(newspaper) == pytest.approx((newspaper.share,) * 3)


def test_newspapers_are_the_same_from_a_file(tmp_path, monkeypatch, capsys):
    file = tmp_path / "newspapers.npz"
    printed = []
    for _ in range(2):  # written, then read
        monkeypatch.setattr(sys, "argv", ["estimators", "--count", "3", "--newspapers", str(file)])
        estimators.main()
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert "| 300 by strata | DSL's formulas |" in printed[0]


def test_the_table_has_a_row_for_each_contender():
    rows = measure([(100, False, print_newspaper(3, 100, stratified=False))])
    lines = as_table(rows).splitlines()
    assert len(lines) == 2 + len(rows)
    assert all(line.count("|") == lines[0].count("|") for line in lines)
