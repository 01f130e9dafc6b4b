"""A family of claims: one verdict each, corrected for the others.

A claim has two p-values: the smallest level at which its rule is shown to be true, and the smallest
at which it is shown to be false. Each family of these is corrected by itself, so that its claims
are wrongly true, and wrongly false, with the probability of the level at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pipelines.statistics.claim.context import ClaimContext
from pipelines.statistics.claim.evaluate import Evaluation
from pipelines.statistics.claim.quantity import TruthValue
from pipelines.statistics.claim.tree import Node

FLOOR = 1e-6
"""Smallest p-value of what is not certain: intervals are not known beyond such levels."""

HALVINGS = 18


class Correction(StrEnum):
    """A way to correct many tests."""

    HOLM = "holm"
    """One wrong verdict among all with the probability of the level, whatever their dependence
    (Holm 1979, Scandinavian Journal of Statistics 6, 65-70)."""

    BH = "bh"
    """The expected part of wrong ones among the verdicts that are given, where errors are
    independent or positively dependent (Benjamini & Hochberg 1995, doi
    10.1111/j.2517-6161.1995.tb02031.x; Benjamini & Yekutieli 2001, doi 10.1214/aos/1013699998)."""

    BY = "by"
    """The same whatever their dependence (Benjamini & Yekutieli 2001)."""


@dataclass(frozen=True, slots=True)
class MemberVerdict:
    """The verdict on a claim of a family.

    Attributes:
        truth: The verdict, corrected for the family.
        alone: The verdict on the claim if it were the only one.
        p_true: Smallest level at which it is shown to be true, 0–1.
        p_false: Smallest level at which it is shown to be false.
        adjusted_true: ``p_true``, corrected for the family.
        adjusted_false: ``p_false``, corrected for the family.
    """

    truth: TruthValue
    alone: TruthValue
    p_true: float
    p_false: float
    adjusted_true: float
    adjusted_false: float


def judge_family(
    claims: Sequence[tuple[Node, ClaimContext]], correction: Correction, level: float
) -> list[MemberVerdict]:
    """Return the verdict on each claim of a family.

    Args:
        claims: The rule of each claim, and what it is evaluated on.
        correction: How the family is corrected.
        level: Largest probability of a wrong verdict, or expected part of wrong ones, 0–1.
    """
    evaluations = [Evaluation(rule, context) for rule, context in claims]
    true = [smallest_level(evaluation, True) for evaluation in evaluations]
    false = [smallest_level(evaluation, False) for evaluation in evaluations]
    corrected = adjusted(true, correction), adjusted(false, correction)
    return [
        MemberVerdict(_truth(*both, level), _truth(p, q, level), p, q, *both)
        for p, q, both in zip(true, false, zip(*corrected, strict=True), strict=True)
    ]


def smallest_level(evaluation: Evaluation, wanted: bool) -> float:
    """Return the smallest level at which a rule is shown to be true, or false; 1 if at none.

    It is a p-value: where the rule is not so, it lies at or below a level with the probability of
    that level at most.
    """
    if evaluation.shows(wanted, 0.0):
        return 0.0
    if not evaluation.shows(wanted, 1.0):
        return 1.0
    low, high = np.log(FLOOR), 0.0
    if evaluation.shows(wanted, FLOOR):
        return FLOOR
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if evaluation.shows(wanted, np.exp(middle)) else (middle, high)
    return float(np.exp(high))


def adjusted(p_values: Sequence[float], correction: Correction) -> list[float]:
    """Return p-values that are corrected for each other, in the same order."""
    p = np.asarray(p_values, dtype=float)
    m, order = len(p), np.argsort(p, kind="stable")
    ranks = np.arange(1, m + 1)
    if correction is Correction.HOLM:
        steps = np.maximum.accumulate((m - ranks + 1) * p[order])
    else:
        factor = float((1 / ranks).sum()) if correction is Correction.BY else 1.0
        steps = np.minimum.accumulate((factor * m / ranks * p[order])[::-1])[::-1]
    result = np.empty(m)
    result[order] = np.minimum(1.0, steps)
    return [float(one) for one in result]


def _truth(p_true: float, p_false: float, level: float) -> TruthValue:
    if p_true <= level:
        return TruthValue.TRUE
    return TruthValue.FALSE if p_false <= level else TruthValue.UNDECIDED
