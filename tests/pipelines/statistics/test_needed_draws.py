"""How many photos, or editions, it takes to tell a difference."""

import numpy as np
import pytest
from scipy.special import ndtri

from presslens.pipelines.statistics.needed_draws import (
    FEWEST,
    PhotoFrame,
    Reach,
    needed_draws,
    needed_editions,
)

RNG = np.random.default_rng(3)
N = 3000
PROBABILITY = np.where(RNG.random(N) < 0.3, RNG.beta(5, 2, N), RNG.beta(1, 12, N))
SIDE = np.repeat([0, 1, -1], [1200, 1200, 600])


def frame(drawn=0, side=SIDE):
    return PhotoFrame(PROBABILITY, np.ones(N), side, np.arange(N) % N < drawn)


def reach(value, *, these=0.2, practice=0.2, confidence=0.95):
    return Reach(value, these, practice, confidence)


def test_smaller_differences_and_surer_intervals_need_more_photos():
    sizes = [needed_draws(frame(), reach(value)) for value in (0.3, 0.1, 0.06, 0.04)]
    assert sizes == sorted(sizes)
    assert 2.5 * FEWEST <= sizes[0] < sizes[-1] < N
    assert needed_draws(frame(), reach(0.1, confidence=0.999)) > sizes[1]


def test_what_is_drawn_already_counts():
    every = needed_draws(frame(), reach(0.06))
    shuffled = RNG.permutation(N) < 300
    more = needed_draws(
        PhotoFrame(PROBABILITY, np.ones(N), SIDE, shuffled), reach(0.06, these=0.07, practice=0.07)
    )
    assert 0 < more < every


def test_where_editions_vary_more_photos_do_not_help():
    wide = reach(0.05, these=0.02, practice=0.2)
    assert needed_draws(frame(), wide) is None
    few, many = (needed_editions(20, reach(v, these=0.02)) for v in (0.1, 0.05))
    assert 20 < few < many
    assert needed_editions(20, reach(0.0)) is None
    assert needed_editions(20, reach(1e-4, these=0.02)) is None


@pytest.mark.parametrize("confidence", [0.95, 0.99])
def test_a_difference_of_the_wished_reach_is_told_in_four_samples_of_five(confidence):
    wished = reach(0.1, confidence=confidence).wished
    z = ndtri((1 + confidence) / 2)
    told = np.abs(0.1 + wished / z * RNG.normal(size=4000)) > wished
    assert told.mean() == pytest.approx(0.8, abs=0.03)
