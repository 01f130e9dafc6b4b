from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate
from scipy.stats import ttest_ind

from pipelines.statistics.across import (
    AcrossEstimate,
    difference,
    difference_of_means,
    estimate,
    means_of,
)
from pipelines.statistics.bootstrap import DRAWS, RatioEstimate
from pipelines.statistics.measure import Estimand, stratum
from pipelines.statistics.share_series import Sample, Series

POOLED, EACH = Estimand.SHARE_OF_PHOTOS, Estimand.MEAN_EDITION_SHARE


def series(
    editions: Sequence[Sequence[float]],
    answers: Sequence[Sequence[float | None]] | None = None,
    *,
    drawn: bool = True,
) -> Series:
    """Return the parts of editions whose photos have these probabilities and settled answers."""
    p = np.concatenate([np.asarray(photos, float) for photos in editions])
    at = np.repeat(np.arange(len(editions)), np.array([len(photos) for photos in editions], int))
    settled = np.full(len(p), np.nan)
    if answers is not None:
        settled = np.concatenate([np.asarray(some, float) for some in answers])
    known = ~np.isnan(settled)
    h = np.array([stratum(each) for each in p], int)
    opened = np.zeros((len(editions), 4))
    np.add.at(opened, (at[~known], h[~known]), 1.0)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(at, values, len(editions)).astype(float)

    sampled = known & drawn
    return Series(
        weight=total(np.ones(len(p))),
        machine=total(p),
        settled=total(np.where(known, settled, p)),
        variance=total(np.where(known, 0.0, p * (1 - p))),
        open=opened,
        sample=Sample(at[sampled], h[sampled], np.ones(sampled.sum()), (settled - p)[sampled]),
    )


def told(given: Series, estimand: Estimand = POOLED, confidence: float = 0.95) -> AcrossEstimate:
    return estimate(given, estimand=estimand, confidence=confidence)


def interval(found: AcrossEstimate) -> tuple[float, float]:
    assert found.interval is not None
    return found.interval


def daily(rng: np.random.Generator, editions: int) -> list[np.ndarray]:
    return [rng.beta(0.3, 1.0, rng.integers(4, 40)) for _ in range(editions)]


@pytest.mark.parametrize(("estimand", "value"), [(POOLED, 3.0 / 12), (EACH, (1.0 + 0.1) / 2)])
def test_the_two_shares_differ_where_editions_do(estimand: Estimand, value: float) -> None:
    found = told(series([[1.0, 1.0], [0.1] * 10]), estimand)
    assert found.value == pytest.approx(value)
    assert found.machine == pytest.approx(value)
    assert found.editions == 2
    assert "bootstrap" in found.method
    assert found.method.endswith("95 %")


@pytest.mark.parametrize("estimand", Estimand)
def test_editions_without_photos_are_left_out(estimand: Estimand) -> None:
    some = [[0.2, 0.4], [0.9], [0.1, 0.1, 0.3]]
    assert told(series([some[0], [], some[1], some[2], []]), estimand) == told(
        series(some), estimand
    )


def test_without_photos_there_is_nothing() -> None:
    assert told(series([[], []])) == AcrossEstimate(None, None, None, "no photos", 0)


def test_one_edition_says_nothing_of_others() -> None:
    assert told(series([[0.5, 0.5]])) == AcrossEstimate(0.5, 0.5, None, "one edition", 1)


@pytest.mark.parametrize("estimand", Estimand)
def test_an_estimate_is_the_same_each_time_and_in_any_order(estimand: Estimand) -> None:
    editions = daily(np.random.default_rng(1), 200)
    found = told(series(editions), estimand)
    assert told(series(editions), estimand) == found
    turned = told(series(editions[::-1]), estimand)
    assert turned.value == pytest.approx(found.value)
    assert interval(turned) == pytest.approx(interval(found), abs=0.005)


@given(st.integers(2, 30), st.integers(0, 10**6), st.sampled_from(Estimand))
def test_an_interval_holds_the_share(editions: int, seed: int, estimand: Estimand) -> None:
    found = told(series(daily(np.random.default_rng(seed), editions)), estimand)
    low, high = interval(found)
    assert found.value is not None
    assert 0 <= low <= found.value <= high <= 1


@pytest.mark.parametrize("estimand", Estimand)
def test_a_higher_level_is_wider(estimand: Estimand) -> None:
    given = series(daily(np.random.default_rng(5), 40))
    widths = [np.diff(interval(told(given, estimand, level)))[0] for level in (0.5, 0.9, 0.999)]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]


def test_the_linear_error_is_that_of_redrawn_editions() -> None:
    rng = np.random.default_rng(8)
    given = series(daily(rng, 300))
    spread = RatioEstimate.of(given.settled, given.weight)
    rows = rng.integers(0, 300, (4000, 300))
    drawn = given.settled[rows].sum(1) / given.weight[rows].sum(1)
    assert spread.error == pytest.approx(drawn.std(), rel=0.05)


def test_editions_alike_are_no_surer_than_the_detector_of_them() -> None:
    found = told(series([[0.5] * 10] * 20))
    error = (200 * 0.25) ** 0.5 / 200
    assert interval(found) == pytest.approx((0.5 - 2.093 * error, 0.5 + 2.093 * error), abs=2e-4)


@pytest.mark.parametrize(("p", "expected"), [(0.0, (0.0, 0.0183)), (1.0, (0.9817, 1.0))])
def test_what_was_never_seen_in_200_photos_has_the_rule_of_three(
    p: float, expected: tuple[float, float]
) -> None:
    assert interval(told(series([[p] * 10] * 20))) == pytest.approx(expected, abs=1e-4)


def test_where_all_is_reviewed_only_editions_vary() -> None:
    editions = [[0.3, 0.6], [0.2] * 5, [0.9] * 3]
    answers = [[1, 0], [0, 0, 0, 0, 1], [1, 1, 1]]
    found = told(series(editions, answers))
    assert found.value == pytest.approx(0.5)
    assert found.machine == pytest.approx((0.9 + 1.0 + 2.7) / 10)
    assert "all photos reviewed" in found.method
    assert interval(found)[0] < 0.5 < interval(found)[1]


def test_drawn_photos_correct_the_open_ones_of_their_stratum() -> None:
    # Of the photos told with 0.3, half truly show it; those told with 0.7 are as told.
    editions = [[0.3] * 4 + [0.7] * 4] * 10
    answers = [[at % 2, None, None, None, float(at < 7), None, None, None] for at in range(10)]
    found = told(series(editions, answers))
    assert found.machine == pytest.approx(0.5)
    assert found.value == pytest.approx((0.5 * 4 + 0.7 * 4) / 8)
    assert "20 reviewed photos drawn by chance" in found.method
    assert "few are drawn" in found.method


def test_too_few_drawn_photos_correct_nothing_but_are_settled() -> None:
    editions = [[0.3] * 4] * 10
    answers: list[list[float | None]] = [[1.0 if at < 3 else None, *[None] * 3] for at in range(10)]
    found = told(series(editions, answers))
    assert found.value == pytest.approx((3 + 37 * 0.3) / 40)
    assert "calibrated probabilities" in found.method


def test_reviews_that_were_not_drawn_by_chance_settle_and_correct_nothing() -> None:
    editions = [[0.3] * 4] * 10
    answers = [[1.0, None, None, None] for _ in range(10)]
    found = told(series(editions, answers, drawn=False))
    assert found.value == pytest.approx((10 + 30 * 0.3) / 40)


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_one_stratum_of_single_photos_is_prediction_powered_inference(confidence: float) -> None:
    """As ppi-python has it: Angelopoulos et al. 2023, with lambda 1."""
    rng = np.random.default_rng(6)
    p = rng.uniform(0.1, 0.5, 4000)
    y = (rng.random(4000) < p**1.3).astype(float)
    reviewed = np.arange(4000) < 600
    ours = told(
        series(p[:, None].tolist(), np.where(reviewed, y, np.nan)[:, None].tolist()),
        confidence=confidence,
    )
    parts = y[reviewed], p[reviewed], p[~reviewed]
    theirs = ppi_mean_pointestimate(*parts, lam=1.0)
    low, high = ppi_mean_ci(*parts, alpha=1 - confidence, lam=1.0)
    half = float(high[0] - low[0]) / 2
    assert ours.value == pytest.approx(float(theirs[0]), abs=0.05 * half)
    assert np.diff(interval(ours))[0] / 2 == pytest.approx(half, rel=0.08)


def test_area_weights_weigh_residuals_too() -> None:
    rng = np.random.default_rng(3)
    base = series([[0.3] * 6] * 40, [[*map(float, rng.random(3) < 0.5), *[None] * 3]] * 40)
    doubled = Series(
        base.weight * 2,
        base.machine * 2,
        base.settled * 2,
        base.variance * 4,
        base.open * 2,
        Sample(
            base.sample.edition,
            base.sample.stratum,
            base.sample.weight * 2,
            base.sample.residual,
        ),
    )
    for estimand in Estimand:
        one, two = told(base, estimand), told(doubled, estimand)
        assert two.value == pytest.approx(one.value)
        assert interval(two) == pytest.approx(interval(one), abs=1e-4)


def test_a_difference_is_that_of_two_shares() -> None:
    rng = np.random.default_rng(2)
    first, second = series(daily(rng, 50)), series(daily(rng, 70))
    found = difference(first, second, estimand=POOLED, confidence=0.95)
    values = told(first).value, told(second).value
    assert found.value == pytest.approx(values[0] - values[1])  # type: ignore[operator]
    assert found.interval is not None
    assert found.p_value is not None
    assert (found.p_value < 0.05) == (not found.interval[0] <= 0 <= found.interval[1])
    assert found.editions == (50, 70)
    turned = difference(second, first, estimand=POOLED, confidence=0.95)
    assert turned.value == pytest.approx(-found.value)  # type: ignore[operator]
    assert turned.p_value == pytest.approx(found.p_value)


@pytest.mark.parametrize("other", [[[0.5, 0.2]], [[]]])
def test_too_few_editions_have_no_difference_with_an_interval(other: list[list[float]]) -> None:
    several = series(daily(np.random.default_rng(2), 5))
    found = difference(several, series(other), estimand=EACH, confidence=0.95)
    assert (found.interval, found.p_value) == (None, None)
    assert (found.value is None) == (other == [[]])


def test_a_difference_of_means_is_welchs() -> None:
    rng = np.random.default_rng(4)
    first, second = rng.normal(6, 1, 30), rng.normal(7, 2, 25)
    found = difference_of_means(np.append(first, np.nan), second, confidence=0.9)
    theirs = ttest_ind(first, second, equal_var=False)
    assert found.p_value == pytest.approx(theirs.pvalue, rel=0.05)
    expected = theirs.confidence_interval(0.9)
    assert found.interval == pytest.approx((expected.low, expected.high), rel=0.03)
    assert found.value == pytest.approx(first.mean() - second.mean())


def test_a_mean_of_editions_has_the_interval_of_a_mean() -> None:
    rng = np.random.default_rng(4)
    pages = rng.normal(6, 1, 200)
    (found,) = means_of([np.append(pages, np.nan)], confidence=0.95)
    error = pages.std(ddof=1) / 200**0.5
    assert found.value == pytest.approx(pages.mean())
    assert found.editions == 200
    assert interval(found) == pytest.approx(
        (pages.mean() - 1.96 * error, pages.mean() + 1.96 * error), abs=0.35 * error
    )


@pytest.mark.parametrize(
    ("values", "expected", "between"),
    [([], None, None), ([np.nan], None, None), ([6.0], 6.0, None), ([6.0] * 4, 6.0, (6.0, 6.0))],
)
def test_means_of_few_or_equal_numbers(
    values: list[float], expected: float | None, between: tuple[float, float] | None
) -> None:
    (found,) = means_of([np.array(values)], confidence=0.95)
    assert (found.value, found.interval) == (expected, between)


def test_equal_means_do_not_differ_and_unequal_ones_surely_do() -> None:
    six, eight = np.full(5, 6.0), np.full(4, 8.0)
    same = difference_of_means(six, six, confidence=0.95)
    assert (same.value, same.interval, same.p_value) == (0.0, (0.0, 0.0), 1.0)
    other = difference_of_means(six, eight, confidence=0.95)
    assert (other.value, other.interval, other.p_value) == (-2.0, (-2.0, -2.0), 0.0)


def test_there_are_enough_draws_for_high_levels() -> None:
    assert (DRAWS + 1) * 0.005 >= 2
