"""Claims about practice rest on how editions vary, and are made of means."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import binom

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.context import ClaimContext, PeriodEstimates
from presslens.pipelines.statistics.claim.evaluate import judge
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.practice import practice_problem
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric

DAY = date(2025, 10, 1)
CHILDREN = Metric("children")


def editions(shares):
    return [
        EditionMetrics(
            i, "Rodong Sinmun", DAY + timedelta(days=i), 6, 6, Focus.LEADER,
            {CHILDREN: Estimate(float(share), (float(share), float(share)), 100)},
        )
        for i, share in enumerate(shares)
    ]  # fmt: skip


def judged(rule, shares, estimand=Inference.PRACTICE):
    last = DAY + timedelta(days=len(shares) - 1)
    case = ClaimContext("Rodong Sinmun", DAY, last, editions(shares))
    return judge(parse(rule), replace(case, estimand=estimand))


def test_these_editions_are_known_where_their_practice_is_not():
    shares = np.random.default_rng(1).beta(2, 8, 30)
    rule = f"mean(share(children)) > {shares.mean() - 0.001:.4f}"
    assert judged(rule, shares, Inference.THESE).truth is TruthValue.TRUE
    found = judged(rule, shares)
    assert found.truth is TruthValue.UNDECIDED
    assert found.test_sentence().startswith("about the newspaper's practice; wrong in at most 5 %")
    assert "practice" in found.steps[0].left.method


def test_bounds_of_practice_hold_the_mean_that_editions_are_drawn_from():
    generator = np.random.default_rng(2)
    missed = 0
    for _ in range(100):
        number = judged("mean(share(children)) > 0", generator.beta(2, 8, 30)).steps[0].left
        missed += not number.low <= 0.2 <= number.high
    assert missed <= binom.ppf(0.999, 100, 0.05)


def test_few_editions_have_no_practice():
    found = judged("mean(share(children)) > 1 %", [0.2] * 5)
    assert found.truth is TruthValue.UNDECIDED
    assert "practice needs 8 editions or more" in found.reasons[0]


@pytest.mark.parametrize(
    "rule",
    ["share(children) > 12 %", "any(share(children) > 12 %)", "max(share(children)) > 12 %",
     "mean(share(children)) > baseline.p90(children)", "usual_pages = 6"],
)  # fmt: skip
def test_what_is_a_fact_about_these_editions_is_no_practice(rule):
    assert "compares means over editions" in practice_problem(parse(rule))


def test_means_are_practice():
    rule = "mean(share(children)) > 2 * baseline.mean(children) and mean(photos) > 30"
    assert practice_problem(parse(rule)) is None


def test_a_mean_of_a_share_is_that_of_the_estimator_of_periods():
    shares = [0.2] * 10
    last = DAY + timedelta(days=9)
    mean = {CHILDREN: Estimate(0.2, (0.18, 0.22), 1000, "drawn photos")}
    case = ClaimContext("Rodong Sinmun", DAY, last, editions(shares), period=PeriodEstimates(mean))
    step = judge(parse("mean(share(children)) > 17 %"), case).steps[0]
    assert (step.left.low, step.left.high) == pytest.approx((0.18, 0.22))
    assert step.left.method == "mean over 10 editions: drawn photos"
    few = Estimate(0.2, None, 1000, refused="too few")
    refused = replace(case, period=PeriodEstimates({CHILDREN: few}))
    found = judge(parse("mean(share(children)) > 17 %"), refused)
    assert found.truth is TruthValue.UNDECIDED
    assert "too few" in found.reasons[0]
    longer = replace(case, last=last + timedelta(days=1))
    rules = ["mean(share(children)) < 28 %", "mean(share(children)) < 30 %"]
    lost = [judge(parse(rule), longer).truth for rule in rules]
    # Of eleven days one is missing, whose share may be anything up to 1.
    assert lost == [TruthValue.UNDECIDED, TruthValue.TRUE]
