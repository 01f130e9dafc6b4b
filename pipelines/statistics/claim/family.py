"""A family of claims: one verdict each, corrected for the others.

A claim has two p-values: the smallest level at which its rule is shown to be true, and the smallest
at which it is shown to be false. Each family of these is corrected by itself, so that its claims
are wrongly true, and wrongly false, with the probability of the level at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.claim.evaluate import Evaluation
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.tree import Node
from presslens.pipelines.statistics.corrections import Correction, correct

FLOOR = 1e-6
"""Smallest p-value of what is not certain: intervals are not known beyond such levels."""

HALVINGS = 18


@dataclass(frozen=True, slots=True)
class MemberVerdict:
    """The verdict on a claim of a family."""

    truth: TruthValue  # the verdict, corrected for the family
    alone: TruthValue  # the verdict on the claim if it were the only one; of a question, its own
    p_true: float  # smallest level at which it is shown to be true, 0–1
    p_false: float  # smallest level at which it is shown to be false
    adjusted_true: float  # ``p_true``, corrected for the family
    adjusted_false: float  # ``p_false``, corrected for the family


@dataclass(frozen=True, slots=True)
class ScheduledVerdict:
    """The verdict on a question, and what its scheduled looks had spent of the level by then.

    That is a p-value: that a question is decided wrongly by a look is as rare as what was spent.
    """

    truth: TruthValue
    spent: float


def judge_family(
    claims: Sequence[tuple[Node, ClaimContext] | ScheduledVerdict],
    correction: Correction,
    level: float,
) -> list[MemberVerdict]:
    """Return the verdict on each claim of a family.

    Args:
        claims: The rule of each claim, and what it is evaluated on; of a question its verdict.
        correction: How the family is corrected.
        level: Largest probability of a wrong verdict, or expected part of wrong ones, 0–1.
    """
    made = [one if isinstance(one, ScheduledVerdict) else Evaluation(*one) for one in claims]
    true, false = ([smallest_level(one, outcome) for one in made] for outcome in (True, False))
    corrected = _corrected(true, correction), _corrected(false, correction)
    return [
        MemberVerdict(
            _truth(*both, level),
            one.truth if isinstance(one, ScheduledVerdict) else _truth(p, q, level),
            *(p, q, *both),
        )
        for one, p, q, both in zip(claims, true, false, zip(*corrected, strict=True), strict=True)
    ]


def smallest_level(evaluation: Evaluation | ScheduledVerdict, outcome: bool) -> float:
    """Return the smallest level at which a rule is shown to be true, or false; 1 if at none.

    It is a p-value: where the rule is not so, it lies at or below a level with the probability of
    that level at most.
    """
    if isinstance(evaluation, ScheduledVerdict):
        return evaluation.spent if evaluation.truth is TruthValue.of(outcome) else 1.0
    if evaluation.shows(outcome, 0.0):
        return 0.0
    if not evaluation.shows(outcome, 1.0):
        return 1.0
    low, high = np.log(FLOOR), 0.0
    if evaluation.shows(outcome, FLOOR):
        return FLOOR
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if evaluation.shows(outcome, np.exp(middle)) else (middle, high)
    return float(np.exp(high))


def _corrected(p_values: Sequence[float], correction: Correction) -> list[float]:
    return [1.0 if p is None else p for p in correct(p_values, correction)]


def _truth(p_true: float, p_false: float, level: float) -> TruthValue:
    if p_true <= level:
        return TruthValue.TRUE
    return TruthValue.FALSE if p_false <= level else TruthValue.UNDECIDED
