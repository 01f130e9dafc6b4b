import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from presslens.pipelines.statistics.paired import kappa, mcnemar

counts = st.integers(0, 60)


@pytest.mark.parametrize(
    ("only_old", "only_new", "p"),
    [(0, 0, 1), (5, 5, 1), (0, 5, 2 / 32), (5, 0, 2 / 32), (1, 9, 22 / 1024), (0, 1, 1)],
)
def test_mcnemar(only_old, only_new, p):
    assert mcnemar(only_old, only_new) == pytest.approx(p)


@given(st.tuples(counts, counts, counts, counts))
def test_mcnemar_is_that_of_statsmodels(table):
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    expected = tables.mcnemar(np.reshape(table, (2, 2)), exact=True).pvalue
    if np.isnan(expected):  # without flips
        expected = 1.0
    assert mcnemar(table[2], table[1]) == pytest.approx(expected)


@given(st.integers(2, 4).flatmap(lambda k: st.lists(counts, min_size=k * k, max_size=k * k)))
def test_kappa_is_that_of_scikit_learn_with_the_interval_of_statsmodels(cells):
    agreement = pytest.importorskip("statsmodels.stats.inter_rater")
    k = round(len(cells) ** 0.5)
    table = np.reshape(cells, (k, k))
    found = kappa(table)
    if table.sum() in (0, table.sum(axis=0).max()) and table.sum() == table.sum(axis=1).max():
        if found is not None:  # all of one answer against all of another
            assert found.value == 0
        return
    first = np.repeat(np.repeat(np.arange(k), k), table.ravel())
    second = np.repeat(np.tile(np.arange(k), k), table.ravel())
    expected = agreement.cohens_kappa(table)
    assert found.value == pytest.approx(cohen_kappa_score(first, second))
    low, high = found.interval
    assert low == pytest.approx(max(-1, expected.kappa_low), abs=1e-6)
    assert high == pytest.approx(min(1, expected.kappa_upp), abs=1e-6)


@pytest.mark.parametrize("table", [[[0, 0], [0, 0]], [[9, 0], [0, 0]], [[0, 0], [0, 3]]])
def test_kappa_is_undefined_where_all_answers_are_the_same(table):
    assert kappa(np.array(table)) is None


def test_kappa_narrows_with_more_photos_and_widens_with_the_level():
    table = np.array([[40, 9], [5, 46]])
    found, more, surer = kappa(table), kappa(table * 10), kappa(table, 0.99)
    assert found.value == more.value == surer.value
    widths = [k.interval[1] - k.interval[0] for k in (more, found, surer)]
    assert widths == sorted(widths)
