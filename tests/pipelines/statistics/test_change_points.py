"""Change points of series whose changes are known."""

from dataclasses import dataclass
from datetime import date
from itertools import combinations, pairwise

import numpy as np
import pytest

from presslens.pipelines.statistics.change_points import (
    ChangeRules,
    Spells,
    _cuts,
    find_changes,
    noise_of,
    shown_changes,
)
from presslens.pipelines.statistics.timeline import Period

RULES = ChangeRules()


def monthly(values):
    return [Period(date(2015 + i // 12, i % 12 + 1, 1), float(v), 30) for i, v in enumerate(values)]


def search(values, rules=RULES):
    return find_changes(monthly(np.asarray(values, float)), rules)


@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize("n", [12, 24, 36, 60, 120])
def test_where_nothing_changes_seldom_anything_is_found(n, heavy):
    rng = np.random.default_rng(n)
    draws = rng.standard_t(4, (400, n)) if heavy else rng.normal(size=(400, n))
    alarms = sum(bool(search(values).cuts) for values in draws)
    assert alarms / 400 < (0.1 if heavy else 0.07)


@pytest.mark.parametrize(("n", "power"), [(24, 0.8), (36, 0.85), (60, 0.85), (120, 0.85)])
def test_a_step_of_two_sd_is_found_within_two_months(n, power):
    rng = np.random.default_rng(n + 1)
    draws = rng.normal(size=(400, n))
    draws[:, n // 2 :] += 2
    found = [list(search(values).cuts) for values in draws]
    assert sum(any(abs(m - n // 2) <= 2 for m in months) for months in found) / 400 > power


@dataclass
class FoundStep:
    """A difference of two spells that is shown where it is larger than ``needed``."""

    spells: Spells
    size: float
    needed: float

    @property
    def differs(self):
        return self.size > self.needed

    @property
    def p_corrected(self):
        return float(np.exp(-self.size))


def tell(values, needed):
    found = search(values)

    def test(spells):
        before, after = values[spells.start : spells.cut], values[spells.cut : spells.end]
        return FoundStep(spells, abs(after.mean() - before.mean()), needed)

    return shown_changes(found, len(values), test)


def test_a_change_is_told_or_given_up_and_its_spells_become_one():
    values = np.concatenate([np.zeros(12), np.full(12, 1.0), np.full(12, 5.0)])
    values += np.tile([0.01, -0.01], 18)
    assert search(values).cuts == (12, 24)
    assert search(values).searched == 31
    shown, undecided = tell(values, 0.5)
    assert [one.spells for one in shown] == [Spells(0, 12, 24), Spells(12, 24, 36)]
    assert undecided == []
    shown, undecided = tell(values, 2.0)
    assert [one.spells for one in shown] == [Spells(0, 24, 36)]
    assert [one.spells for one in undecided] == [Spells(0, 12, 24)]
    shown, undecided = tell(values, 9.0)
    assert shown == []
    assert [one.spells.cut for one in undecided] == [12, 24]


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e5])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_the_unit_does_not_matter(scale, offset):
    values = np.random.default_rng(2).normal(size=48) + np.repeat([0, 4], 24)
    assert list(search(scale * (values + offset)).cuts) == list(search(values).cuts)


def test_pages_that_are_nearly_always_the_same():
    values = np.repeat([6.0, 8.0], 24)
    assert list(search(values).cuts) == [24]
    assert search(np.full(48, 6.0)).cuts == ()


def test_a_special_month_is_no_change():
    values = np.random.default_rng(4).normal(size=60)
    assert search(values).cuts == ()
    values[[20, 21, 40]] += 30
    assert search(values).cuts == ()


def test_several_changes_are_found_in_the_order_of_time():
    values = np.random.default_rng(6).normal(size=90) + np.repeat([0, 5, -1], 30)
    found = search(values)
    assert list(found.cuts) == [30, 60]


def test_too_few_months_are_not_searched():
    found = search(np.arange(11.0))
    assert found.cuts == ()
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
    alarms = sum(bool(search(alike(rng, n, 0.3)).cuts) for _ in range(400))
    assert alarms / 400 < most


def test_likeness_is_told():
    rng = np.random.default_rng(9)
    for r in (0.0, 0.5):
        found = search(alike(rng, 600, r)).autocorrelation
        assert found == pytest.approx(r, abs=0.1)


def test_the_cuts_are_those_of_least_error_and_penalty():
    rng = np.random.default_rng(7)
    for n in (12, 13, 15, 16):
        values = rng.normal(size=n) + np.repeat(rng.normal(scale=3, size=n), 4)[:n]
        every = [
            cuts
            for levels in range(1, n // 3 + 1)
            for cuts in combinations(range(3, n - 2), levels - 1)
            if all(end - begin >= 3 for begin, end in pairwise((0, *cuts, n)))
        ]
        cost = {
            cuts: sum(2 + len(part) * part.var() for part in np.split(values, cuts))
            for cuts in every
        }
        assert _cuts(values, 2.0, 3) == list(min(cost, key=cost.__getitem__))
