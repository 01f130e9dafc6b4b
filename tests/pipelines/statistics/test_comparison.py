import numpy as np
import pytest

from presslens.pipelines.statistics.comparison import Difference, MetricComparison, Side, compare
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.metrics import Estimate, Metric

SHARE = Side(Estimate(0.5, (0.4, 0.6), 100, "test"), 0.5, 9)


def made(p_values):
    metric = Metric.parse("children")
    return [
        MetricComparison(metric, SHARE, SHARE, Difference(0.1, (0, 1), p, "test")) for p in p_values
    ]


def test_an_answer_says_how_many_were_compared():
    found = compare(made([0.001, 0.04, None]), Correction.HOLM, confidence=0.95)
    assert (found.compared, found.level) == (3, pytest.approx(0.05))
    assert [row.differs for row in found.rows] == [True, True, False]
    found = compare(made([0.001, 0.04, 0.9]), Correction.HOLM, confidence=0.95)
    assert [row.differs for row in found.rows] == [True, False, False]


@pytest.mark.parametrize("correction", Correction)
def test_differences_that_are_not_there_are_named_seldom(correction):
    rng = np.random.default_rng(5)
    series = rng.random((1000, 40)).tolist()
    named = [
        any(row.differs for row in compare(made(raw), correction, confidence=0.95).rows)
        for raw in series
    ]
    assert sum(named) / 1000 < 0.07


def test_of_nothing_nothing_is_said():
    assert compare([], Correction.BH, confidence=0.95).compared == 0


@pytest.mark.parametrize(
    ("value", "interval", "refused", "differs"),
    [
        (1.0, None, None, True), (0.0, None, None, False), (1.0, (0.5, 1.5), None, True),
        (1.0, (-0.5, 1.5), None, False), (1.0, None, "too few editions", False),
        (None, None, None, False),
    ],
)  # fmt: skip
def test_counted_numbers_differ_where_they_are_not_the_same(value, interval, refused, differs):
    less = Difference(value, interval, None, "counted", refused)
    compared = MetricComparison(Metric.parse("pages"), SHARE, SHARE, less)
    (row,) = compare([compared], Correction.HOLM, confidence=0.95).rows
    assert row.differs is differs
