"""Bounds by a beta distribution of the same mean and variance."""

import numpy as np
import pytest
from scipy.stats import beta

from presslens.pipelines.statistics.design import matched_bounds


def test_bounds_are_the_quantiles_of_the_beta_of_the_same_mean_and_variance():
    least, most = np.array([2.0, -1, 0]), np.array([6.0, 1, 0.5])
    same = beta([3, 30, 2], [5, 10, 2], loc=least, scale=most - least)
    low, high = matched_bounds(same.mean(), same.var(), least, most, confidence=0.9)
    assert low == pytest.approx(same.ppf(0.05))
    assert high == pytest.approx(same.ppf(0.95))


def test_what_is_certain_or_at_an_end_is_its_own_bound():
    least, most = np.array([1.0, 0, 0, 0]), np.array([1.0, 2, 2, 2])
    mean, variance = np.array([1.0, 0, 2, 0.5]), np.array([1.0, 1, 1, 0])
    low, high = matched_bounds(mean, variance, least, most, confidence=0.95)
    assert low.tolist() == high.tolist() == mean.tolist()


def test_bounds_hold_the_mean_and_what_is_possible_however_large_the_variance():
    mean = np.array([0.02, 0.5, 0.98])
    low, high = matched_bounds(mean, np.full(3, 9.0), np.zeros(3), np.ones(3), confidence=0.95)
    assert ((low >= 0) & (low <= mean) & (mean <= high) & (high <= 1)).all()
    assert (low[1], high[1]) == pytest.approx((0, 1))
