import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from presslens.models.focus.classifier import FocusClassifier


@parametrize_with_checks([FocusClassifier()])
def test_it_keeps_to_what_an_estimator_is(estimator, check):
    check(estimator)


def _fitted(classes):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    y = np.array(list("abc"))[np.argmax(X[:, :classes], axis=1)]
    return FocusClassifier().fit(X, y), X


def test_contributions_add_up_to_the_log_odds_against_the_others():
    model, X = _fitted(3)
    log = np.log(model.predict_proba(X))
    against = log - (log.sum(axis=1, keepdims=True) - log) / 2
    start = model.linear_.intercept_
    expected = against - (start - (start.sum() - start) / 2)
    assert model.contributions(X).sum(axis=2) == pytest.approx(expected)


def test_of_two_classes_one_is_the_other_upside_down():
    model, X = _fitted(2)
    log = np.log(model.predict_proba(X))
    parts = model.contributions(X)
    assert parts[:, 0] == pytest.approx(-parts[:, 1])
    assert parts[:, 1].sum(axis=1) == pytest.approx(
        log[:, 1] - log[:, 0] - model.linear_.intercept_
    )


def test_levels_are_in_standard_deviations():
    model, X = _fitted(3)
    assert model.levels(X).mean(axis=0) == pytest.approx(np.zeros(4), abs=1e-9)
    assert model.levels(X).std(axis=0) == pytest.approx(np.ones(4))


def test_weights_count_like_repeated_rows():
    _, X = _fitted(3)
    y = np.array(list("abc"))[np.argmax(X[:, :3], axis=1)]
    weighted = FocusClassifier().fit(X, y, np.r_[np.full(100, 2.0), np.ones(100)])
    repeated = FocusClassifier().fit(np.r_[X, X[:100]], np.r_[y, y[:100]])
    assert weighted.predict_proba(X) == pytest.approx(repeated.predict_proba(X), abs=1e-4)
