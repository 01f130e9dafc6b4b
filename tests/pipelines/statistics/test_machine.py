"""Shares by the machine alone: mixtures over the errors that editions share."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import betainc, betaincinv
from scipy.stats import norm

from presslens.pipelines.statistics.calibration import Histograms, calibrate
from presslens.pipelines.statistics.machine import MachineShares, beside_machine
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.share_estimate import GroupEstimate, ShareDifference
from presslens.pipelines.statistics.worlds import World


def _shares(share, variance, *, score=1.0):
    """Shares of one group under two equally likely errors."""
    column = np.array(share)[:, None]
    own = np.array(variance)[:, None]
    half = np.array([0.5, 0.5])
    return MachineShares(half @ column, half, np.array([-score, score]), column, own, 2 * own)


def test_one_error_gives_the_quantiles_of_a_beta():
    shares = _shares([0.2, 0.2], [0.004, 0.004])
    strength = 0.2 * 0.8 / 0.004 - 1
    low, high = shares.interval(0.95, practice=False)
    assert low[0] == pytest.approx(betaincinv(0.2 * strength, 0.8 * strength, 0.025), abs=1e-5)
    assert high[0] == pytest.approx(betaincinv(0.2 * strength, 0.8 * strength, 0.975), abs=1e-5)
    wider = shares.interval(0.95, practice=True)
    assert wider[0][0] < low[0]
    assert wider[1][0] > high[0]


def test_two_errors_give_a_mixture():
    shares = _shares([0.1, 0.5], [1e-5, 1e-5])
    low, high = shares.interval(0.95, practice=False)
    # Of each side one in twenty is left out: the mixture's 2.5 % are that side's 5 %.
    assert low[0] == pytest.approx(0.1 + norm.ppf(0.05) * np.sqrt(1e-5), abs=5e-4)
    assert high[0] == pytest.approx(0.5 + norm.ppf(0.95) * np.sqrt(1e-5), abs=5e-4)
    assert shares.sensitivity(0) == pytest.approx(0.2)


def test_errors_that_two_groups_share_are_no_difference():
    one = _shares([0.1, 0.5], [0.001, 0.001])
    both = replace(
        one,
        value=np.array([0.3, 0.35]),
        share=np.array([[0.1, 0.15], [0.5, 0.55]]),
        variance=np.full((2, 2), 0.001),
        between=np.full((2, 2), 0.004),
    )
    assert both.difference(0, 1, practice=False) == pytest.approx((-0.05, 0.002))
    assert both.difference(0, 1, practice=True) == pytest.approx((-0.05, 0.008))


def test_many_groups_at_once_are_as_one_by_one(make_estimator):
    paper = World(editions=24, photos=15.0).newspaper(np.random.default_rng(0))
    table, group = paper.table(), paper.edition // 3
    for inference in Inference:
        for estimand in Estimand:
            settings = {"inference": inference, "estimand": estimand}
            several = make_estimator(table, np.asarray(group // 4), **settings).estimates()
            for k, found in enumerate(several):
                alone = np.where(group // 4 == k, 0, -1)
                (one,) = make_estimator(table, alone, **settings).estimates()
                assert (found.value, found.low, found.high) == pytest.approx(
                    (one.value, one.low, one.high), rel=1e-9
                )


def test_a_group_of_editions_is_the_sum_of_them(components):
    paper = World(editions=10, photos=15.0).newspaper(np.random.default_rng(1))
    table = paper.table()
    histograms = Histograms.of(table)
    posterior = calibrate(histograms, components)
    size = np.bincount(table.edition).astype(float)
    nothing, ones = np.zeros(10), np.ones(10)
    by_edition, whole, mean = (
        MachineShares.of(
            posterior, histograms, group=group, count=count, yes=nothing, size=size, scale=scale
        )
        for group, count, scale in (
            (np.arange(10), 10, ones),
            (np.zeros(10, np.int64), 1, ones),
            (np.zeros(10, np.int64), 1, 1 / size),
        )
    )
    assert whole.value[0] == pytest.approx(by_edition.value @ size / size.sum())
    assert mean.value[0] == pytest.approx(by_edition.value.mean())
    # Reviewed photos count as what coders said; here one more in each edition.
    more = MachineShares.of(
        posterior, histograms, group=np.arange(10), count=10, yes=ones, size=size + 1, scale=ones
    )
    assert more.value == pytest.approx((by_edition.value * size + 1) / (size + 1))


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
@pytest.mark.parametrize("commonest", [0.001, 0.1, 0.5, 0.98])
def test_the_ends_cut_the_mixture_where_halving_does(confidence, commonest):
    """Bisection needs no guess: what is found quicker is the same."""
    rng = np.random.default_rng(6)
    share = np.clip(rng.normal(commonest, 0.05, (21, 40)), 0, 1)
    variance = rng.uniform(1e-6, 0.02, share.shape)
    weight, score = rng.dirichlet(np.ones(21)), np.linspace(-1, 1, 21)
    shares = MachineShares(weight @ share, weight, score, share, variance, variance)
    mean = np.clip(share, 1e-9, 1 - 1e-9)
    strength = np.maximum(mean * (1 - mean) / variance - 1, 1e-3)
    found = shares.interval(confidence, practice=False)
    for end, tail in zip(found, ((1 - confidence) / 2, (1 + confidence) / 2), strict=True):
        low, high = np.zeros(40), np.ones(40)
        for _ in range(12):
            middle = (low + high) / 2
            short = shares.weight @ betainc(mean * strength, (1 - mean) * strength, middle) < tail
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        assert ((low <= end) & (end <= high)).all()


def _estimate(value, low, high):
    return GroupEstimate("a", value, low, high, None, 50, 50.0, 4, 12, 2, "test")


def test_a_share_that_answers_make_wider_says_why():
    wide, alone = _estimate(0.04, 0.0, 0.1), _estimate(0.01, 0.0, 0.05)
    assert beside_machine(alone, wide) is alone
    noted = beside_machine(wide, alone).note
    assert "wider than by the machine alone (0% to 5%)" in noted
    assert "12 answers drawn here: more make it narrower" in noted
    assert "which the answers contradict" in beside_machine(replace(wide, value=0.08), alone).note
    assert beside_machine(wide, _estimate(0.01, None, None)) is wide
    less, narrow = (ShareDifference(0.02, low, 0.1, 0.5, (wide, wide), "") for low in (-0.1, -0.05))
    assert "machine alone (−5.0 points to +10.0 points)" in beside_machine(less, narrow).note
    assert beside_machine(narrow, less) is narrow
