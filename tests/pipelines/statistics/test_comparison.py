import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from presslens.pipelines.statistics.comparison import Difference, MetricComparison, Side, compare
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.metrics import Estimate, Metric

SHARE = Side(Estimate(0.5, (0.4, 0.6), 100, "test"), 0.5, 9)
KINDS = [Correction.BONFERRONI, Correction.BH]


def family(values, errors=None, tail=1.0):
    """Return differences whose intervals reach error · quantile ** tail."""
    metric = Metric.parse("children")
    errors = [1.0] * len(values) if errors is None else errors

    def at(confidence):
        z = float(ndtri((1 + confidence) / 2)) ** tail
        intervals = [
            None if v is None else (v - z * e, v + z * e)
            for v, e in zip(values, errors, strict=True)
        ]
        return [
            MetricComparison(metric, SHARE, SHARE, Difference(v, interval, None, "test"))
            for v, interval in zip(values, intervals, strict=True)
        ]

    return at


def test_intervals_are_those_of_the_whole_family():
    found = compare(family([2.5, 2.2, None]), Correction.BONFERRONI, confidence=0.95)
    assert (found.compared, found.family, found.level) == (2, 2, pytest.approx(0.05))
    assert found.interval_level == pytest.approx(0.975)
    assert [row.differs for row in found.rows] == [True, False, False]
    alone, row = compare(family([2.2]), Correction.BONFERRONI, confidence=0.95), found.rows[1]
    assert alone.rows[0].differs
    assert alone.rows[0].compared.difference.interval == row.unadjusted != row.compared.difference


def test_groups_that_were_searched_for_need_wider_intervals():
    (row,) = compare(
        family([2.6]), Correction.BONFERRONI, confidence=0.95, searched=20
    ).rows  # fmt: skip
    assert not row.differs
    assert row.p_corrected == pytest.approx(20 * row.compared.difference.p_value)
    assert row.compared.difference.p_value == pytest.approx(2 * ndtr(-2.6))


@pytest.mark.parametrize("correction", Correction)
@given(
    values=st.lists(st.floats(-6, 6), min_size=1, max_size=12),
    tail=st.sampled_from([0.7, 1.0, 1.4]),
    searched=st.sampled_from([1, 9]),
)
def test_interval_p_and_verdict_always_agree(correction, values, tail, searched):
    found = compare(family(values, tail=tail), correction, confidence=0.95, searched=searched)
    for row in found.rows:
        low, high = row.compared.difference.interval
        assert row.differs is (low > 0 or high < 0) is (row.p_corrected <= found.level)
    assert found.rows[0].unadjusted is not None


def test_bonferroni_holds_for_all_intervals_and_bh_for_the_named_ones():
    rng = np.random.default_rng(5)
    truth = np.array([0.0, 0.0, 0.0, 1.5, 2.0, 2.5, 3.0, 3.5])
    missed, named_missed = [], []
    for _ in range(800):
        values = truth + rng.normal(size=8)
        for kind, lost in zip(KINDS, (missed, named_missed), strict=True):
            rows = compare(family(values.tolist()), kind, confidence=0.95).rows
            misses = [
                not row.compared.difference.interval[0]
                <= true
                <= row.compared.difference.interval[1]
                for row, true in zip(rows, truth, strict=True)
                if kind is Correction.BONFERRONI or row.differs
            ]
            lost.append(any(misses) if kind is Correction.BONFERRONI else np.mean([0, *misses]))
    assert np.mean(missed) < 0.07
    assert np.mean(named_missed) < 0.06


def test_holm_is_answered_as_bonferroni():
    found = compare(family([3.0, 2.2]), Correction.HOLM, confidence=0.95)
    assert found.correction is Correction.BONFERRONI


def test_of_nothing_nothing_is_said():
    assert compare(lambda _: [], Correction.BH, confidence=0.95).compared == 0


@pytest.mark.parametrize(
    ("value", "interval", "refused", "differs"),
    [
        (1.0, None, None, True), (0.0, None, None, False), (1.0, (0.5, 1.5), None, True),
        (1.0, (-0.5, 1.5), None, False), (1.0, None, "too few editions", False),
        (None, None, None, False), (2.0, (2.0, 2.0), None, True), (0.0, (0.0, 0.0), None, False),
        (1.0, (0.0, 2.0), None, False),
    ],
)  # fmt: skip
def test_counted_numbers_differ_where_they_are_not_the_same(value, interval, refused, differs):
    less = Difference(value, interval, None, "counted", refused)
    compared = MetricComparison(Metric.parse("pages"), SHARE, SHARE, less)
    (row,) = compare(lambda _: [compared], Correction.BONFERRONI, confidence=0.95).rows
    assert row.differs is differs
    assert interval is None or (row.p_corrected <= 0.05) is differs
