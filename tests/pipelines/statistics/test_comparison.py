from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.statistics.across import AcrossEstimate, Difference
from pipelines.statistics.comparison import Correction, MetricComparison, compare, correct
from pipelines.statistics.metrics import Metric

METHODS = {Correction.HOLM: "holm", Correction.BH: "fdr_bh"}
p_values = st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=40)


SHARE = AcrossEstimate(0.5, 0.5, (0.4, 0.6), "test", 9)


@pytest.mark.parametrize(
    ("correction", "corrected"),
    [
        (Correction.HOLM, [0.03, None, 0.06, 0.06, 0.02]),
        (Correction.BH, [0.02, None, 0.04, 0.04, 0.02]),
    ],
)
def test_p_values_are_corrected(correction: Correction, corrected: list[float | None]) -> None:
    found = correct([0.01, None, 0.04, 0.03, 0.005], correction)
    assert found == [None if p is None else pytest.approx(p) for p in corrected]


@pytest.mark.parametrize("correction", Correction)
def test_they_are_those_of_statsmodels(correction: Correction) -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    rng = np.random.default_rng(3)
    for m in (1, 2, 7, 40):
        raw = np.round(rng.beta(0.3, 1, m), 3)
        expected = multitest.multipletests(raw, method=METHODS[correction])[1]
        assert correct(raw.tolist(), correction) == pytest.approx(expected.tolist())


@given(p_values)
def test_holm_is_the_stricter_and_both_keep_the_order(raw: list[float | None]) -> None:
    holm, bh = (correct(raw, correction) for correction in (Correction.HOLM, Correction.BH))
    rows = [(p, h, b) for p, h, b in zip(raw, holm, bh, strict=True) if p is not None]
    assert all(p <= b + 1e-12 and b <= h + 1e-12 and h <= 1 for p, h, b in rows)
    rows.sort()
    assert [h for _, h, _ in rows] == sorted(h for _, h, _ in rows)
    assert [h is None for h in holm] == [p is None for p in raw]


def made(p_values: list[float | None]) -> list[MetricComparison]:
    metric = Metric.parse("children")
    return [
        MetricComparison(metric, SHARE, SHARE, Difference(0.1, (0, 1), p, "test", (9, 9)))
        for p in p_values
    ]


def test_an_answer_says_how_many_were_compared() -> None:
    found = compare(made([0.001, 0.04, None]), Correction.HOLM, confidence=0.95)
    assert (found.compared, found.level) == (2, pytest.approx(0.05))
    assert [row.differs for row in found.rows] == [True, True, False]
    found = compare(made([0.001, 0.04, 0.9]), Correction.HOLM, confidence=0.95)
    assert [row.differs for row in found.rows] == [True, False, False]


@pytest.mark.parametrize("correction", Correction)
def test_differences_that_are_not_there_are_named_seldom(correction: Correction) -> None:
    rng = np.random.default_rng(5)
    series = rng.random((1000, 40)).tolist()
    named = [
        any(row.differs for row in compare(made(raw), correction, confidence=0.95).rows)
        for raw in series
    ]
    assert sum(named) / 1000 < 0.07


def test_of_nothing_nothing_is_said() -> None:
    assert compare([], Correction.BH, confidence=0.95).compared == 0
