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
    assert found.error == pytest.approx(np.sqrt(10 * 4 / 3) / 60)
    # By size: 1000² / (2 · 100² + 2 · 400²) - 1; by errors: 2 · 10² / (2 · 1.5² + 2 · 1.5²).
    assert found.freedom == pytest.approx(1000**2 / 340_000 - 1)
    low, high = found.interval(0.95)
    half = student.ppf(0.975, found.freedom) * found.error / (0.2 * 0.8)
    assert (low, high) == pytest.approx((expit(logit(0.2) - half), expit(logit(0.2) + half)))
    assert found.editions == 4


def test_a_few_large_errors_count_as_few():
    size = np.full(20, 10.0)
    even = np.where(np.arange(20) % 2 == 0, 1.0, 3.0)
    bursts = np.where(np.arange(20) % 10 == 0, 11.0, 1.0)
    assert RatioSpread.of(even, size).freedom == pytest.approx(19)
    # Off by 9, 9 and eighteen times -1: 2 · 180² over the squares' own sum of squares.
    squares = np.array([81.0] * 2 + [1.0] * 18)
    shown = 2 * squares.sum() ** 2 / ((squares - squares.mean()) ** 2).sum()
    assert RatioSpread.of(bursts, size).freedom == pytest.approx(shown)
    assert shown < 6


def test_neighbours_that_are_alike_widen_by_newey_and_west():
    rng = np.random.default_rng(0)
    waves = np.sin(np.arange(60) / 5) + 0.1 * rng.standard_normal(60)
    total, size = 5 + 2 * waves, np.full(60, 20.0)
    off = total - total.mean()
    lags = 3  # 4 (60 / 100)^(2 / 9), rounded down
    variance = off @ off
    for lag in range(1, lags + 1):
        variance += 2 * (1 - lag / (lags + 1)) * (off[lag:] @ off[:-lag])
    found = RatioSpread.of(total, size)
    assert found.error == pytest.approx(np.sqrt(variance * 60 / 59) / 1200)
    assert found.error > 1.5 * RatioSpread.of(rng.permutation(total), size).error


def test_neighbours_that_alternate_do_not_narrow():
    total, size = np.tile([2.0, 6.0], 10), np.full(20, 20.0)
    assert RatioSpread.of(total, size).error == pytest.approx(np.sqrt(80 * 20 / 19) / 400)


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
