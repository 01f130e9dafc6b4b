"""How alike neighbours are: against covariances written out, and whether intervals hold."""

import numpy as np
import pytest
from scipy.fft import dct
from scipy.special import stdtrit

from presslens.pipelines.statistics.serial import (
    ENOUGH,
    FEWEST_INDEPENDENT,
    NOTED,
    SerialCorrelation,
    _wave,
    serial_correlation,
)


def waves(rng, n, correlation, own=0.0):
    numbers = [rng.standard_normal()]
    for _ in range(n - 1):
        shock = np.sqrt(1 - correlation**2) * rng.standard_normal()
        numbers.append(correlation * numbers[-1] + shock)
    return np.sqrt(1 - own) * np.array(numbers) + np.sqrt(own) * rng.standard_normal(n)


def mean_of(values):
    ones = np.ones(len(values))
    found = serial_correlation(values, ones[:, None], ones)
    variance, freedom = found.widened(values.var(ddof=1) / len(values), len(values) - 1.0)
    return found, float(stdtrit(freedom, 0.975) * variance**0.5)


@pytest.mark.parametrize("correlation", [0.3, 0.9])
@pytest.mark.parametrize("n", [8, 25])
def test_variances_of_waves_are_those_of_the_covariance(n, correlation):
    at = np.arange(n)
    covariance = correlation ** np.abs(np.subtract.outer(at, at))
    cosines = dct(np.eye(n), norm="ortho", axis=0)
    assert _wave(n, correlation) == pytest.approx(np.diag(cosines @ covariance @ cosines.T))


@pytest.mark.parametrize(
    ("n", "correlation", "own", "least", "widest"),
    [
        (60, 0.0, 0.0, 0.94, 1.35),
        (60, 0.7, 0.0, 0.93, 2.1),
        (120, 0.5, 0.5, 0.93, 1.35),
        (120, 0.9, 0.0, 0.92, 1.8),
    ],
)
def test_intervals_hold_where_neighbours_are_alike(n, correlation, own, least, widest):
    rng, inside, reaches = np.random.default_rng(1), [], []
    lags = np.arange(1, n)
    sums = (1 - own) * (1 + 2 * ((1 - lags / n) * correlation**lags).sum()) + own
    for _ in range(250):
        values = waves(rng, n, correlation, own)
        reach = mean_of(values)[1]
        inside.append(abs(values.mean()) <= reach)
        reaches.append(reach)
    assert np.mean(inside) >= least
    assert np.mean(reaches) / (1.96 * np.sqrt(sums / n)) <= widest


def test_independent_editions_have_no_note_and_alike_ones_say_how_many_they_are_worth():
    rng = np.random.default_rng(2)
    mixed, alike = mean_of(rng.standard_normal(200))[0], mean_of(waves(rng, 200, 0.9))[0]
    assert mixed.note is mixed.refused is alike.refused is None
    assert mixed.independent > 100 > 30 > alike.independent
    assert "are alike: correlation 0." in alike.note
    assert f"as many as {alike.independent:.0f} independent editions" in alike.note


def test_editions_that_look_independent_say_when_they_are_too_few_to_show_waves():
    values = np.random.default_rng(2).standard_normal(200)
    short, enough = (mean_of(values[:n])[0] for n in (24, ENOUGH))
    assert short.correlation < NOTED > enough.correlation
    assert "can't be seen in 24 editions of a newspaper" in short.note
    assert enough.note is None


def test_a_drift_is_worth_too_few_editions():
    found = mean_of(np.arange(24.0))[0]
    assert found.independent < FEWEST_INDEPENDENT
    assert "too much alike" in found.refused


def test_series_that_follow_each_other_have_no_neighbours_between_them():
    rng = np.random.default_rng(3)
    level = np.repeat([0.0, 50.0], 60)
    values = level + rng.standard_normal(120)
    columns = np.column_stack([np.ones(120), level])
    parted = serial_correlation(values, columns, np.ones(120), [60, 60])
    one = serial_correlation(values - level, columns, np.ones(120))
    assert parted.correlation == pytest.approx(one.correlation, abs=0.1)


def test_what_does_not_vary_is_not_widened():
    still = serial_correlation(np.full(30, 0.3), np.ones((30, 1)), np.ones(30))
    assert still == SerialCorrelation(30, 0.0, 30.0, 0.0, 0.0)
    assert still.widened(2.0, 7.0) == pytest.approx((2.0, 7.0))
