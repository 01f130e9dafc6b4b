"""The hierarchical model behind totals by a sample, and photos without an answer."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from presslens.pipelines.statistics.design import Balance
from presslens.pipelines.statistics.measure import strata
from presslens.pipelines.statistics.recalibration import inclusion, recalibrate, response
from presslens.pipelines.statistics.worlds import World

EDITIONS = 24


def _sampled(seed=0, photos=240, **world):
    """The truth of a newspaper's photos, and a table with a sample."""
    rng = np.random.default_rng(seed)
    paper = World(**{"editions": EDITIONS, "photos": 20.0, **world}).newspaper(rng)
    return paper.truth, paper.drawn(paper.table(), photos, rng)


def _mean(model, part):
    """The posterior mean of a part of each mode."""
    return sum(mode.weight * part(mode) for mode in model.modes)


@pytest.mark.parametrize("world", [{}, {"prevalence": 0.02}, {"shift": 2.0, "auc": 0.6}])
def test_weighted_residuals_sum_to_nothing_once_balanced(world):
    for seed in range(3):
        _, table = _sampled(seed, **world)
        model = recalibrate(table, edition_spread=0.5)
        balance = Balance.of(table, model.logits, confidence=0.95)
        at = table.sampled
        off = table.label[at] - expit(model.logits[at] + balance.middle)
        assert (1 / inclusion(table)[at] - 1) @ off == pytest.approx(0.0, abs=1e-6)
        assert balance.low < balance.middle < balance.high


def test_the_weights_of_modes_sum_to_one():
    _, table = _sampled()
    model = recalibrate(table, edition_spread=0.5)
    assert sum(mode.weight for mode in model.modes) == pytest.approx(1.0)


def test_picks_are_taken_off_the_photos_of_the_frame():
    truth, table = _sampled()
    label = table.label.copy()
    label[np.flatnonzero(~table.answered & truth)[:5]] = 1.0
    picked = replace(table, label=label)
    before, after = (
        Balance.of(t, recalibrate(t, edition_spread=0.5).logits, confidence=0.95)
        for t in (table, picked)
    )
    assert after.middle < after.drawn == pytest.approx(before.middle)
    assert (after.low, after.high) == pytest.approx((before.low, before.high))


def test_where_nearly_all_is_picked_the_sample_alone_is_balanced():
    truth, table = _sampled()
    label = np.where(~table.answered & (np.arange(len(table)) % 20 > 0), truth, table.label)
    picked = replace(table, label=label)
    logits = recalibrate(picked, edition_spread=0.5).logits
    balance = Balance.of(picked, logits, confidence=0.95)
    assert balance.middle == balance.drawn


def test_the_scale_of_scores_is_learnt():
    slopes = [
        _mean(
            recalibrate(_sampled(1, 400, slope=slope, spread=0.1)[1], edition_spread=0.3),
            lambda mode: mode.coefficient[1],
        )
        for slope in (0.5, 1.0, 2.0)
    ]
    # Stated twice as sharply as they are, log odds are halved; the prior keeps them near 1.
    assert slopes[0] > 1.2 > slopes[1] > 0.7 > slopes[2] > 0.3


def test_editions_whose_scans_differ_are_moved_and_others_are_not():
    moved = []
    for spread in (1.5, 0.0):
        _, table = _sampled(2, 400, edition_shift=spread, spread=0.0)
        off = recalibrate(table, edition_spread=0.5).logits - table.logits
        moved.append(np.std(np.bincount(table.edition, off) / np.bincount(table.edition)))
    assert moved[0] > 2 * moved[1]


@pytest.mark.parametrize("answer", [0.0, 1.0])
def test_labels_that_agree_are_finite(answer):
    _, table = _sampled()
    label = np.where(table.answered, answer, np.nan)
    model = recalibrate(replace(table, label=label), edition_spread=0.5)
    assert np.isfinite(model.logits).all()
    assert expit(model.logits) == pytest.approx(answer, abs=0.2)


def test_effects_of_groups_are_learned_from_all_of_them():
    rng = np.random.default_rng(3)
    shift = np.repeat([-1.5, -0.5, 0.5, 1.5], 6)
    paper = World(editions=EDITIONS, photos=40.0, spread=0.1, special=0.0).newspaper(rng)
    odds = np.log(paper.probability / (1 - paper.probability)) + shift[paper.edition]
    moved = replace(paper, probability=expit(odds))
    table = moved.drawn(moved.table(), 400, rng)
    group = table.edition // 6
    model = recalibrate(table, edition_spread=0.3, asked=group)
    (asked,) = (factor for factor in model.effects.factors if factor.spread == "asked")
    effect = _mean(model, lambda mode: mode.coefficient[-asked.size :])
    # Scores that are too high by so much are taken back, in part by the editions' mean scores.
    context = _mean(model, lambda mode: mode.coefficient[model.effects.columns.shape[1] - 1])
    total = effect + context * np.array([-1.5, -0.5, 0.5, 1.5])
    assert np.corrcoef(total, [-1.5, -0.5, 0.5, 1.5])[0, 1] < -0.9


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
