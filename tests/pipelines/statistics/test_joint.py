"""Measures of which each photo shows one: shares add up to 1, and the draw balances each."""

from dataclasses import replace

import numpy as np
import pytest

from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.joint import balanced_factors, shared_out
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.photo_table import PhotoTable

EDITIONS, PHOTOS = 30, 12
GROUPS = {
    "all": lambda edition: edition * 0,
    "months": lambda edition: edition // 10,
    "days": lambda edition: (edition > 3) * (1 + (edition > 11)),
}


def tables(drawn, seed=1):
    """Return tables of three measures of the same photos, and what each photo shows."""
    rng = np.random.default_rng(seed)
    edition = np.repeat(np.arange(EDITIONS), PHOTOS)
    n = len(edition)
    odds = np.log([0.25, 0.15, 0.6]) + rng.normal(0, 1.2, (n, 3))
    odds += rng.normal(0, 0.4, (EDITIONS, 3))[edition]
    truth = np.eye(3)[(odds + rng.gumbel(size=(n, 3))).argmax(axis=1)]
    scores = odds + rng.normal(0, 1.0, (n, 3)) + [0.7, -0.4, 0.0]
    machine = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    stratum = (machine[:, 0] > 0.3).astype(int)
    inclusion = np.full(n, np.nan)
    for h in (0, 1):
        rows = np.flatnonzero(stratum == h)
        inclusion[rng.choice(rows, drawn // 2, replace=False)] = drawn / 2 / len(rows)
    label = np.where(np.isnan(inclusion)[:, None], np.nan, truth)
    one = PhotoTable(
        edition=edition,
        probability=machine[:, 0],
        weight=np.ones(n),
        label=label[:, 0],
        inclusion=inclusion,
        framed=np.full(n, drawn > 0),
        editions=[str(i) for i in range(EDITIONS)],
        periods=[("paper", "2025", f"2025-{1 + i // 10:02}") for i in range(EDITIONS)],
        days=list(range(EDITIONS)),
    )
    return [replace(one, probability=machine[:, j], label=label[:, j]) for j in range(3)], truth


def estimators(tables, group, **options):
    names = [str(k) for k in range(int(group.max()) + 1)]
    return [
        ShareEstimator(
            replace(one, beside=tuple(tables[i] for i in range(3) if i != j)),
            group.astype(np.int64),
            names,
            Calibration(),
            **options,
        )
        for j, one in enumerate(tables)
    ]


@pytest.mark.parametrize("drawn", [0, 12, 60])
@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"estimand": Estimand.MEAN_EDITION_SHARE},
        {"inference": Inference.PRACTICE},
        {"by_area": True},
        {"coders": CoderAccuracy(np.full(50, 0.9), np.full(50, 0.95), 60, 12, "given")},
    ],
    ids=["pooled", "averaged", "practice", "area", "coders"],
)
def test_shares_of_each_group_add_up_to_one(drawn, groups, options):
    made, _ = tables(drawn)
    if "by_area" in options:
        areas = np.random.default_rng(2).uniform(0.01, 0.4, len(made[0]))
        made = [replace(one, weight=areas) for one in made]
    group = GROUPS[groups](made[0].edition)
    for found in zip(*(one.estimates() for one in estimators(made, group, **options)), strict=True):
        assert sum(one.value for one in found) == pytest.approx(1.0, abs=1e-9)
        assert all(one.low is None or one.low <= one.value <= one.high for one in found)


def test_the_draw_balances_each_measure():
    made, _ = tables(60)
    for one in estimators(made, made[0].edition * 0):
        g, table = one.recalibrated, one.table
        at = table.sampled
        pull = 1 / table.inclusion[at] - 1
        assert abs(pull @ (table.label[at] - g[at])) < 1e-6


def test_months_add_up_to_the_whole():
    made, _ = tables(60)
    whole = [one.estimates()[0].count[0] for one in estimators(made, made[0].edition * 0)]
    months = [one.estimates() for one in estimators(made, made[0].edition // 10)]
    for total, parts in zip(whole, months, strict=True):
        assert sum(one.count[0] for one in parts) == pytest.approx(total, rel=1e-6)


def test_models_of_others_are_taken():
    made, _ = tables(60)
    first = estimators(made, made[0].edition * 0 - 1)[0]
    edition = made[0].edition
    there = first.about(first.table, edition // 10, ("a", "b", "c")).estimates()
    again = estimators(made, edition // 10)[0].estimates()
    assert [one.value for one in there] == pytest.approx([one.value for one in again])
    assert all({*one._question} == {*first._question} for one in first._question)


def test_an_answer_excludes_what_it_excludes():
    nan = np.nan
    alone = np.full((5, 3), 0.2)
    label = np.array([[1, nan, nan], [0, nan, nan], [0, 1, 0], [0, 0, 0], [nan, nan, nan]])
    found = shared_out(alone, label)
    third = [1 / 3, 1 / 3, 1 / 3]
    assert found == pytest.approx(
        np.array([[1, 0, 0], [0, 0.5, 0.5], [0, 1, 0], third, third]), abs=1e-12
    )


def test_answers_that_leave_two_open_are_used():
    alone = np.full((300, 3), 1 / 3)
    label = np.full((300, 3), np.nan)
    label[:150] = [1, 0, 0]
    label[150:, 0] = 0
    factor = balanced_factors(alone, label, np.ones(300))
    assert shared_out(alone[:1], label[:1] * np.nan, factor)[0] == pytest.approx([0.5, 0.25, 0.25])


def test_columns_that_are_asked_about_add_up_both_ways():
    made, _ = tables(90)
    rng = np.random.default_rng(2)
    n = len(made[0])
    column = np.where(made[0].probability > 0.3, 0, 1 + (rng.random(n) < 0.1))
    parts = estimators(made, column, asked=column)
    shares = np.array([[found.value for found in one.estimates()] for one in parts])
    wholes = [one.estimates()[0].value for one in estimators(made, 0 * column)]
    assert shares.sum(axis=0) == pytest.approx(1.0)
    assert shares @ np.bincount(column) / n == pytest.approx(wholes)


def test_means_of_editions_in_parts_add_up_to_nothing():
    made, _ = tables(90)
    column = np.random.default_rng(2).choice(3, len(made[0]), p=[0.8, 0.17, 0.03])
    (part, *_) = estimators(made, column, asked=column, estimand=Estimand.MEAN_EDITION_SHARE)
    assert all(found.low < found.value < found.high for found in part.estimates())
