from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from pipelines.statistics.interval import detector_interval, poisson_binomial

probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=60)
levels = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


@pytest.mark.parametrize("n", [0, 1, 2, 17, 300])
@pytest.mark.parametrize("p", [0.0, 0.01, 0.3, 0.5, 0.99, 1.0])
def test_equal_probabilities_are_binomial(n: int, p: float) -> None:
    expected = binom.pmf(np.arange(n + 1), n, p)
    assert poisson_binomial([p] * n) == pytest.approx(expected, abs=1e-12)


def test_two_unlike_coins() -> None:
    assert poisson_binomial([0.5, 0.1]) == pytest.approx([0.45, 0.5, 0.05])


@given(probabilities)
def test_a_distribution_adds_up_and_has_mean_and_variance_of_its_events(ps: list[float]) -> None:
    distribution = poisson_binomial(ps)
    counts = np.arange(len(ps) + 1)
    mean = float(distribution @ counts)
    assert distribution.min() >= 0
    assert distribution.sum() == pytest.approx(1)
    assert mean == pytest.approx(sum(ps), abs=1e-9)
    variance = float(distribution @ (counts - mean) ** 2)
    assert variance == pytest.approx(sum(p * (1 - p) for p in ps), abs=1e-9)


@given(probabilities, st.randoms())
def test_the_order_of_photos_does_not_matter(ps: list[float], chance: random.Random) -> None:
    interval = detector_interval(ps, 0.95)
    distribution = poisson_binomial(ps)
    chance.shuffle(ps)
    assert poisson_binomial(ps) == pytest.approx(distribution, abs=1e-12)
    assert detector_interval(ps, 0.95) == pytest.approx(interval, abs=1 / len(ps) + 1e-9)


@given(probabilities, levels)
def test_an_interval_holds_the_mean_within_one_photo(ps: list[float], level: float) -> None:
    interval = detector_interval(ps, level)
    assert interval is not None
    low, high = interval
    n, mean = len(ps), sum(ps) / len(ps)
    assert 0 <= low <= high <= 1
    assert low - 1 / n - 1e-9 <= mean <= high + 1 / n + 1e-9


@given(probabilities, levels)
def test_an_interval_covers_at_least_its_level_and_no_more_than_needed(
    ps: list[float], level: float
) -> None:
    interval = detector_interval(ps, level)
    assert interval is not None
    n = len(ps)
    low, high = (round(v * n) for v in interval)
    distribution = poisson_binomial(ps)
    tail = (1 - level) / 2
    assert distribution[low : high + 1].sum() >= level - 1e-9
    assert distribution[:low].sum() <= tail + 1e-9
    assert distribution[high + 1 :].sum() <= tail + 1e-9


@given(probabilities)
def test_a_higher_level_is_never_narrower(ps: list[float]) -> None:
    low, high = detector_interval(ps, 0.5) or (0, 0)
    for level in (0.8, 0.95, 0.99):
        wider = detector_interval(ps, level)
        assert wider is not None
        assert wider[0] <= low
        assert wider[1] >= high
        low, high = wider


@given(probabilities)
def test_surer_photos_move_the_interval_up(ps: list[float]) -> None:
    lower = detector_interval([p / 2 for p in ps], 0.95)
    upper = detector_interval(ps, 0.95)
    assert lower is not None
    assert upper is not None
    assert lower[0] <= upper[0]
    assert lower[1] <= upper[1]


@pytest.mark.parametrize(
    ("ps", "expected"),
    [
        ([0.0] * 9, (0, 0)),
        ([1.0] * 9, (1, 1)),
        ([1.0, 0.0, 0.0, 1.0], (0.5, 0.5)),
        ([0.5], (0, 1)),
        ([0.99], (1, 1)),
        ([0.01], (0, 0)),
        ([0.5] * 100, (0.4, 0.6)),
    ],
)
def test_intervals_known_by_hand(ps: list[float], expected: tuple[float, float]) -> None:
    assert detector_interval(ps, 0.95) == pytest.approx(expected)


def test_without_photos_there_is_no_interval() -> None:
    assert detector_interval([], 0.95) is None
    assert poisson_binomial([]).tolist() == [1.0]


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("spread", [0.3, 1.0, 3.0], ids=["sure", "mixed", "unsure"])
def test_simulated_truths_lie_inside_as_often_as_promised(level: float, spread: float) -> None:
    rng = np.random.default_rng(11)
    inside = 0
    draws = 2000
    for _ in range(draws):
        ps = rng.beta(0.3 * spread, spread, 100)
        truth = float((rng.random(100) < ps).mean())
        low, high = detector_interval(ps.tolist(), level) or (1, 0)
        inside += low - 1e-9 <= truth <= high + 1e-9
    # whole photos are counted, so the interval is a little wider than it must be
    assert level - 0.015 <= inside / draws <= level + 0.08


def test_a_thousand_photos_are_exact() -> None:
    low, high = detector_interval([0.3] * 1000, 0.95) or (0, 0)
    expected = binom.ppf([0.025, 0.975], 1000, 0.3) / 1000
    assert (low, high) == pytest.approx(tuple(expected))
