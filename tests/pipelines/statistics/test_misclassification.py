"""Shares that erring coders count are corrected, and their intervals hold the truth."""

import numpy as np
import pytest

from presslens.models.accuracy import wilson
from presslens.pipelines.statistics.coders import CodedPhoto, coder_accuracy
from presslens.pipelines.statistics.misclassification import CoderAccuracy, Rate

LEVEL = 0.95


def exactly(s, c):
    return CoderAccuracy(np.full(500, s), np.full(500, c), 100, 10, "given")


def test_a_known_accuracy_is_solved_for():
    # Of 30 % that show it 90 % are said to; of the others 5 %: 30.5 % are counted.
    value, low, high = exactly(0.9, 0.95).carry(0.305, 0.26, 0.35, confidence=LEVEL)
    assert value[0] == pytest.approx(0.3)
    assert (low[0], high[0]) == pytest.approx((0.3 - 0.045 / 0.85, 0.3 + 0.045 / 0.85), abs=0.003)


def test_what_rates_leave_open_does_not_go_with_what_the_draw_does():
    rng = np.random.default_rng(1)
    by_chance = rng.beta(90.5, 10.5, 40_000), rng.beta(57.5, 3.5, 40_000)
    stated = CoderAccuracy.of_rates(Rate(0.9, 100), Rate(0.95, 60))
    of_draws = CoderAccuracy(*by_chance, 100, 10, "given")
    found, expected = (
        np.ravel(one.carry(0.3, 0.25, 0.35, confidence=LEVEL)) for one in (stated, of_draws)
    )
    assert found == pytest.approx(expected, abs=0.006)


def test_editions_add_up_to_their_period_still():
    accuracy = coder_accuracy([CodedPhoto(2, 0)] * 30 + [CodedPhoto(1, 1)] * 8)
    shares, photos = np.array([0.2, 0.4, 0.5]), np.array([30, 50, 20])
    corrected, low, high = accuracy.carry(shares, shares, shares, confidence=LEVEL, photos=photos)
    pooled = float(shares @ photos / photos.sum())
    whole, *_ = accuracy.carry(pooled, pooled, pooled, confidence=LEVEL)
    assert corrected @ photos / photos.sum() == pytest.approx(whole[0])
    assert (low < corrected).all()
    assert (corrected < high).all()


@pytest.mark.parametrize("value", [0.0, 0.003, 0.999, 1.0])
def test_no_end_leaves_what_is_possible(value):
    accuracy = coder_accuracy([CodedPhoto(2, 0)] * 10 + [CodedPhoto(1, 1)] * 5)
    ends = accuracy.carry(value, max(0, value - 0.01), min(1, value + 0.01), confidence=LEVEL)
    point, low, high = (float(x[0]) for x in ends)
    assert 0 <= low <= point <= high <= 1
    assert high - low > 0.009


def test_counts_that_contradict_the_accuracy_are_cut():
    point, low, _ = exactly(0.9, 0.8).carry(0.0, 0.0, 0.0, confidence=LEVEL)
    assert point[0] == low[0] == 0.0


def test_yes_and_no_are_treated_alike():
    for s, c, v, low, high in [(0.9, 0.8, 0.76, 0.7, 0.82), (0.6, 0.9, 0.55, 0.5, 0.62)]:
        found = CoderAccuracy.of_cells(f"{s}", f"{c}").carry(v, low, high, confidence=LEVEL)
        turned = CoderAccuracy.of_cells(f"{c}", f"{s}").carry(
            1 - v, 1 - high, 1 - low, confidence=LEVEL
        )
        value, *ends = (1 - float(x[0]) for x in turned)
        assert np.ravel(found) == pytest.approx([value, *reversed(ends)], abs=0.001)
        assert found[0] + 0.05 < found[2]


@pytest.mark.parametrize("cells", [("1", "0.51"), ("0.51", "0.51"), ("0.51", "1")])
def test_certain_rates_that_labels_contradict_leave_no_certain_share(cells):
    accuracy = CoderAccuracy.of_cells(*cells)
    v, ends = (0.77, (0.73, 0.81)) if cells[1] == "1" else (0.23, (0.19, 0.27))
    assert accuracy.contradicts(v, *ends, confidence=LEVEL, photos=1e9)
    _, low, high = (float(x[0]) for x in accuracy.carry(v, *ends, confidence=LEVEL))
    assert low <= ends[0] < ends[1] <= high
    assert not CoderAccuracy.of_cells("1", "0.9").contradicts(
        v, *ends, confidence=LEVEL, photos=1e9
    )


@pytest.mark.parametrize(
    "draws", [[1.0] * 9, [0.51, 1.0], [1 - 1e-16, 1.0], 1 - np.arange(9) * 1e-9, [0.9, 0.91]]
)
def test_rates_of_draws_are_ones_that_a_cell_states(draws):
    rate = Rate.of_draws(np.array(draws))
    assert Rate.parse(rate.cell) == rate


@pytest.mark.parametrize("text", ["1e308/1e308", "1e-5/1e-5", "1/0", "5/nan", "nan/5", "46/inf"])
def test_rates_of_no_number_of_photos_are_refused(text):
    with pytest.raises(ValueError, match="is not"):
        Rate.parse(text)


def test_without_double_coding_nothing_is_corrected():
    found = CoderAccuracy.without_error().carry([0.2], [0.1], [0.3], confidence=LEVEL)
    assert [float(x[0]) for x in found] == [0.2, 0.1, 0.3]
    assert CoderAccuracy.without_error().to_json() == {
        "sensitivity": None,
        "specificity": None,
        "n": 0,
        "adjudicated": 0,
        "method": "coders' answers count as right: no photo was coded by two people",
    }


def test_a_difference_is_attenuated_by_errors():
    accuracy = exactly(0.9, 0.9)
    less, low, high = accuracy.carry_difference(
        [0.34, 0.26], [0.3, 0.22], [0.38, 0.3], confidence=LEVEL
    )
    assert less == pytest.approx(0.1)
    assert (low, high) == pytest.approx((0.1 - 0.0707, 0.1 + 0.0707), abs=0.006)
    raw = CoderAccuracy.without_error().carry_difference(
        [0.34, 0.26], [0.3, 0.22], [0.38, 0.3], confidence=LEVEL
    )
    assert raw == pytest.approx((0.08, 0.08 - 0.0566, 0.08 + 0.0566), abs=0.001)


@pytest.mark.parametrize("runs", [20, pytest.param(120, marks=pytest.mark.long)])
@pytest.mark.parametrize(("share", "s", "c"), [(0.15, 0.85, 0.97), (0.4, 0.9, 0.9)])
def test_intervals_hold_the_truth(share, s, c, runs):
    rng = np.random.default_rng(5)
    held = raw = 0
    for _ in range(runs):
        shown = rng.random(1000) < share
        says = rng.random((2, 1000)) < np.where(shown, s, 1 - c)
        first, second = says
        photos = [
            CodedPhoto(int(a) + int(b), 2 - int(a) - int(b), bool(z) if a != b else None)
            for a, b, z in zip(first[:200], second[:200], shown, strict=False)
        ]
        value = float(first.mean())
        low, high = wilson(value, 1000) or (0.0, 1.0)
        raw += low <= share <= high
        _, lows, highs = coder_accuracy(photos).carry(value, low, high, confidence=LEVEL)
        held += bool(lows[0] <= share <= highs[0])
    assert held >= 0.9 * runs
    assert raw <= held
    assert runs == 20 or raw < held >= 0.91 * runs
