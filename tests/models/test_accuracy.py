import pytest
from scipy.stats import binomtest

from presslens.models.accuracy import wilson


def test_of_nothing_there_is_none():
    assert wilson(float("nan"), 0) is None


@pytest.mark.parametrize("n", [1, 2, 17, 400])
def test_it_is_scipy_s_to_the_last_digit(n):
    for hits in range(n + 1):
        expected = binomtest(hits, n).proportion_ci(method="wilson")
        assert wilson(hits / n, n) == (expected.low, expected.high)
