from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import root
from scipy.special import expit, logit

from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.misclassification import CoderAccuracy, Rate
from presslens.pipelines.statistics.moments import Model
from presslens.pipelines.statistics.photo_table import PhotoTable
from presslens.pipelines.statistics.recalibration import recalibrate
from presslens.pipelines.statistics.regression import regress

NAMES = ("intercept", "special", "years")


def _newspaper(seed, *, editions=60, special=0.8, drawn=300, shift=0.0):
    """A newspaper of which all is known: its photos, the columns, and all labels.

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
    odd = np.where(machine > 0.5, 3.0, 1.0)
    pi = np.minimum(1, drawn * odd / odd.sum())
    chosen = rng.random(n) < pi
    X = np.stack([np.ones(n), is_special[edition], edition / editions], axis=1)
    table = PhotoTable(
        edition=edition,
        probability=machine,
        weight=np.ones(n),
        label=np.where(chosen, y, np.nan),
        inclusion=np.where(chosen, pi, np.nan),
        framed=np.ones(n, bool),
        editions=[str(i) for i in range(editions)],
        periods=[("newspaper",)] * editions,
    )
    return table, X, y


def _regress(table, X, model=Model.LINEAR, inference=Inference.THESE):
    return regress(table, table.probability, X, NAMES, model=model, inference=inference)


def _recalibrated(table, X, model, inference):
    prediction = expit(recalibrate(table, edition_spread=0.3).logits)
    return regress(table, prediction, X, NAMES, model=model, inference=inference)


def _census(table, y):
    return replace(table, label=y, inclusion=np.ones(len(y)))


def _values(table, X, model=Model.LINEAR):
    return [c.value for c in _regress(table, X, model).coefficients]


@pytest.mark.parametrize("model", list(Model))
def test_coefficients_solve_the_moments_of_design_based_supervised_learning(model):
    table, X, y = _newspaper(1)
    labelled = table.sampled
    mean = expit if model is Model.LOGIT else (lambda t: t)

    def moments(b):  # as in the paper: predicted plus R / pi of the rest
        of_predictions = X * (table.probability - mean(X @ b))[:, None]
        of_labels = X * (np.where(labelled, y, 0) - mean(X @ b))[:, None]
        chance = np.where(labelled, table.inclusion, 1.0)
        corrected = (labelled / chance)[:, None] * (of_labels - of_predictions)
        return (of_predictions + corrected).mean(axis=0)

    solution = root(moments, np.zeros(3), tol=1e-12)
    assert solution.success
    assert _values(table, X, model) == pytest.approx(solution.x, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("model", list(Model))
def test_with_every_label_it_is_the_regression_of_statsmodels(model):
    api = pytest.importorskip("statsmodels.api")
    table, X, y = _newspaper(2)
    census = _census(table, y)
    kind = api.OLS if model is Model.LINEAR else api.Logit
    options = {"disp": 0} if model is Model.LOGIT else {}
    fit = kind(y, X).fit(cov_type="cluster", cov_kwds={"groups": table.edition}, **options)
    of_practice = _regress(census, X, model, Inference.PRACTICE).coefficients
    assert [c.value for c in of_practice] == pytest.approx(fit.params, abs=1e-6)
    # CR2 is somewhat wider than the usual sandwich: 60 editions, 15 of them special.
    ratio = np.array([c.error for c in of_practice]) / fit.bse
    assert ((ratio > 0.98) & (ratio < 1.12)).all()
    for coefficient in _regress(census, X, model).coefficients:
        assert coefficient.low == coefficient.value == coefficient.high


def test_a_weight_of_two_is_two_photos():
    table, X, _ = _newspaper(3)
    twice = np.arange(len(X)) % 3 == 0
    rows = np.concatenate([np.arange(len(X)), np.flatnonzero(twice)])
    weighted = replace(table, weight=1.0 + twice)
    for model in Model:
        repeated = _values(table.at(rows), X[rows], model)
        assert _values(weighted, X, model) == pytest.approx(repeated)


def test_a_picked_label_changes_nothing_where_the_sample_stands_for_the_photo():
    table, X, y = _newspaper(4)
    open_photo = int(np.flatnonzero(~table.answered)[0])
    label = table.label.copy()
    label[open_photo] = y[open_photo]
    picked = _regress(replace(table, label=label), X)
    assert picked.picked == 1
    assert picked.coefficients == _regress(table, X).coefficients


def test_all_labels_together_are_a_census_also_if_some_were_picked():
    table, X, y = _newspaper(5)
    mixed = _regress(replace(table, label=y), X)
    assert mixed.picked > 0
    for coefficient, expected in zip(
        mixed.coefficients, np.linalg.lstsq(X, y, rcond=None)[0], strict=True
    ):
        assert coefficient.low == coefficient.high == pytest.approx(expected)


@pytest.mark.parametrize("model", list(Model))
@pytest.mark.parametrize("inference", list(Inference))
def test_intervals_hold_the_difference_of_special_editions(model, inference):
    """The truth of practice is 0: special editions are like others, though larger."""
    held = []
    for seed in range(150):
        table, X, y = _newspaper(seed, special=0.0, shift=0.5)
        truth = 0.0
        if inference is Inference.THESE:
            truth = _values(_census(table, y), X, model)[1]
        found = _recalibrated(table, X, model, inference).coefficients[1]
        held.append(found.low <= truth <= found.high)
    assert 0.9 < np.mean(held) < 0.99


def test_a_shift_of_scans_makes_no_difference():
    """Scans of special editions are off; the machine alone takes it for a difference."""
    machine, corrected = [], []
    for seed in range(100):
        table, X, _ = _newspaper(seed, special=0.0, shift=0.8)
        alone = _census(table, table.probability)
        machine.append(
            _regress(alone, X, inference=Inference.PRACTICE).coefficients[1].p_value < 0.05
        )
        corrected.append(
            _regress(table, X, inference=Inference.PRACTICE).coefficients[1].p_value < 0.05
        )
    assert np.mean(machine) > 0.8
    assert np.mean(corrected) <= 0.1


def _trends(alike, count=80):
    """Low, high and method of trends that are none, in 60 editions that are alike in a row."""
    found = []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        table, X, _ = _newspaper(seed, special=0.0, drawn=300)
        level = rng.normal(size=60)
        for i in range(1, 60):
            level[i] = alike * level[i - 1] + np.sqrt(1 - alike**2) * level[i]
        y = (rng.random(len(X)) < expit(-1.4 + 0.5 * level[table.edition])).astype(float)
        fit = _regress(_census(table, y), X, Model.LINEAR, Inference.PRACTICE)
        found.append((fit.coefficients[2].low, fit.coefficients[2].high, fit.method))
    return found


def test_editions_in_a_row_that_are_alike_make_no_trend():
    found = _trends(0.6)
    assert np.mean([low <= 0 <= high for low, high, _ in found]) > 0.9  # by editions: 0.77
    assert np.mean(["are alike: correlation" in method for *_, method in found]) > 0.35


def test_editions_that_are_not_alike_are_the_clusters():
    found = _trends(0.0)
    assert np.mean([low <= 0 <= high for low, high, _ in found]) > 0.88
    assert np.mean(["are alike" not in method for *_, method in found]) > 0.65


def test_a_few_photos_that_nearly_all_say_no_do_not_make_it_sure():
    """They see less than the machine expects: ten photos more are as it does."""
    table, X, _ = _newspaper(6, drawn=60)
    none = np.where(table.drawn, 0.0, np.nan)
    certain = replace(table, probability=np.full(len(X), 0.05), label=none)
    for model in Model:
        assert "all drawn photos have the same answer" in _regress(certain, X, model).refused
    one = np.argmax(np.where(table.drawn, table.inclusion, 0.0))
    certain.label[one] = 1.0
    m, pi = int(table.drawn.sum()), table.inclusion[table.drawn]
    square = (m * (certain.label[table.drawn] - 0.05) ** 2 + 10 * 0.05 * 0.95) / (m + 10)
    rows = (X[table.drawn] @ np.linalg.inv(X.T @ X)) ** 2
    expected = (rows * ((1 - pi) / pi**2 * square)[:, None]).sum(axis=0) * m / (m - 3)
    errors = [c.error for c in _regress(certain, X).coefficients]
    assert errors == pytest.approx(np.sqrt(expected))


def test_photos_without_an_answer_widen_the_interval():
    table, X, _ = _newspaper(7)
    label = table.label.copy()
    lost = np.flatnonzero(table.drawn)[::7]
    label[lost] = np.nan
    narrow = [c.high - c.low for c in _regress(table, X).coefficients]
    wide = [c.high - c.low for c in _regress(replace(table, label=label), X).coefficients]
    # One in seven lost costs more than one in seven fewer drawn would.
    assert (np.array(wide) > np.array(narrow) * np.sqrt(7 / 6)).all()


def test_without_a_draw_it_is_refused():
    table, X, _ = _newspaper(7)
    found = _regress(replace(table, inclusion=np.full(len(X), np.nan)), X)
    assert found.coefficients == ()
    assert "no photo was drawn by chance" in found.refused
    assert "30 photos or more" in found.refused


def test_editions_that_were_not_in_the_frame_are_refused():
    table, X, _ = _newspaper(7)
    later = table.edition >= 58
    found = _regress(
        replace(
            table,
            framed=~later,
            label=np.where(later, np.nan, table.label),
            inclusion=np.where(later, np.nan, table.inclusion),
        ),
        X,
    )
    assert "draw from their 2 editions (newspaper) too" in found.refused


def test_a_group_with_few_drawn_photos_is_refused():
    table, X, _ = _newspaper(8)
    few = np.flatnonzero((X[:, 1] == 1) & table.drawn)[4:]
    label, inclusion = table.label.copy(), table.inclusion.copy()
    label[few] = inclusion[few] = np.nan
    refused = _regress(replace(table, label=label, inclusion=inclusion), X).refused
    assert "only 4 of" in refused
    assert "special = 1 drawn: draw 6 more" in refused


def test_few_editions_tell_of_themselves_only():
    table, X, _ = _newspaper(9, editions=5, drawn=120)
    assert _regress(table, X).refused is None
    refused = _regress(table, X, inference=Inference.PRACTICE).refused
    assert "ask about these editions, or add 5" in refused


def test_log_odds_that_are_not_finite_are_refused():
    table, X, _ = _newspaper(10)
    special = X[:, 1] == 1
    none = replace(
        table,
        probability=np.where(special, 0.0, table.probability),
        label=np.where(special & table.drawn, 0.0, table.label),
    )
    refused = _regress(none, X, Model.LOGIT).refused
    assert "no finite log odds" in refused
    assert _regress(none, X).refused is None


def test_columns_that_say_the_same_are_an_error():
    table, X, _ = _newspaper(11)
    with pytest.raises(ValueError, match="say the same twice"):
        regress(table, table.probability, np.column_stack([X, 1 - X[:, 1]]), (*NAMES, "ordinary"))


def test_errors_of_coders_are_taken_out_of_each_coefficient():
    rng = np.random.default_rng(4)
    half = (np.arange(4000) % 2).astype(float)
    truth = rng.random(4000) < 0.2 + 0.2 * half
    seen = (rng.random(4000) < np.where(truth, 0.8, 0.1)).astype(float)
    table = replace(coded(seen), label=seen)
    X = np.stack([np.ones(4000), half], axis=1)
    names = ("intercept", "half")

    def slopes(coders, model=Model.LINEAR):
        return regress(table, seen, X, names, model=model, coders=coders)

    (_, raw), (_, true) = (
        slopes(one).coefficients for one in (None, CoderAccuracy.of_rates(Rate(0.8), Rate(0.9)))
    )
    assert true.value == pytest.approx(raw.value / 0.7)
    assert true.low < 0.2 < true.high
    assert raw.high - raw.low == 0.0  # all labels are known, and taken as right
    told = CoderAccuracy.of_rates(Rate(0.8, 50), Rate(0.9, 50))
    found = slopes(told)
    unsure = found.coefficients[1]
    assert unsure.value == pytest.approx(true.value, rel=0.05)
    assert unsure.high - unsure.low > true.high - true.low
    assert "sensitivity 0.80 (of 50 photos), specificity 0.90" in found.method
    odds = slopes(told, Model.LOGIT).coefficients[1]
    assert odds.low < np.log(0.4 / 0.6 / (0.2 / 0.8)) < odds.high


def coded(label):
    """Return photos of 40 editions, all of them labelled."""
    n = len(label)
    nothing = np.full(n, np.nan)
    return PhotoTable(
        edition=np.arange(n) // (n // 40),
        probability=np.full(n, 0.3),
        weight=np.ones(n),
        label=label,
        inclusion=nothing,
        framed=np.zeros(n, bool),
        editions=[f"{i:02}" for i in range(40)],
        periods=[("newspaper",)] * 40,
    )
