import numpy as np
import pytest

from presslens.models.accuracy import calibration_error
from presslens.models.labels.training import (
    FOLDS,
    folds_of_pictures,
    grouped,
    label_metrics,
    learn,
    metric_intervals,
    platt,
    stratified,
)

RNG = np.random.default_rng(1)
Y = np.arange(40) % 4 == 0
TELLING = RNG.normal(0, 1, (40, 60)) + 2.0 * Y[:, None] * (np.arange(60) < 20)
NOISE = RNG.normal(0, 1, (40, 60))


def test_what_can_be_told_is_told_with_probabilities():
    learnt = learn(TELLING, Y, stratified(Y))
    found = label_metrics(Y, learnt.probability, "by hand")
    assert (found.n, found.positive, found.method) == (40, 10, "by hand")
    assert found.ap == found.f1 == 1.0
    assert found.calibration_error < 0.2
    own = learnt.model.predict_proba(TELLING)[:, 1]
    assert ((own >= 0.5) == Y).all()
    assert own.max() < 1


def test_what_can_not_be_told_is_not_made_up():
    learnt = learn(NOISE, Y, stratified(Y))
    found = label_metrics(Y, learnt.probability, "by hand")
    assert found.ap < 0.6
    assert learnt.probability.mean() == pytest.approx(0.25, abs=0.1)


def test_nobody_is_judged_by_who_saw_it():
    """A photo's own label, turned round, changes nothing of what is said of its fold."""
    fold = stratified(Y)
    turned = Y.copy()
    turned[fold == 0] = ~turned[fold == 0]
    scores = [learn(TELLING, y, fold).probability[fold == 0] for y in (Y, turned)]
    # The other folds' scores do change, so the scaling may; the order may not.
    assert (np.argsort(scores[0]) == np.argsort(scores[1])).all()


def test_folds_keep_their_share_and_groups_together():
    assert [int(Y[stratified(Y) == part].sum()) for part in range(FOLDS)] == [2] * FOLDS
    groups = [f"g{i // 4}" for i in range(40)]
    fold = grouped(Y, groups)
    assert all(len(set(fold[i : i + 4])) == 1 for i in range(0, 40, 4))
    assert set(fold) == set(range(FOLDS))


def test_prints_of_one_picture_flatter_nothing():
    """Noise that is printed twice is told by heart, unless both prints are in one fold."""
    twice, y = np.repeat(NOISE, 2, axis=0) * np.tile([1, 1.1], 40)[:, None], np.repeat(Y, 2)
    picture = np.repeat(np.arange(0, 80, 2), 2)
    fold = folds_of_pictures(y, picture)
    assert fold is not None
    flattered, honest = (
        label_metrics(y, learn(twice, y, one).probability, "") for one in (stratified(y), fold)
    )
    assert honest.ap < 0.5 < 0.7 < flattered.ap


def test_intervals_are_as_wide_as_there_are_pictures():
    probability = np.clip(0.3 * Y + RNG.normal(0.4, 0.2, 40), 0, 1)
    (low, high), _ = metric_intervals(Y, probability, np.arange(40), draws=200)
    four = [np.repeat(x, 4) for x in (Y, probability, np.arange(40))]
    (low_4, high_4), _ = metric_intervals(*four, draws=200)
    assert (low_4, high_4) == pytest.approx((low, high), abs=0.1)
    (apart_low, apart_high), _ = metric_intervals(four[0], four[1], np.arange(160), draws=200)
    assert apart_high - apart_low < 0.7 * (high - low)


def test_too_few_pictures_have_no_folds():
    y = np.arange(10) < 5
    assert folds_of_pictures(y, np.where(y, 0, np.arange(10))) is None
    fold = folds_of_pictures(y, np.where(y, np.arange(10) % 2, np.arange(10)))
    assert fold is not None
    assert set(fold) == {0, 1}
    assert all(set(y[fold == part]) == {True, False} for part in (0, 1))


def test_scaling_turns_scores_into_log_odds():
    truth = RNG.random(4000) < 0.3
    scores = 0.5 * truth + RNG.normal(0, 0.5, 4000)
    slope, offset = platt(scores, truth)
    probability = 1 / (1 + np.exp(-(slope * scores + offset)))
    assert slope > 0
    assert calibration_error(truth, probability) < 0.03


@pytest.mark.parametrize("scores", [-1.0 * Y, np.zeros(40)], ids=["inverted", "flat"])
def test_scores_that_tell_nothing_give_the_share(scores):
    slope, offset = platt(scores, Y)
    assert slope == pytest.approx(0, abs=1e-9)
    assert 1 / (1 + np.exp(-offset)) == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("truth", [[1, 1], [0, 0], []])
def test_without_both_answers_there_are_no_figures(truth):
    assert label_metrics(np.array(truth, bool), np.zeros(len(truth)), "by hand") is None
