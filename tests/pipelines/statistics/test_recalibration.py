"""The model behind totals by a sample: its balance, its blocks, and photos without an answer."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from presslens.pipelines.statistics.measure import strata
from presslens.pipelines.statistics.photo_table import PhotoTable
from presslens.pipelines.statistics.recalibration import (
    EXTREME,
    blocks,
    inclusion,
    recalibrate,
    response,
)
from presslens.pipelines.statistics.worlds import World

EDITIONS = 24


def _sampled(seed=0, photos=240, *, periods=2, **world):
    """The truth of a newspaper's photos, and a table with a sample; editions lie in periods."""
    rng = np.random.default_rng(seed)
    settings = {"editions": EDITIONS, "photos": 20.0, **world}
    paper = World(**settings).newspaper(rng)
    table = paper.drawn(paper.table(), photos, rng)
    cells = [("newspaper", str(i * periods // EDITIONS)) for i in range(EDITIONS)]
    return paper.truth, replace(table, periods=cells)


@pytest.mark.parametrize("world", [{}, {"prevalence": 0.02}, {"shift": 2.0, "auc": 0.6}])
def test_weighted_residuals_of_each_block_sum_to_nothing(world):
    for seed in range(3):
        _, table = _sampled(seed, **world)
        model = recalibrate(table, edition_spread=0.5)
        at = table.sampled
        off = (1 / inclusion(table)[at] - 1) * (table.label[at] - expit(model.logits(table.at(at))))
        sums = np.bincount(model.block[table.edition[at]], off)
        assert sums == pytest.approx(0.0, abs=1e-6)


def test_picks_are_taken_off_the_photos_of_their_block():
    truth, table = _sampled()
    label = table.label.copy()
    label[np.flatnonzero(~table.answered & truth)[:5]] = 1.0
    picked = replace(table, label=label)
    model, before = (recalibrate(t, edition_spread=0.5) for t in (picked, table))
    g = expit(model.logits(picked))
    weight = np.where(picked.picked, -1.0, 1 / inclusion(picked) - 1)
    known = picked.answered
    off = weight[known] * (label[known] - g[known])
    assert np.bincount(model.block[table.edition[known]], off) == pytest.approx(0.0, abs=1e-6)
    assert (model.intercept <= before.intercept).all()
    assert model.slope == before.slope
    np.testing.assert_array_equal(model.deviation, before.deviation)


def test_where_nearly_all_is_picked_the_sample_alone_is_balanced():
    truth, table = _sampled(periods=1)
    label = np.where(~table.answered & (np.arange(len(table)) % 20 > 0), truth, table.label)
    model = recalibrate(replace(table, label=label), edition_spread=0.5)
    assert model.intercept == pytest.approx(recalibrate(table, edition_spread=0.5).intercept)


def test_the_scale_of_scores_is_learnt():
    slopes = [
        recalibrate(_sampled(1, 400, slope=slope, spread=0.1)[1], edition_spread=0.3).slope
        for slope in (0.5, 1.0, 2.0)
    ]
    # Stated twice as sharply as they are, log odds are halved; the prior keeps them near 1.
    assert slopes[0] > 1.3 > slopes[1] > 0.75 > slopes[2] > 0.4


def test_editions_that_differ_get_deviations_and_others_do_not():
    same, apart = (
        recalibrate(_sampled(2, 400, edition_shift=spread, spread=0.0)[1], edition_spread=0.5)
        for spread in (0.0, 1.5)
    )
    assert np.std(apart.deviation) > 2 * np.std(same.deviation)
    assert apart.spread > same.spread
    assert (apart.doubt <= apart.spread).all()


@pytest.mark.parametrize("answer", [0.0, 1.0])
def test_labels_that_agree_are_certain_and_finite(answer):
    _, table = _sampled()
    label = np.where(table.answered, answer, np.nan)
    model = recalibrate(replace(table, label=label), edition_spread=0.5)
    assert (np.abs(model.intercept) == EXTREME).all()
    assert np.isfinite(model.logits(table)).all()
    assert expit(model.logits(table)) == pytest.approx(answer, abs=1e-6)


# -- blocks --------------------------------------------------------------------------------------


def _labelled(periods, yes, no):
    """A table of drawn photos with so many labels of either answer in each edition."""
    edition = np.repeat(np.arange(len(yes)), np.add(yes, no))
    label = np.concatenate([np.repeat([1.0, 0.0], pair) for pair in zip(yes, no, strict=True)])
    n = len(edition)
    return PhotoTable(
        edition=edition,
        probability=np.full(n, 0.5),
        weight=np.ones(n),
        label=label,
        inclusion=np.full(n, 0.5),
        framed=np.ones(n, bool),
        editions=[str(i) for i in range(len(yes))],
        periods=periods,
    )


MONTHS = [("n", "2020", "01"), ("n", "2020", "02"), ("n", "2021", "01"), ("n", "2021", "02")]


@pytest.mark.parametrize(
    ("yes", "expected"),
    [
        ([10, 10, 10, 10], [0, 1, 2, 3]),  # each month has enough
        ([6, 6, 10, 10], [0, 0, 1, 2]),  # only the second year's have
        ([6, 6, 4, 5], [0, 0, 0, 0]),  # the second year has too few even together
        ([10, 10, 2, 2], [0, 0, 0, 0]),  # even if the first year's months had enough
        ([12, 3, 3, 12], [0, 0, 1, 1]),  # a month with few joins its neighbour
    ],
)
def test_cells_with_enough_labels_are_blocks(yes, expected):
    found = blocks(_labelled(MONTHS, yes, [30, 30, 30, 30]))
    wanted = np.array(expected)
    np.testing.assert_array_equal(
        found[:, None] == found[None, :], wanted[:, None] == wanted[None, :]
    )


def test_newspapers_are_blocks_before_months():
    periods = [("a", "2020"), ("b", "2020"), ("a", "2021"), ("b", "2021")]
    assert blocks(_labelled(periods, [8, 8, 8, 8], [9, 9, 9, 9])).tolist() == [0, 1, 0, 1]


# -- photos without an answer --------------------------------------------------------------------


def test_answers_stand_for_the_unanswered_of_their_stratum():
    _, table = _sampled()
    at = strata(table.probability)
    lost = np.flatnonzero(table.sampled & (at == 1))[::3]
    label = table.label.copy()
    label[lost] = np.nan
    found = replace(table, label=label)
    drawn = np.bincount(at[found.drawn], minlength=4)
    expected = np.ones(4)
    expected[1] -= len(lost) / drawn[1]
    assert response(found) == pytest.approx(expected)
    stands_for = np.bincount(at[found.sampled], 1 / inclusion(found)[found.sampled], 4)
    assert stands_for == pytest.approx(np.bincount(at, minlength=4))


def test_a_stratum_without_any_answer_is_taken_like_all():
    _, table = _sampled()
    at = strata(table.probability)
    label = np.where(at == 3, np.nan, table.label)
    found = response(replace(table, label=label))
    drawn, answered = table.drawn.sum(), (table.sampled & (at != 3)).sum()
    assert found[3] == pytest.approx(answered / drawn)
