"""How many photos, or editions, it takes to tell a difference."""

import numpy as np
import pytest
from scipy.special import ndtri

from presslens.pipelines.statistics.needed_draws import (
    FEWEST,
    PhotoFrame,
    needed_draws,
    needed_editions,
    power_factor,
)

RNG = np.random.default_rng(3)
N = 3000
PROBABILITY = np.where(RNG.random(N) < 0.3, RNG.beta(5, 2, N), RNG.beta(1, 12, N))
SIDE = np.repeat([0, 1, -1], [1200, 1200, 600])


def frame(**more):
    drawn = more.pop("drawn", np.zeros(N, bool))
    return PhotoFrame(PROBABILITY, np.ones(N), SIDE, drawn, **more)


def wished(difference, confidence=0.95):
    return difference / power_factor(confidence)


def test_smaller_differences_and_surer_intervals_need_more_photos():
    sizes = [needed_draws(frame(), wished(value), 0.95) for value in (0.3, 0.1, 0.06, 0.04)]
    assert sizes == sorted(sizes)
    assert 2.5 * FEWEST <= sizes[0] < sizes[-1] < N
    assert needed_draws(frame(), wished(0.1, 0.999), 0.999) > sizes[1]


def test_what_is_drawn_already_counts():
    every = needed_draws(frame(), wished(0.06), 0.95)
    drawn = RNG.permutation(N) < 300
    beside, extended = (
        needed_draws(frame(drawn=drawn, extends=extends), wished(0.06), 0.95)
        for extends in (False, True)
    )
    assert 0 < extended < beside < every
    assert extended >= every - 300


def test_where_editions_vary_more_photos_do_not_help():
    few, many = (needed_editions(20, wished(v), 0.2, drawn=True) for v in (0.1, 0.05))
    assert 20 < few < many
    assert needed_editions(20, 0.0, 0.2, drawn=True) is None
    assert needed_editions(20, wished(1e-4), 0.2, drawn=True) is None


@pytest.mark.parametrize("confidence", [0.95, 0.99])
def test_a_difference_of_the_wished_reach_is_told_in_four_samples_of_five(confidence):
    reach, z = wished(0.1, confidence), ndtri((1 + confidence) / 2)
    told = np.abs(0.1 + reach / z * RNG.normal(size=4000)) > reach
    assert told.mean() == pytest.approx(0.8, abs=0.03)
