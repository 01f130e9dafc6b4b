import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.pipelines.statistics.robust import ALL_EQUAL, BY_MAD, BY_MEAN_AD, RobustSummary

numbers = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=60)


def test_a_few_wild_numbers_hardly_move_it():
    quiet = RobustSummary.of([10.0, 11, 12, 13, 14])
    wild = RobustSummary.of([10.0, 11, 12, 13, 1e6])
    assert (quiet.median, quiet.scale) == (wild.median, wild.scale)
    assert quiet.method == BY_MAD


def test_z_of_normal_numbers_is_in_standard_deviations():
    spread = RobustSummary.of(np.random.default_rng(1).normal(5, 2, 20_000).tolist())
    assert spread.z(9.0) == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(
    ("values", "value", "z", "method"),
    [
        ([6.0] * 57 + [8.0] * 3, 8.0, 2 / (1.2533 * 0.1), BY_MEAN_AD),
        ([6.0] * 57 + [8.0] * 3, 6.0, 0.0, BY_MEAN_AD),
        ([6.0] * 20, 6.0, None, ALL_EQUAL),
        ([6.0] * 20, 8.0, None, ALL_EQUAL),
        ([0.1 + 0.2, 0.3, 0.3], 0.3, None, ALL_EQUAL),
    ],
)
def test_z_where_most_numbers_are_the_same(values, value, z, method):
    spread = RobustSummary.of(values)
    assert spread.method == method
    assert spread.z(value) == (None if z is None else pytest.approx(z))


@given(numbers)
def test_quantiles_are_in_order(values):
    s = RobustSummary.of(values)
    assert s.lowest <= s.p10 <= s.q1 <= s.median <= s.q3 <= s.p90 <= s.highest
    assert (s.n, s.lowest, s.highest) == (len(values), min(values), max(values))


def test_there_must_be_numbers():
    with pytest.raises(ValueError, match="no numbers"):
        RobustSummary.of([])
