"""Errors over editions, against the formulas written out for a few."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import t as student

from presslens.pipelines.statistics.practice import FEWEST, RatioSpread


def test_few_editions_by_hand():
    total, size = np.array([1.0, 3.0, 2.0, 6.0]), np.array([10.0, 10.0, 20.0, 20.0])
    found = RatioSpread.of(total, size)
    # 12 of 60; the editions are off by -1, 1, -2 and 2: squares 10, times 4 / 3.
    assert found.value == 0.2
    # By size: 1000² / (2 · 100² + 2 · 400²) - 1; by errors: 2 · 10² / (2 · 1.5² + 2 · 1.5²).
    wider = found.serial.widened(10 * 4 / 3, 1000**2 / 340_000 - 1)
    assert (found.error, found.freedom) == pytest.approx((np.sqrt(wider[0]) / 60, wider[1]))
    low, high = found.interval(0.95)
    half = student.ppf(0.975, found.freedom) * found.error / (0.2 * 0.8)
    assert (low, high) == pytest.approx((expit(logit(0.2) - half), expit(logit(0.2) + half)))
    assert found.editions == 4


def test_a_few_large_errors_count_as_few():
    size = np.full(20, 10.0)
    even = np.where(np.arange(20) % 2 == 0, 1.0, 3.0)
    bursts = np.where(np.arange(20) % 10 == 0, 11.0, 1.0)
    assert RatioSpread.of(bursts, size).freedom < 6 < RatioSpread.of(even, size).freedom


def test_neighbours_that_are_alike_widen():
    rng = np.random.default_rng(0)
    waves = np.sin(np.arange(60) / 5) + 0.1 * rng.standard_normal(60)
    total, size = 5 + 2 * waves, np.full(60, 20.0)
    found, mixed = RatioSpread.of(total, size), RatioSpread.of(rng.permutation(total), size)
    assert found.error > 1.5 * mixed.error


def test_what_editions_do_not_show_is_added():
    total, size = np.array([1.0, 3.0, 2.0, 6.0]), np.full(4, 15.0)
    alone, more = RatioSpread.of(total, size), RatioSpread.of(total, size, variance=9.0)
    assert more.error**2 == pytest.approx(alone.error**2 + 9.0 / 60**2)


def test_where_nothing_varies_there_is_no_width_to_tell():
    for share in (0.0, 0.25, 1.0):
        found = RatioSpread.of(share * np.full(FEWEST, 8.0), np.full(FEWEST, 8.0))
        assert found.error == 0.0
        assert found.interval(0.95) == (share, share)


def test_an_interval_stays_between_nothing_and_all():
    total, size = np.array([0.1] + [0.0] * 9), np.full(10, 10.0)
    low, high = RatioSpread.of(total, size).interval(0.999)
    assert 0.0 <= low < 0.001 < high <= 1.0
