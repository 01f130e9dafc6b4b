"""Trends are told from noise, and outliers do not make one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau, theilslopes

from presslens.pipelines.statistics.trend import Trend


def test_slope_and_test_are_those_of_scipy() -> None:
    rng = np.random.default_rng(1)
    days = np.sort(rng.choice(300, 50, replace=False))
    values = np.round(0.02 * days + rng.normal(0, 2, 50), 1)
    found = Trend.of(days.tolist(), values.tolist())
    assert found is not None
    assert found.slope == pytest.approx(theilslopes(values, days)[0])
    assert found.p_value == pytest.approx(
        kendalltau(days, values, method="asymptotic").pvalue, rel=0.05
    )


def test_few_special_editions_make_no_trend() -> None:
    values = [5.0, 6, 5, 7, 6, 5, 6, 7, 40, 6, 50, 60, 6, 5, 7, 6, 5, 6]
    found = Trend.of([float(i) for i in range(18)], values)
    assert found is not None
    assert found.slope < 0.15
    assert found.p_value > 0.01


def test_what_has_no_trend() -> None:
    assert Trend.of([1.0, 2.0], [1.0, 2.0]) is None
    assert Trend.of([3.0] * 12, [float(i) for i in range(12)]) is None
    assert Trend.of([float(i) for i in range(12)], [6.0] * 12) == Trend(0.0, 1.0)
