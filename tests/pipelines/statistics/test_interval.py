from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import binom

from pipelines.statistics.interval import (
    DetectorReading,
    detector_reading,
    detector_readings,
    poisson_binomial,
)

probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=60)
levels = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])
drifts = st.sampled_from([0.0, 0.2, 0.7, 1.5])


def reading(ps: list[float], level: float = 0.95, drift: float = 0.0) -> DetectorReading:
    return detector_reading(ps, drift=drift, confidence=level)


def bounds(ps: list[float], level: float = 0.95, drift: float = 0.0) -> tuple[float, float]:
    interval = reading(ps, level, drift).interval
    assert interval is not None
    return interval


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
    assert reading(ps).expected == pytest.approx(mean)
    assert reading(ps).variance == pytest.approx(variance, abs=1e-9)


@given(probabilities, drifts, st.randoms())
def test_the_order_of_photos_does_not_matter(
    ps: list[float], drift: float, chance: random.Random
) -> None:
    before = reading(ps, drift=drift)
    chance.shuffle(ps)
    after = reading(ps, drift=drift)
    assert after.expected == pytest.approx(before.expected, abs=1e-9)
    assert after.variance == pytest.approx(before.variance, abs=1e-9)


@given(probabilities, levels, drifts)
def test_an_interval_holds_the_share(ps: list[float], level: float, drift: float) -> None:
    low, high = bounds(ps, level, drift)
    share = reading(ps, level, drift).share
    assert share is not None
    assert 0 <= low <= share <= high <= 1


@given(probabilities, levels)
def test_the_tails_left_out_are_no_more_than_promised_by_mid_p(
    ps: list[float], level: float
) -> None:
    n = len(ps)
    low, high = bounds(ps, level)
    counts = np.arange(n + 1)
    distribution = poisson_binomial(ps)
    tail = (1 - level) / 2
    below, above = counts[counts < low * n - 1e-9], counts[counts > high * n + 1e-9]
    for left_out, edge in ((below, below[-1:]), (above, above[:1])):
        if len(left_out):
            mass = distribution[left_out].sum() - distribution[edge].sum() / 2
            assert mass <= tail + 1e-9


@given(probabilities, drifts)
def test_a_higher_level_is_never_narrower(ps: list[float], drift: float) -> None:
    low, high = bounds(ps, 0.5, drift)
    for level in (0.8, 0.95, 0.99):
        wider = bounds(ps, level, drift)
        assert wider[0] <= low
        assert wider[1] >= high
        low, high = wider


@given(probabilities)
def test_surer_photos_move_the_interval_up(ps: list[float]) -> None:
    lower, upper = bounds([p / 2 for p in ps]), bounds(ps)
    assert lower[0] <= upper[0]
    assert lower[1] <= upper[1]


@pytest.mark.parametrize(
    ("ps", "expected"),
    [
        ([0.0] * 9, (0, 0)),
        ([1.0] * 9, (1, 1)),
        ([1.0, 0.0, 0.0, 1.0], (0.5, 0.5)),
        ([0.5], (0, 1)),
        ([0.99], (0.99, 1)),
        ([0.01], (0, 0.01)),
        ([0.5] * 100, (0.41, 0.59)),
    ],
)
def test_intervals_known_by_hand(ps: list[float], expected: tuple[float, float]) -> None:
    assert bounds(ps) == pytest.approx(expected)


def test_without_photos_there_is_no_share() -> None:
    assert reading([]) == DetectorReading(None, 0.0, 0.0, None, "no photos")
    assert detector_reading([0.5], weights=[0.0], confidence=0.95).share is None
    assert poisson_binomial([]).tolist() == [1.0]


def test_a_thousand_photos_are_exact() -> None:
    low, high = bounds([0.3] * 1000)
    expected = binom.ppf([0.025, 0.975], 1000, 0.3) / 1000
    assert (low, high) == pytest.approx(tuple(expected), abs=1.01 / 1000)


@given(probabilities, st.sampled_from([0.2, 0.7, 1.5]))
def test_drift_widens_but_keeps_the_expected_share(ps: list[float], drift: float) -> None:
    still, drifting = reading(ps), reading(ps, drift=drift)
    assert drifting.expected == pytest.approx(still.expected, abs=1e-4 * len(ps))
    assert drifting.variance >= still.variance - 1e-3


@pytest.mark.parametrize("drift", [0.3, 1.0, 2.5])
def test_a_drifting_count_is_distributed_as_when_drawn(drift: float) -> None:
    rng = np.random.default_rng(4)
    ps = rng.beta(0.5, 1.5, 60)
    # The logit whose mean over the drift is p, found by bisection.
    nodes = np.linspace(-8, 8, 321)
    weights = np.exp(-(nodes**2) / 2)
    weights /= weights.sum()
    low, high = np.full(60, -40.0), np.full(60, 40.0)
    for _ in range(60):
        middle = (low + high) / 2
        less = expit(middle[:, None] + drift * nodes) @ weights < ps
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    chance = expit(low + drift * rng.standard_normal((40_000, 1)))
    drawn = (rng.random(chance.shape) < chance).sum(axis=1)
    found = reading(ps.tolist(), drift=drift)
    assert found.expected == pytest.approx(drawn.mean(), abs=0.15)
    assert found.variance == pytest.approx(drawn.var(), rel=0.03)
    assert found.interval is not None
    quantiles = np.quantile(drawn, [0.025, 0.975]) / 60
    assert found.interval == pytest.approx(tuple(quantiles), abs=1.01 / 60)


@pytest.mark.parametrize("n", [3, 9])
@pytest.mark.parametrize("drift", [0.0, 0.8])
def test_area_shares_are_those_of_every_outcome_listed(n: int, drift: float) -> None:
    rng = np.random.default_rng(n)
    ps, areas = rng.random(n), rng.gamma(1.0, 1.0, n)
    found = detector_reading(ps, weights=areas, drift=drift, confidence=0.9)
    assert found.interval is not None
    outcomes = np.array(list(product((0, 1), repeat=n)))
    sums = outcomes @ areas / areas.sum()
    if drift == 0.0:
        chance = np.prod(np.where(outcomes == 1, ps, 1 - ps), axis=1)
        inside = chance[(sums >= found.interval[0]) & (sums <= found.interval[1])].sum()
        biggest = chance.max()
        assert 0.9 - biggest <= inside <= 0.9 + 2 * biggest
    assert found.share == pytest.approx(float(ps @ areas / areas.sum()), abs=1e-4)
    assert found.interval[0] in [pytest.approx(s, abs=2e-3) for s in sums]


def test_equal_areas_are_counts() -> None:
    ps = [0.1, 0.6, 0.9, 0.3]
    areas = detector_reading(ps, weights=[2.5] * 4, drift=0.4, confidence=0.95)
    counts = reading(ps, drift=0.4)
    assert areas.interval == pytest.approx(counts.interval)
    assert areas.share == pytest.approx(counts.share)
    assert areas.expected == pytest.approx(2.5 * counts.expected)
    assert areas.variance == pytest.approx(2.5**2 * counts.variance)


def test_a_fully_reviewed_edition_is_a_census_without_an_interval() -> None:
    found = detector_reading([0.2, 0.9, 0.4], settled=[1, 0, 0], drift=0.5, confidence=0.95)
    assert (found.interval, found.method) == (None, "census, reviewed")
    assert (found.share, found.variance) == pytest.approx((1 / 3, 0.0))


def test_reviewed_photos_are_settled_and_the_others_stay_open() -> None:
    found = detector_reading([0.2, 0.9, 0.4], settled=[1, None, np.nan], confidence=0.95)
    assert found.expected == pytest.approx(2.3)
    assert found.variance == pytest.approx(0.9 * 0.1 + 0.4 * 0.6)
    assert found.interval == pytest.approx((1 / 3, 1.0))
    assert "1 of 3 photos reviewed" in found.method


@pytest.mark.parametrize(("answer", "sign"), [(1.0, 1), (0.0, -1)])
def test_reviews_tell_the_drift_of_the_other_photos(answer: float, sign: int) -> None:
    settled = [answer] * 10 + [None] * 20
    still = detector_reading([0.5] * 30, settled=settled, confidence=0.95)
    drifting = detector_reading([0.5] * 30, settled=settled, drift=0.8, confidence=0.95)
    assert still.expected == pytest.approx(10 * answer + 10)
    assert sign * (drifting.expected - still.expected) > 2


def test_an_edition_full_of_small_chances_may_hold_none() -> None:
    chances = [0.03] * 80 + [0.5] * 8
    by_drift = detector_reading(chances, drift=1.2, confidence=0.95)
    told = detector_reading(chances, drift=1.2, prevalence=0.25, confidence=0.95)
    assert by_drift.interval is not None
    assert told.interval is not None
    assert by_drift.interval[0] > 0
    assert told.interval[0] == 0
    assert (told.share, told.variance) == (by_drift.share, by_drift.variance)
    assert "with drift and prevalence" in told.method


def test_prevalence_says_nothing_where_nothing_drifts() -> None:
    still = detector_reading([0.1, 0.4, 0.7], confidence=0.95)
    assert detector_reading([0.1, 0.4, 0.7], prevalence=0.3, confidence=0.95) == still


def test_reviews_speak_for_the_share_as_without_prevalence() -> None:
    settled = [1.0] * 6 + [None] * 50
    found = [
        detector_reading([0.05] * 56, settled=settled, drift=1.2, prevalence=p, confidence=0.95)
        for p in (None, 0.25)
    ]
    assert found[0].share == found[1].share
    assert found[0].share is not None
    assert found[0].share > 0.2  # six of six, where 0.3 were expected


@pytest.mark.parametrize("weights", [None, np.linspace(0.1, 2.0, 30)])
def test_shares_told_at_once_are_those_told_one_by_one(weights: np.ndarray | None) -> None:
    rng = np.random.default_rng(2)
    ps = rng.beta(0.4, 1.0, (5, 30))
    settled = np.where(rng.random((5, 30)) < 0.2, (rng.random((5, 30)) < ps) * 1.0, np.nan)
    several = [0.0, 0.3, 0.0, 1.0, 0.6]
    usual = [None, 0.3, 0.2, None, 0.6]
    at_once = detector_readings(
        ps, weights=weights, settled=settled, drifts=several, prevalences=usual, confidence=0.95
    )
    for i, found in enumerate(at_once):
        alone = detector_reading(
            ps[i],
            weights=weights,
            settled=settled[i],
            drift=several[i],
            prevalence=usual[i],
            confidence=0.95,
        )
        assert found.interval == pytest.approx(alone.interval)
        assert found.share == pytest.approx(alone.share)
        assert found.method == alone.method
