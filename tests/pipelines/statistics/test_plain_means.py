import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.plain_means import FEWEST_EDITIONS, difference_of, mean_of

THESE, PRACTICE = Inference.THESE, Inference.PRACTICE
PAGES = np.array([6.0, 8.0])


def test_the_mean_of_these_editions_is_what_it_is():
    made = mean_of(PAGES, inference=THESE, confidence=0.95)
    assert (made.value, made.interval, made.refused, made.editions) == (7.0, None, None, 2)
    assert made.method == "mean of these 2 editions, counted"


def test_editions_where_it_is_not_known_are_named():
    made = mean_of(np.array([4.0, np.nan]), inference=THESE, confidence=0.95)
    assert (made.value, made.editions) == (4.0, 1)
    assert "not known in 1 of 2" in made.method
    nothing = mean_of(np.array([np.nan]), inference=THESE, confidence=0.95)
    assert (nothing.value, nothing.interval, nothing.editions) == (None, None, 0)


def test_errors_of_counting_move_the_mean_of_these_editions():
    errors = np.array([[5.0, 9.0], [8.0, 11.0]])
    made = mean_of(PAGES, inference=THESE, confidence=0.95, errors=errors, bounds=(0.0, 9.5))
    assert made.interval == (6.5, 9.5)
    assert "errors of counting" in made.method


def test_few_editions_have_no_practice_and_say_how_many_would():
    made = mean_of(PAGES, inference=PRACTICE, confidence=0.95)
    assert (made.value, made.interval) == (7.0, None)
    assert f"takes {FEWEST_EDITIONS} editions or more, not 2" in made.refused


def specials(rng, n):
    return rng.poisson(np.where(rng.random(n) < 0.15, 90, 20)).astype(float)


def neighbours(rng, n):
    values = [0.0]
    for error in rng.normal(size=n + 49):
        values.append(0.5 * values[-1] + error)
    return np.array(values[-n:]) + 30.5


@pytest.mark.parametrize("draw", [specials, neighbours])
@pytest.mark.parametrize("n", [20, 60])
def test_practice_is_covered_though_editions_are_skew_or_alike(draw, n):
    rng, inside, worlds = np.random.default_rng(7), 0, 500
    for _ in range(worlds):
        made = mean_of(draw(rng, n), inference=PRACTICE, confidence=0.95)
        inside += made.interval[0] <= 30.5 <= made.interval[1]
    assert 0.91 <= inside / worlds < 1


@given(st.lists(st.floats(0, 1), min_size=FEWEST_EDITIONS, max_size=60))
def test_intervals_of_practice_stay_inside_what_is_possible(values):
    made = mean_of(np.array(values), inference=PRACTICE, confidence=0.95, bounds=(0.0, 1.0))
    low, high = made.interval
    assert 0 <= low <= made.value + 1e-9
    assert made.value - 1e-9 <= high <= 1


def test_a_difference_between_these_editions_has_no_p_value():
    made = difference_of(PAGES, np.array([6.0]), inference=THESE, confidence=0.95)
    assert (made.value, made.interval, made.p_value, made.refused) == (1.0, None, None, None)


def test_one_edition_has_no_practice_to_compare_and_is_sent_to_its_baseline():
    made = difference_of(np.array([8.0]), PAGES, inference=PRACTICE, confidence=0.95)
    assert made.interval is made.p_value is None
    assert "presslens baseline" in (made.refused or "")


def test_differences_are_found_where_there_are_some_and_seldom_where_there_are_none():
    rng, false, worlds = np.random.default_rng(3), 0, 400
    for _ in range(worlds):
        a, b = specials(rng, 40), specials(rng, 40)
        p_value = difference_of(a, b, inference=PRACTICE, confidence=0.95).p_value
        false += p_value < 0.05
    assert false / worlds <= 0.07
    a, b = rng.poisson(20, 40).astype(float), rng.poisson(30, 40).astype(float)
    found = difference_of(a, b, inference=PRACTICE, confidence=0.95)
    assert found.interval[1] < 0
    assert (found.p_value or 1) < 0.001


def test_errors_of_counting_are_no_evidence_of_a_difference():
    rng = np.random.default_rng(5)
    a, b = rng.poisson(20, 40).astype(float), rng.poisson(24, 40).astype(float)
    wide = tuple(np.column_stack([v - 3, v + 3]) for v in (a, b))
    plain = difference_of(a, b, inference=PRACTICE, confidence=0.95)
    unsure = difference_of(a, b, inference=PRACTICE, confidence=0.95, errors=wide)
    assert (plain.p_value or 1) < 0.05 < (unsure.p_value or 0)
    assert math.isclose(unsure.interval[0], plain.interval[0] - math.hypot(3, 3))


def test_equal_editions_differ_or_do_not():
    same = np.full(FEWEST_EDITIONS, 6.0)
    made = difference_of(same, same, inference=PRACTICE, confidence=0.95)
    assert (made.interval, made.p_value) == ((0.0, 0.0), 1.0)
    assert mean_of(same, inference=PRACTICE, confidence=0.95).interval == (6.0, 6.0)
