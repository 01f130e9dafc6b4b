"""Families of claims hold their level; p-values are corrected as the literature has it."""

from datetime import date

import numpy as np
import pytest
from scipy.stats import binom, norm

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.claim.evaluate import Evaluation
from presslens.pipelines.statistics.claim.family import judge_family, smallest_level
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric

DAY = date(2025, 12, 16)
CHILDREN = Metric("children")


def context(share, low, high):
    metrics = {CHILDREN: Estimate(share, (low, high), 100), Metric("photos"): Estimate(9.0)}
    edition = EditionMetrics(1, "Rodong Sinmun", DAY, 6, 6, Focus.LEADER, metrics)
    return ClaimContext("Rodong Sinmun", DAY, DAY, [edition])


def measured(truth, generator, spread=0.25):
    logit = np.log(truth / (1 - truth)) + spread * generator.standard_normal()
    return context(*(1 / (1 + np.exp(-(logit + spread * q))) for q in (0, -1.959964, 1.959964)))


def test_the_p_value_is_the_level_at_which_the_interval_ends_at_the_number():
    logit, spread = np.log(0.3 / 0.7), 0.25
    ends = (1 / (1 + np.exp(-(logit + spread * q))) for q in (0, -1.959964, 1.959964))
    found = smallest_level(Evaluation(parse("share(children) > 20 %"), context(*ends)), True)
    assert found == pytest.approx(2 * norm.sf((logit - np.log(0.25)) / spread), rel=1e-3)


@pytest.mark.parametrize(
    ("rule", "wanted", "level"),
    [("photos = 9", True, 0.0), ("photos = 9", False, 1.0), ("photos > 9", False, 0.0),
     ("text_pages > 9", True, 1.0), ("text_pages > 9", False, 1.0)],
)  # fmt: skip
def test_what_is_certain_and_what_is_not_known(rule, wanted, level):
    evaluation = Evaluation(parse(rule), context(0.3, 0.2, 0.4))
    assert smallest_level(evaluation, wanted) == level


@pytest.mark.parametrize("correction", Correction)
def test_a_family_without_a_true_claim_has_a_true_verdict_in_one_of_twenty_at_most(correction):
    generator = np.random.default_rng(14)
    rule = parse("share(children) > 20 %")
    runs = 40
    wrong = 0
    for _ in range(runs):
        family = [(rule, measured(0.2, generator)) for _ in range(20)]
        verdicts = judge_family(family, correction, 0.05)
        wrong += any(one.truth is TruthValue.TRUE for one in verdicts)
    assert wrong <= binom.ppf(0.999, runs, 0.05)


def test_claims_that_are_clear_survive_the_correction():
    rule = parse("share(children) > 20 %")
    clear = [(rule, measured(0.6, np.random.default_rng(i))) for i in range(20)]
    verdicts = judge_family(clear, Correction.HOLM, 0.05)
    assert {one.truth for one in verdicts} == {TruthValue.TRUE}
    below = judge_family([(rule, measured(0.02, np.random.default_rng(1)))], Correction.HOLM, 0.05)
    assert below[0].truth is TruthValue.FALSE
    assert below[0].alone is TruthValue.FALSE
