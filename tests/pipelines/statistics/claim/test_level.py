"""Verdicts hold their level: over many editions, and over many claims."""

import itertools
import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import binom, norm, t

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.context import ClaimContext, StrictEstimates
from presslens.pipelines.statistics.claim.evaluate import judge
from presslens.pipelines.statistics.claim.level import difference_ends, ends_at, strict_ends
from presslens.pipelines.statistics.claim.lookup import order_tests
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.comparison import Difference
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric

DAY = date(2025, 12, 16)
TRUE, FALSE, OPEN = TruthValue.TRUE, TruthValue.FALSE, TruthValue.UNDECIDED
EDITIONS = 60
LAST = DAY + timedelta(days=EDITIONS - 1)


def measured(truth, generator, spread=0.25):
    """Return estimates of shares with intervals that hold the truth in 95 %."""
    logit = np.log(truth / (1 - truth)) + spread * generator.standard_normal(len(truth))
    ends = [1 / (1 + np.exp(-(logit + q * spread))) for q in (0.0, *norm.ppf([0.025, 0.975]))]
    return list(zip(*(np.asarray(column).tolist() for column in ends), strict=True))


def judged(verdict, make, rule, shares):
    days = [make(DAY + timedelta(days=i), children=one) for i, one in enumerate(shares)]
    return verdict(rule, *days, last=LAST)


@pytest.mark.parametrize(
    "rule",
    ["any(share(children) > 20 %)", "not all(share(children) <= 20 %)",
     "count(share(children) > 20 %) >= 1", "max(share(children)) > 20 %"],
)  # fmt: skip
@pytest.mark.parametrize("count", [20, pytest.param(120, marks=pytest.mark.long)])
def test_where_no_edition_is_above_a_verdict_says_so_in_one_of_twenty_at_most(
    verdict, make, rule, count
):
    generator = np.random.default_rng(14)
    truth = np.full(EDITIONS, 0.2)  # the hardest case: each lies on the edge
    runs = [
        judged(verdict, make, rule, measured(truth, generator)).truth is TRUE for _ in range(count)
    ]
    assert sum(runs) <= binom.ppf(0.999, len(runs), 0.05)


@pytest.mark.parametrize("rule", ["share(children) > 20 %", "all(share(children) > 20 %)",
                                  "min(share(children)) > 20 %"])  # fmt: skip
def test_every_edition_is_decided_where_all_are_clearly_above(verdict, make, rule):
    shares = measured(np.full(EDITIONS, 0.45), np.random.default_rng(5))
    found = judged(verdict, make, rule, shares)
    assert found.truth is TRUE
    assert found.level == 0.05


def test_one_edition_that_is_clearly_above_is_found_among_sixty(verdict, make):
    truth = np.full(EDITIONS, 0.1)
    truth[17] = 0.6
    shares = measured(truth, np.random.default_rng(6))
    found = judged(verdict, make, "any(share(children) > 25 %)", shares)
    assert found.truth is TRUE
    assert found.tests == EDITIONS
    document = found.to_json()
    assert document["simultaneous"] is True
    assert "corrected for 60 tests (Bonferroni" in document["correction"]
    (step,) = [one for one in document["comparisons"] if one["verdict"] == "true"]
    assert step["risk"] == pytest.approx(0.05 / EDITIONS, rel=1e-3)
    assert step["tested"][0][0] < step["left"]["interval"][0]


def test_one_of_sixty_that_is_below_makes_every_edition_false(verdict, make):
    truth = np.full(EDITIONS, 0.5)
    truth[3] = 0.05
    found = judged(
        verdict, make, "share(children) > 25 %", measured(truth, np.random.default_rng(7))
    )
    assert found.truth is FALSE
    assert [one.truth for one in found.editions].count(FALSE) == 1
    assert [one.simultaneous for one in found.editions].count(FALSE) == 1
    assert [one.simultaneous for one in found.editions].count(TRUE) > 50


def test_editions_that_are_known_for_certain_cost_nothing(verdict, make):
    days = [make(DAY + timedelta(days=i), photos=9) for i in range(EDITIONS - 1)]
    one = make(LAST, photos=30, children=(0.4, 0.3, 0.5))
    counted = "any(photos > 20 and share(children) > 25 %)"
    found = verdict(counted, *days, one, last=LAST)
    assert found.truth is TRUE


@pytest.mark.parametrize("share", [0.0, 0.004, 0.2, 0.5, 0.99, 1.0])
def test_an_interval_of_a_higher_level_holds_that_of_a_lower_one(share):
    estimate = Estimate(share, (share * 0.7, share + (1 - share) * 0.2), 100)
    ends = [ends_at(estimate, risk, confidence=0.95, share=True)
            for risk in (1.0, 0.5, 0.05, 0.01, 0.0005, 1e-9, 0.0)]  # fmt: skip
    for (low, high), (wider_low, wider_high) in itertools.pairwise(ends):
        assert 0 <= wider_low <= low <= share <= high <= wider_high <= 1
    assert ends[2] == pytest.approx(estimate.interval)
    assert ends[-1] == (0, 1)


def test_none_of_n_is_bounded_as_clopper_and_pearson_bound_it():
    n = 80
    of_none = Estimate(0.0, (0.0, 1 - 0.025 ** (1 / n)), n)
    low, high = ends_at(of_none, 0.001, confidence=0.95, share=True)
    assert (low, high) == (0, pytest.approx(1 - 0.0005 ** (1 / n)))
    number = ends_at(Estimate(0.0, (0.0, -math.log(0.025))), 0.001, confidence=0.95, share=False)
    assert number == (0, pytest.approx(-math.log(0.0005)))


def test_numbers_move_on_the_log_scale():
    low, high = ends_at(Estimate(100.0, (90.0, 112.0)), 0.01, confidence=0.95, share=False)
    stretch = norm.ppf(0.995) / norm.ppf(0.975)
    assert low == pytest.approx(100 * 0.9**stretch)
    assert high == pytest.approx(100 * 1.12**stretch)


@pytest.mark.parametrize(
    ("function", "tests"),
    [("min", (1, 60)), ("max", (60, 1)), ("median", (31, 31)), ("p90", (55, 7)), ("mean", (1, 1))],
)
def test_how_many_editions_can_move_an_end(function, tests):
    assert order_tests(function, 60, 60) == tests


@pytest.mark.parametrize("function", ["median", "p90", "min", "max"])
def test_bounds_of_percentiles_hold_in_nineteen_of_twenty(verdict, make, function):
    generator = np.random.default_rng(8)
    truth = np.linspace(0.1, 0.3, EDITIONS)
    percentile = {"median": 50, "p90": 90, "min": 0, "max": 100}[function]
    whole = float(np.percentile(truth, percentile))
    missed = 0
    for _ in range(60):
        before = [
            make(DAY - timedelta(days=i + 1), children=one)
            for i, one in enumerate(measured(truth, generator))
        ]
        rule = f"baseline.{function}(children) > 50 %"
        bounds = verdict(rule, make(), before=before).steps[0].left
        missed += not bounds.low <= whole <= bounds.high
    assert missed <= binom.ppf(0.999, 60, 0.05)


def test_what_is_refused_is_not_known(verdict, make):
    refused = Estimate(0.4, None, 30, refused="too few reviews: draw 40 photos")
    found = verdict("share(children) > 25 %", make(children=refused))
    assert found.truth is OPEN
    assert "too few reviews: draw 40 photos" in found.reasons[0]
    assert verdict("share(children) <= 1", make(children=refused)).truth is TRUE


def test_a_share_without_an_interval_is_not_known(verdict, make):
    alone, reviewed = Estimate(0.4, None, 30), Estimate(0.4, (0.4, 0.4), 30)
    assert verdict("share(children) > 25 %", make(children=alone)).truth is OPEN
    assert verdict("share(children) > 25 %", make(children=reviewed)).truth is TRUE


def test_long_tails_are_taken_from_the_stricter_interval():
    """Student's distribution with four degrees of freedom ends much further out."""
    share, spread, freedom = 0.3, 0.2, 4
    logit = np.log(share / (1 - share))

    def interval(confidence):
        reach = spread * t.ppf((1 + confidence) / 2, freedom)
        return tuple(float(1 / (1 + np.exp(-(logit + sign * reach)))) for sign in (-1, 1))

    usual, strict = (Estimate(share, interval(level), 100) for level in (0.95, 0.999))
    both = {"confidence": 0.95, "strict_confidence": 0.999}
    for risk in (0.02, 0.005, 0.001):
        low, high = strict_ends(usual, strict, risk, **both)
        exact = interval(1 - risk)
        assert low <= exact[0] + 1e-9
        assert high >= exact[1] - 1e-9
        alone = ends_at(usual, risk, confidence=0.95, share=True)
        assert alone[0] > exact[0]
    assert strict_ends(usual, strict, 0.05, **both) == pytest.approx(usual.interval)
    refused = Estimate(share, None, 100, refused="too wide")
    assert strict_ends(usual, refused, 0.01, **both) == ends_at(
        usual, 0.01, confidence=0.95, share=True
    )


def test_a_test_of_many_editions_takes_the_stricter_intervals():
    metric = Metric("children")
    editions, strict = [], {}
    for i in range(EDITIONS):
        interval = (0.3, 0.6) if i == 7 else (0.05, 0.2)
        shares = {metric: Estimate(sum(interval) / 2, interval, 100)}
        day = DAY + timedelta(days=i)
        editions.append(EditionMetrics(i, "Rodong Sinmun", day, 6, 6, Focus.LEADER, shares))
        strict[i] = {metric: Estimate(shares[metric].value, (0.01, 0.9), 100)}
    case = ClaimContext("Rodong Sinmun", DAY, LAST, editions)
    rule = parse("any(share(children) > 20 %)")
    assert judge(rule, case).truth is TRUE
    widened = replace(case, strict=StrictEstimates(0.999, strict))
    assert judge(rule, widened).truth is OPEN


def test_a_difference_reaches_farther_at_stricter_levels():
    less = Difference(0.1, (0.02, 0.2), None, "")
    assert difference_ends(less, 0.05, confidence=0.95) == (0.02, 0.2)
    low, high = difference_ends(less, 0.01, confidence=0.95)
    assert (low, high) == pytest.approx(
        (0.1 - 0.08 * 2.5758 / 1.96, 0.1 + 0.1 * 2.5758 / 1.96), 1e-3
    )
    assert difference_ends(less, 0.0, confidence=0.95) == (-np.inf, np.inf)
    exact = Difference(0.1, None, None, "counted")
    assert difference_ends(exact, 0.01, confidence=0.95) == (0.1, 0.1)


def test_an_end_between_those_of_two_levels_is_a_whole_photo():
    children, day = Metric("children"), date(2025, 12, 16)
    usual = Estimate(0.07, (0.055, 0.1), 200, count=(14.0, 11.0, 20.0))
    stricter = Estimate(0.07, (0.05, 0.15), 200, count=(14.0, 10.0, 30.0))
    edition = EditionMetrics(1, "Rodong Sinmun", day, 6, 6, Focus.LEADER, {children: usual})
    case = ClaimContext(
        "Rodong Sinmun", day, day, [edition], level=0.01,
        strict=StrictEstimates(0.9995, {1: {children: stricter}}),
    )  # fmt: skip
    assert judge(parse("share(children) > 5 %"), case).truth is TruthValue.UNDECIDED
    assert judge(parse("share(children) > 4.9 %"), case).truth is TruthValue.TRUE
