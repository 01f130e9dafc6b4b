"""What editions foretell of one more, by the textbook and in newspapers with nothing unusual."""

import numpy as np
import pytest
from scipy.stats import t as student

from presslens.pipelines.statistics.flags import BaselineRules, false_flags
from presslens.pipelines.statistics.forecast import foretold, foretold_next, slope_of, unforetold

LEVEL = BaselineRules().level
N = 40


def test_a_level_foretells_what_the_textbook_says():
    rng = np.random.default_rng(1)
    values = rng.permutation(500.0 + student.ppf((np.arange(N) + 0.5) / N, 30))
    low, high = foretold_next(values.tolist(), list(range(-N, 0)), LEVEL)
    reach = student.ppf(1 - LEVEL / 2, N - 1) * values.std(ddof=1) * np.sqrt(1 + 1 / N)
    # The other regressions reach farther, and never less far.
    assert low <= values.mean() - reach
    assert high >= values.mean() + reach
    assert high - low < 3 * reach


def test_a_trend_and_a_wave_are_foretold():
    days = np.arange(-N, 0.0)
    low, high = foretold_next((100 + days).tolist(), days.tolist(), LEVEL)
    assert low <= 100.0 <= high
    wave = 50 + 10 * np.sin(days / 6)
    low, high = foretold_next(wave.tolist(), days.tolist(), LEVEL)
    assert low <= 50.0 <= high


def test_a_special_edition_does_not_make_the_next_one_usual():
    values = [20.0 + i % 3 for i in range(N)]
    alone = foretold_next(values, list(range(-N, 0)), LEVEL)[1]
    values[10] = values[25] = 100.0
    assert foretold_next(values, list(range(-N, 0)), LEVEL)[1] < 40.0
    assert alone < 30.0


def test_one_number_is_foretold_by_the_others_alone():
    rng = np.random.default_rng(2)
    values = rng.poisson(8, (1, N)).astype(float)
    moved, days, at = values.copy(), np.arange(N, dtype=float)[None], np.array([N - 1])
    moved[0, -1] = 300.0
    limits = [np.ravel(foretold(rows, days, at, LEVEL)) for rows in (values, moved)]
    assert limits[0] == pytest.approx(limits[1])
    assert unforetold(moved[:, -1], moved, days, at, LEVEL).tolist() == [True]
    assert unforetold(np.median(values, axis=1), values, days, at, LEVEL).tolist() == [False]


def test_two_numbers_foretell_nothing_by_a_trend():
    low, high = foretold_next([5.0, 7.0], [-2.0, -1.0], LEVEL)
    assert low < 5.0 < 7.0 < high


def test_a_slope_is_that_of_least_squares_and_counts_tied_numbers():
    days = np.arange(30.0)
    steps = np.floor(days / 10)
    assert slope_of(days[None], steps[None])[0] == pytest.approx(np.polyfit(days, steps, 1)[0])
    special = 0.5 * days
    special[20] = 90.0
    assert slope_of(days[None], special[None])[0] == pytest.approx(0.5)


def newspapers(kind, rng, n):
    shocks = rng.standard_normal(n)
    wave = np.zeros(n)
    for i in range(n):
        wave[i] = 0.8 * (wave[i - 1] if i else 0.0) + shocks[i] * (0.6 if i else 1.0)
    days = np.arange(n)
    return {
        "independent": 30 + 4 * shocks,
        "alike": 30 + 4 * wave,
        "trend": 30 + 4 * shocks + days / 3,
        "counts": rng.poisson(1.0, n).astype(float),
        "six or eight": np.where(shocks > 1.75, 8.0, 6.0),
    }[kind]


@pytest.mark.parametrize("kind", ["independent", "alike", "trend", "counts", "six or eight"])
@pytest.mark.parametrize("n", [10, 20])
def test_as_many_of_the_next_editions_are_flagged_as_is_counted(kind, n):
    rng, rules = np.random.default_rng(3), BaselineRules()
    days, counted, true, worlds = list(range(-n, 1)), [], [], 60
    for _ in range(worlds):
        values = newspapers(kind, rng, n + 1).tolist()
        counted += false_flags(values[:-1], days[:-1], [None] * n, rules)
        # The next edition is the last of those that are counted, of one more.
        true.append(false_flags(values, days, [None] * (n + 1), rules)[-1])
    assert np.mean(true) == pytest.approx(np.mean(counted), abs=0.05)
    assert np.mean(true) <= 0.1
