"""Change points of series whose changes are known."""

from datetime import date

import numpy as np
import pytest

from presslens.pipelines.statistics.change_points import ChangeRules, find_changes, noise_of
from presslens.pipelines.statistics.timeline import Period

RULES = ChangeRules()


def monthly(values):
    return [Period(date(2015 + i // 12, i % 12 + 1, 1), float(v), 30) for i, v in enumerate(values)]


def search(values, rules=RULES):
    return find_changes(monthly(np.asarray(values, float)), rules, confidence=0.95)


def months_after(changes):
    return [12 * (c.date.year - 2015) + c.date.month - 1 for c in changes.changes]


@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize("n", [12, 24, 36, 60, 120])
def test_where_nothing_changes_seldom_anything_is_found(n, heavy):
    rng = np.random.default_rng(n)
    draws = rng.standard_t(4, (400, n)) if heavy else rng.normal(size=(400, n))
    alarms = sum(bool(search(values).changes) for values in draws)
    assert alarms / 400 < (0.1 if heavy else 0.07)


@pytest.mark.parametrize(("n", "power"), [(24, 0.8), (36, 0.85), (60, 0.85), (120, 0.85)])
def test_a_step_of_two_sd_is_found_within_two_months(n, power):
    rng = np.random.default_rng(n + 1)
    draws = rng.normal(size=(400, n))
    draws[:, n // 2 :] += 2
    found = [months_after(search(values)) for values in draws]
    assert sum(any(abs(m - n // 2) <= 2 for m in months) for months in found) / 400 > power


def test_a_change_says_when_and_from_what_to_what():
    values = np.array([0.1, 0.12, 0.08, 0.11, 0.09, 0.1, 0.3, 0.31, 0.29, 0.32, 0.28, 0.3])
    (change,) = search(values).changes
    assert change.date == date(2015, 7, 1)
    assert (change.before, change.after) == pytest.approx((0.1, 0.3))
    assert change.difference.value == pytest.approx(0.2)
    low, high = change.difference.interval
    assert 0.17 < low < 0.2 < high < 0.23
    assert change.periods == (6, 6)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e5])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_the_unit_does_not_matter(scale, offset):
    values = np.random.default_rng(2).normal(size=48) + np.repeat([0, 4], 24)
    assert months_after(search(scale * (values + offset))) == months_after(search(values))


def test_pages_that_are_nearly_always_the_same():
    values = np.repeat([6.0, 8.0], 24)
    assert months_after(search(values)) == [24]
    assert search(np.full(48, 6.0)).changes == ()


def test_a_special_month_is_no_change():
    values = np.random.default_rng(4).normal(size=60)
    assert search(values).changes == ()
    values[[20, 21, 40]] += 30
    assert search(values).changes == ()


def test_several_changes_are_found_in_the_order_of_time():
    values = np.random.default_rng(6).normal(size=90) + np.repeat([0, 5, -1], 30)
    found = search(values)
    assert months_after(found) == [30, 60]
    assert found.changes[1].periods == (30, 30)


def test_too_few_months_are_not_searched():
    found = search(np.arange(11.0))
    assert found.changes == ()
    assert found.method == "not searched: fewer than 12 periods"


def test_steps_hardly_touch_the_noise():
    rng = np.random.default_rng(8)
    quiet = rng.normal(0, 3, 400)
    assert noise_of(quiet) == pytest.approx(3, rel=0.1)
    assert noise_of(quiet + np.repeat([0, 50, 0, 90], 100)) == pytest.approx(3, rel=0.1)


def alike(rng, n, r):
    """Return a series of variance 1 whose neighbours correlate by r."""
    values = rng.normal(size=n)
    for i in range(1, n):
        values[i] = r * values[i - 1] + np.sqrt(1 - r**2) * values[i]
    return values


@pytest.mark.parametrize(("n", "most"), [(36, 0.12), (60, 0.1), (120, 0.06)])
def test_months_that_are_alike_are_not_taken_for_steps(n, most):
    rng = np.random.default_rng(n + 2)
    alarms = sum(bool(search(alike(rng, n, 0.3)).changes) for _ in range(400))
    assert alarms / 400 < most


def test_likeness_is_told():
    rng = np.random.default_rng(9)
    for r in (0.0, 0.5):
        found = search(alike(rng, 600, r)).autocorrelation
        assert found == pytest.approx(r, abs=0.1)
