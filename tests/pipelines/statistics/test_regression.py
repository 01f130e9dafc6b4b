from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import root
from scipy.special import expit, logit

from pipelines.statistics.regression import Estimand, Model, Outcome, regress

NAMES = ("intercept", "special", "years")


def _newspaper(
    seed: int, *, editions: int = 60, special: float = 0.8, drawn: int = 300, shift: float = 0.0
) -> tuple[Outcome, np.ndarray, np.ndarray]:
    """A newspaper of which all is known: what is known of it, the columns, and all labels.

    Special editions, a quarter, have three times the photos. The machine's log odds are off by
    ``shift`` in them. Photos that it takes for likely are drawn three times as often as others.
    """
    rng = np.random.default_rng(seed)
    is_special = np.arange(editions) % 4 == 0
    sizes = np.where(is_special, 90, 30) + rng.integers(-8, 9, editions)
    edition = np.repeat(np.arange(editions), sizes)
    n = len(edition)
    odds = logit(0.2) + rng.normal(0, 0.5, editions) + special * is_special
    y = (rng.random(n) < expit(odds[edition])).astype(float)
    machine = expit(-1.4 + 2 * y + rng.normal(size=n) + shift * is_special[edition])
    odd = np.where(machine > 0.4, 3.0, 1.0)
    pi = np.minimum(1, drawn * odd / odd.sum())
    chosen = rng.random(n) < pi
    X = np.stack([np.ones(n), is_special[edition], edition / editions], axis=1)
    outcome = Outcome(
        prediction=machine,
        label=np.where(chosen, y, np.nan),
        inclusion=np.where(chosen, pi, np.nan),
        weight=np.ones(n),
        edition=edition,
    )
    return outcome, X, y


def _all_labelled(outcome: Outcome, y: np.ndarray) -> Outcome:
    return replace(outcome, label=y, inclusion=np.ones(len(y)))


def _values(outcome: Outcome, X: np.ndarray, model: Model = "linear") -> list[float]:
    return [c.value for c in regress(outcome, X, NAMES, model=model).coefficients]


@pytest.mark.parametrize("model", ["linear", "logit"])
def test_coefficients_solve_the_moments_of_design_based_supervised_learning(model: Model) -> None:
    outcome, X, y = _newspaper(1)
    labelled = ~np.isnan(outcome.label)
    mean = expit if model == "logit" else (lambda t: t)

    def moments(b: np.ndarray) -> np.ndarray:  # as in the paper: predicted plus R / pi of the rest
        of_predictions = X * (outcome.prediction - mean(X @ b))[:, None]
        of_labels = X * (np.where(labelled, y, 0) - mean(X @ b))[:, None]
        chance = np.where(labelled, outcome.inclusion, 1.0)
        corrected = (labelled / chance)[:, None] * (of_labels - of_predictions)
        return (of_predictions + corrected).mean(axis=0)

    solution = root(moments, np.zeros(3), tol=1e-12)
    assert solution.success
    assert _values(outcome, X, model) == pytest.approx(solution.x, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("model", ["linear", "logit"])
def test_with_every_label_it_is_the_regression_of_statsmodels(model: Model) -> None:
    api = pytest.importorskip("statsmodels.api")
    outcome, X, y = _newspaper(2)
    census = _all_labelled(outcome, y)
    kind = api.OLS if model == "linear" else api.Logit
    options = {"disp": 0} if model == "logit" else {}
    fit = kind(y, X).fit(cov_type="cluster", cov_kwds={"groups": outcome.edition}, **options)
    of_practice = regress(census, X, NAMES, model=model, estimand="practice").coefficients
    assert [c.value for c in of_practice] == pytest.approx(fit.params, abs=1e-6)
    # CR2 is somewhat wider than the usual sandwich: 60 editions, 15 of them special.
    ratio = np.array([c.error for c in of_practice]) / fit.bse
    assert ((ratio > 0.98) & (ratio < 1.12)).all()
    for coefficient in regress(census, X, NAMES, model=model).coefficients:
        assert coefficient.low == coefficient.value == coefficient.high


def test_a_weight_of_two_is_two_photos() -> None:
    outcome, X, _ = _newspaper(3)
    twice = np.arange(len(X)) % 3 == 0
    rows = np.concatenate([np.arange(len(X)), np.flatnonzero(twice)])
    repeated = Outcome(
        outcome.prediction[rows],
        outcome.label[rows],
        outcome.inclusion[rows],
        outcome.weight[rows],
        outcome.edition[rows],
    )
    weighted = replace(outcome, weight=1.0 + twice)
    for model in ("linear", "logit"):
        assert _values(weighted, X, model) == pytest.approx(_values(repeated, X[rows], model))


def test_a_picked_label_settles_its_own_photo() -> None:
    outcome, X, y = _newspaper(4)
    open_photo = int(np.flatnonzero(np.isnan(outcome.label))[0])
    label = outcome.label.copy()
    label[open_photo] = y[open_photo]
    picked = replace(outcome, label=label)
    by_hand = picked.prediction.copy()
    by_hand[open_photo] = y[open_photo]
    assert _values(picked, X) == pytest.approx(_values(replace(outcome, prediction=by_hand), X))
    assert regress(picked, X, NAMES).picked == 1


@pytest.mark.parametrize("model", ["linear", "logit"])
@pytest.mark.parametrize("estimand", ["these", "practice"])
def test_intervals_hold_the_difference_of_special_editions(
    model: Model, estimand: Estimand
) -> None:
    """The truth of practice is 0: special editions are like others, though larger."""
    held = []
    for seed in range(200):
        outcome, X, y = _newspaper(seed, special=0.0, shift=0.5)
        truth = 0.0
        if estimand == "these":
            truth = _values(_all_labelled(outcome, y), X, model)[1]
        found = regress(outcome, X, NAMES, model=model, estimand=estimand).coefficients[1]
        held.append(found.low <= truth <= found.high)
    assert 0.915 < np.mean(held) < 0.985


def test_a_shift_of_scans_makes_no_difference() -> None:
    """Scans of special editions are off; the machine alone takes it for a difference."""
    machine, corrected = [], []
    for seed in range(100):
        outcome, X, _ = _newspaper(seed, special=0.0, shift=0.8)
        alone = Outcome(
            outcome.prediction,
            outcome.prediction,
            np.ones(len(X)),
            outcome.weight,
            outcome.edition,
        )
        machine.append(regress(alone, X, NAMES, estimand="practice").coefficients[1].p < 0.05)
        corrected.append(regress(outcome, X, NAMES, estimand="practice").coefficients[1].p < 0.05)
    assert np.mean(machine) > 0.8
    assert np.mean(corrected) <= 0.1


def test_a_few_photos_that_all_say_no_do_not_make_it_sure() -> None:
    """They are certain that none shows it; ten photos more are as the machine expects."""
    outcome, X, _ = _newspaper(6, drawn=60)
    certain = replace(
        outcome,
        prediction=np.full(len(X), 0.01),
        label=np.where(outcome.drawn, 0.0, np.nan),
    )
    m, pi = int(outcome.drawn.sum()), outcome.inclusion[outcome.drawn]
    square = (m * 0.01**2 + 10 * 0.01 * 0.99) / (m + 10)
    rows = (X[outcome.drawn] @ np.linalg.inv(X.T @ X)) ** 2
    expected = (rows * ((1 - pi) / pi**2 * square)[:, None]).sum(axis=0) * m / (m - 3)
    errors = [c.error for c in regress(certain, X, NAMES).coefficients]
    assert errors == pytest.approx(np.sqrt(expected))


def test_without_a_draw_it_is_refused() -> None:
    outcome, X, _y = _newspaper(7)
    picked = replace(outcome, inclusion=np.full(len(X), np.nan))
    found = regress(picked, X, NAMES)
    assert found.coefficients == ()
    assert found.refused is not None
    assert "no photo was drawn by chance" in found.refused
    assert "30 photos or more" in found.refused


def test_a_group_with_few_drawn_photos_is_refused() -> None:
    outcome, X, _y = _newspaper(8)
    few = np.flatnonzero((X[:, 1] == 1) & outcome.drawn)[4:]
    label, inclusion = outcome.label.copy(), outcome.inclusion.copy()
    label[few] = inclusion[few] = np.nan
    refused = regress(replace(outcome, label=label, inclusion=inclusion), X, NAMES).refused
    assert refused is not None
    assert "only 4 of" in refused
    assert "special = 1 were drawn: draw 6 more" in refused


def test_few_editions_tell_of_themselves_only() -> None:
    outcome, X, _ = _newspaper(9, editions=5, drawn=120)
    assert regress(outcome, X, NAMES).refused is None
    refused = regress(outcome, X, NAMES, estimand="practice").refused
    assert refused is not None
    assert "ask for these editions, or add 1" in refused


def test_log_odds_that_are_not_finite_are_refused() -> None:
    outcome, X, _y = _newspaper(10)
    none = Outcome(
        np.where(X[:, 1] == 1, 0.0, outcome.prediction),
        np.where((X[:, 1] == 1) & outcome.drawn, 0.0, outcome.label),
        outcome.inclusion,
        outcome.weight,
        outcome.edition,
    )
    refused = regress(none, X, NAMES, model="logit").refused
    assert refused is not None
    assert "no finite log odds" in refused
    assert regress(none, X, NAMES).refused is None


def test_columns_that_say_the_same_are_an_error() -> None:
    outcome, X, _ = _newspaper(11)
    with pytest.raises(ValueError, match="say the same twice"):
        regress(outcome, np.column_stack([X, 1 - X[:, 1]]), (*NAMES, "ordinary"))
