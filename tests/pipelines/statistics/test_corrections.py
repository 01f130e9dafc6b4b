import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.pipelines.statistics.corrections import Correction, correct, holm

METHODS = {
    Correction.BONFERRONI: "bonferroni", Correction.HOLM: "holm", Correction.BH: "fdr_bh"
}  # fmt: skip
p_values = st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=40)


@pytest.mark.parametrize("correction", Correction)
def test_they_are_those_of_statsmodels(correction):
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    rng = np.random.default_rng(3)
    for m in (1, 2, 7, 40):
        raw = np.round(rng.beta(0.3, 1, m), 3)
        expected = multitest.multipletests(raw, method=METHODS[correction])[1]
        assert correct(raw.tolist(), correction) == pytest.approx(expected.tolist())


@given(p_values)
def test_holm_is_the_stricter_and_both_keep_the_order(raw):
    strict, bh = (correct(raw, correction) for correction in (Correction.HOLM, Correction.BH))
    rows = [(p, h, b) for p, h, b in zip(raw, strict, bh, strict=True) if p is not None]
    assert all(p <= b + 1e-12 and b <= h + 1e-12 and h <= 1 for p, h, b in rows)
    rows.sort()
    assert [h for _, h, _ in rows] == sorted(h for _, h, _ in rows)
    assert [h is None for h in strict] == [p is None for p in raw]


@pytest.mark.long  # statsmodels takes seconds to import
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(values):
    tests = pytest.importorskip("statsmodels.stats.multitest")
    expected = tests.multipletests(values, method="holm")[1]
    assert holm(np.array(values, float)) == pytest.approx(expected)
