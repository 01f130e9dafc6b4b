"""Checks nominal intervals on simulated newspapers of which all is known: ``stats simulate``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.statistics.rounding import rounded


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the estimator, and the truth.

    Attributes:
        truth: What is true.
        value: The estimate; None where there is none.
        low: Lower end of the interval; None where it is refused.
        high: Upper end.
        beside: Width of the interval that it is held against; None for none.
    """

    truth: float
    value: float | None
    low: float | None
    high: float | None
    beside: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A question about a simulated newspaper.

    Attributes:
        world: What the newspaper, its detector and its sample are like.
        question: What is asked: these editions, practice, or a difference of either.
        ask: Prints a newspaper by one run of chance, asks, and returns the answer.
        beside: Name of the interval that its width is held against.
        difference: Whether a difference is asked for.
    """

    world: str
    question: str
    ask: Callable[[np.random.Generator], Answer]
    beside: str = ""
    difference: bool = False


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How often the intervals of a case held the truth.

    Attributes:
        case: The case.
        count: Newspapers.
        refused: Share of them without an interval, 0-1.
        held: Share of the intervals that hold the truth, 0-1; None if all were refused.
        width: Mean width of the intervals; None if all were refused.
        beside: Mean width of the intervals that they are held against, in the same newspapers.
        bias: Mean of value less truth, of all newspapers with a value.
        found: Share of the intervals that do not hold 0: of differences that are found; None of a
            share.
    """

    case: Case
    count: int
    refused: float
    held: float | None
    width: float | None
    beside: float | None
    bias: float | None
    found: float | None

    def to_json(self) -> dict[str, Any]:
        """Return the result as the command line prints it."""
        return {
            "world": self.case.world,
            "question": self.case.question,
            "count": self.count,
            "refused": rounded(self.refused),
            "held": rounded(self.held),
            "width": rounded(self.width),
            "beside": rounded(self.beside),
            "beside_what": self.case.beside or None,
            "bias": rounded(self.bias),
            "found": rounded(self.found),
        }


def simulate(cases: Sequence[Case], count: int, *, seed: int = 1) -> Iterator[CaseResult]:
    """Yield how each case does on so many newspapers.

    The newspapers of a case depend on the seed and their number alone: another case or a larger
    count leaves them as they are.

    Args:
        cases: From ``pipelines.statistics.simulated_cases``.
        count: Newspapers of each case.
        seed: Of chance.
    """
    for case in cases:
        yield _result(case, [case.ask(np.random.default_rng((seed, i))) for i in range(count)])


def _result(case: Case, answers: Sequence[Answer]) -> CaseResult:
    given = [(a.truth, a.low, a.high) for a in answers if a.low is not None and a.high is not None]
    beside = [a.beside for a in answers if a.beside is not None]
    biases = [a.value - a.truth for a in answers if a.value is not None]
    return CaseResult(
        case,
        len(answers),
        1 - len(given) / len(answers),
        _mean([low <= truth <= high for truth, low, high in given]),
        _mean([high - low for _, low, high in given]),
        _mean(beside),
        _mean(biases),
        _mean([not low <= 0 <= high for _, low, high in given]) if case.difference else None,
    )


def _mean(numbers: Sequence[float]) -> float | None:
    return float(np.mean(numbers)) if numbers else None
