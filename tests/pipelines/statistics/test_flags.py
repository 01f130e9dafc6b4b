"""Flags, how often they err, and what they can find."""

from dataclasses import replace

import numpy as np
import pytest

from presslens.pipelines.statistics.flags import (
    POWER,
    BaselineRules,
    Flag,
    detectable,
    false_flags,
    flag_of,
    near_end,
)
from presslens.pipelines.statistics.forecast import foretold, foretold_next
from presslens.pipelines.statistics.robust import RobustSummary

RULES = BaselineRules()
DAYS = [float(-i) for i in range(60, 0, -1)]


@pytest.mark.parametrize("kind", ["normal", "skew", "counts", "constant", "few"])
def test_false_flags_are_those_of_each_edition_against_the_others(kind):
    rng = np.random.default_rng(7)
    values = {
        "normal": rng.normal(0.3, 0.05, 60),
        "skew": rng.lognormal(0, 1.5, 60),
        "counts": np.r_[np.full(50, 6.0), np.full(6, 8.0), 10.0, 12.0],
        "constant": np.r_[np.full(30, 6.0), 8.0],
        "few": rng.normal(0, 1, 9),
    }[kind].tolist()
    intervals = [(v - 0.01, v + 0.02) for v in values]
    one_by_one, days = [], [float(i) for i in range(len(values))]
    # Of one less, as many may be as far out.
    rules = replace(RULES, rare=RULES.rare * len(values) / (len(values) - 1))
    for i, value in enumerate(values):
        others = values[:i] + values[i + 1 :]
        end = near_end(intervals[i], value, RobustSummary.of(others).median)
        limits = foretold(np.array([values]), np.array([days]), np.array([i]), RULES.level)
        one_by_one.append(flag_of(end, others, limits, rules) is not None)
    found = false_flags(values, days, intervals, RULES)
    assert found == (() if kind == "few" else tuple(one_by_one))
    if kind == "skew":
        assert any(found)
    if kind == "constant":
        assert sum(found) == 1


def test_what_would_be_flagged_is_flagged_as_often_as_is_said():
    rng = np.random.default_rng(8)
    flags = []
    for _ in range(40):
        values = rng.normal(0.3, 0.04, 60).clip(0, 1).tolist()
        limits = foretold_next(values, DAYS, RULES.level)
        found = detectable(values, limits, lambda _: (0.05, 0.06), RULES, possible=(0.0, 1.0))
        assert found.above is not None
        assert found.below is not None
        for true in (found.above, found.below):
            for value in rng.normal(true, 0.04, 20):
                end = near_end((value - 0.05, value + 0.06), value, float(np.median(values)))
                flags.append(flag_of(end, values, limits, RULES) is not None)
    assert np.mean(flags) == pytest.approx(POWER, abs=0.05)


def test_what_is_impossible_is_not_promised():
    values = [0.03, 0.05, 0.02, 0.04] * 5
    limits = foretold_next(values, DAYS[-20:], RULES.level)
    found = detectable(values, limits, lambda _: (0.02, 0.05), RULES, possible=(0.0, 1.0))
    assert found.below is None
    assert detectable([0.1] * 9, (0.1, 0.1), lambda _: (0.0, 0.0), RULES) is None


@pytest.mark.parametrize(
    ("values", "step", "below", "above"),
    [
        ([6.0] * 12, 1.0, 5.0, 7.0),
        ([0.0] * 12, 1 / 40, None, 1 / 40),
        ([0.3] * 12, 0.0, None, None),  # any other would be flagged, and there is no next one
        ([5.0, 6.0, 7.0] * 4, 1.0, 0.0, 13.0),
    ],
)
def test_what_is_detectable_is_a_whole_step_away_from_the_usual(values, step, below, above):
    limits = foretold_next(values, DAYS[-12:], RULES.level)
    found = detectable(
        values, limits, lambda _: (0.0, 0.0), RULES, possible=(0.0, np.inf), step=step
    )
    assert (found.below, found.above) == (below, above)


def test_the_flag_of_a_constant_is_any_change():
    limits = foretold_next([6.0] * 12, DAYS[-12:], RULES.level)
    assert limits == pytest.approx((6.0, 6.0))
    assert flag_of(8.0, [6.0] * 12, limits, RULES) is Flag.FIRST_CHANGE
