import numpy as np
import pytest
from scipy.stats import binom, nbinom, poisson

from presslens.models.photos.count_distribution import count_pmf


def of(mean, variance, most=60):
    return count_pmf(np.array([mean]), np.array([variance]), most)[0]


@pytest.mark.parametrize(
    ("distribution", "close"),
    [(binom(12, 0.3), 1e-9), (poisson(4.0), 1e-5), (nbinom(3, 0.4), 1e-9)],
    ids=["binomial", "poisson", "negative binomial"],
)
def test_the_class_holds_the_three_distributions(distribution, close):
    pmf = of(distribution.mean(), distribution.var())
    assert pmf == pytest.approx(distribution.pmf(np.arange(61)), abs=close)


def test_nothing_expected_is_nothing_for_sure_and_what_is_cut_off_sums_to_one():
    assert of(0.0, 0.0)[0] == pytest.approx(1)
    assert of(30.0, 90.0, most=10).sum() == pytest.approx(1)
