"""Estimates by labels are corrected for the errors of coders."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import norm

from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.misclassification import CONTRADICTED, CoderAccuracy
from presslens.pipelines.statistics.pools import PooledShares
from presslens.pipelines.statistics.share_estimate import (
    GroupEstimate,
    coded_difference,
    coded_share,
    difference_from_intervals,
)
from presslens.pipelines.statistics.worlds import World

CODERS = CoderAccuracy(np.full(500, 0.9), np.full(500, 0.95), 60, 12, "given")
LEVEL = 0.95


def share(value, low, high, n=2000):
    return GroupEstimate("g", value, low, high, None, n, float(n), 20, 300, 0, "drawn photos")


def test_value_interval_and_count_are_corrected():
    found = coded_share(share(0.305, 0.26, 0.35), CODERS, confidence=LEVEL)
    assert found.value == pytest.approx(0.3)
    assert found.high - found.low > 0.09 / 0.85
    assert found.count == pytest.approx((600, 2000 * found.low, 2000 * found.high))
    assert found.coding.endswith("by 60 photos coded twice or adjudicated")


def test_rates_that_labels_contradict_are_told():
    rates = CoderAccuracy.of_cells("1", "0.51")
    found = coded_share(share(0.23, 0.19, 0.27, n=500), rates, confidence=LEVEL)
    assert found.low < 0.19 < 0.27 <= found.high
    assert found.note == CONTRADICTED
    assert coded_share(share(0.6, 0.55, 0.65), rates, confidence=LEVEL).note is None


def test_a_full_count_gets_the_width_of_chance_errors():
    found = coded_share(share(0.305, 0.305, 0.305, n=100), CODERS, confidence=LEVEL)
    # Of 100 photos 30 show it; sd of mistaken labels: sqrt(30·.09 + 70·.0475) / .85 photos.
    assert (found.high - found.low) / 2 / 1.96 == pytest.approx(0.0288, rel=0.15)


def test_a_refusal_stays_one():
    found = coded_share(share(0.305, None, None), CODERS, confidence=LEVEL)
    assert (found.low, found.high) == (None, None)
    assert found.value == pytest.approx(0.3)


def test_without_double_coding_only_the_method_says_so():
    before = share(0.305, 0.26, 0.35)
    found = coded_share(before, CoderAccuracy.without_error(), confidence=LEVEL)
    assert (found.value, found.low, found.high) == (0.305, 0.26, 0.35)
    assert found.coding.endswith("coders' answers count as right: no photo was coded by two people")


def test_a_difference_is_no_longer_attenuated():
    less = difference_from_intervals(share(0.39, 0.34, 0.44), share(0.305, 0.26, 0.35), LEVEL)
    found = coded_difference(less, CODERS, confidence=LEVEL)
    assert found.value == pytest.approx(0.1)
    assert found.low < 0.035
    assert found.high > 0.165
    assert found.p_value == pytest.approx(less.p_value, rel=0.3)
    error = (found.value - found.low) / norm.ppf(0.975)
    assert found.p_value == pytest.approx(2 * norm.cdf(-found.value / error))
    assert found.sides[0].value == pytest.approx(0.4)
    unknown = coded_difference(less, CoderAccuracy.without_error(), confidence=LEVEL)
    assert unknown.value == less.value


def test_the_one_estimator_takes_the_errors_of_coders():
    rng = np.random.default_rng(3)
    paper = World(editions=20, prevalence=0.3).newspaper(rng)
    table = paper.drawn(paper.table(), 300, rng)
    says = np.where(paper.truth, rng.random(len(table)) < 0.8, rng.random(len(table)) < 0.05)
    erring = replace(table, label=np.where(np.isnan(table.label), np.nan, says))
    coders = CoderAccuracy(np.full(500, 0.8), np.full(500, 0.95), 60, 12, "given")
    group = np.zeros(len(table), np.int64)
    halves = (table.edition >= 10).astype(np.int64)
    found = {}
    for name, known in (("as they are", None), ("corrected", coders)):
        estimator = ShareEstimator(erring, group, ("all",), Calibration(), coders=known)
        found[name] = estimator.estimates()[0]
        less = replace(estimator, group=halves, names=("a", "b")).difference(0, 1)
        assert ("errors of coders" in less.method) is (known is not None)
    truth = float(paper.truth.mean())
    plain, corrected = found["as they are"], found["corrected"]
    assert corrected.value == pytest.approx((plain.value - 0.05) / 0.75)
    assert corrected.low < truth < corrected.high
    assert corrected.count[0] == pytest.approx(corrected.value * corrected.size)


def test_newspapers_have_the_errors_of_their_coders_in_common():
    rng = np.random.default_rng(4)
    coders = CoderAccuracy.of_cells("27/30", "57/60")
    papers = [World(editions=20, prevalence=0.3).newspaper(rng) for _ in range(2)]
    tables = [paper.drawn(paper.table(), 300, rng) for paper in papers]
    ends = np.cumsum([0, *map(len, tables)])
    rows = [np.arange(*pair) for pair in pairwise(ends)]
    widths = {}
    for name, others in (("alike", coders), ("apart", CoderAccuracy.of_cells("27/30", "57.1/60"))):
        bases = [
            ShareEstimator(table, np.full(len(table), -1), (), Calibration(), coders=one)
            for table, one in zip(tables, (coders, others), strict=True)
        ]
        of_paper = np.repeat([0, 1], np.diff(ends))
        (whole,) = PooledShares.of(bases, rows, np.zeros_like(of_paper), ("all",)).estimates()
        less = PooledShares.of(bases, rows, of_paper, ("a", "b")).difference(0, 1)
        assert "errors of coders taken out" in whole.method
        assert "errors of coders taken out" in less.method or name == "apart"
        assert less.value == pytest.approx(less.sides[0].value - less.sides[1].value)
        widths[name] = whole.high - whole.low, less.high - less.low
    assert widths["alike"][0] > 1.1 * widths["apart"][0]
    assert widths["alike"][1] < 0.9 * widths["apart"][1]
