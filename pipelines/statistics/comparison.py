"""Compares two groups of editions in many metrics, with p-values corrected for their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.statistics.across import AcrossEstimate, Difference
from pipelines.statistics.corrections import Correction, correct
from pipelines.statistics.metrics import Metric


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """A metric of two groups of editions.

    Attributes:
        metric: Which one.
        first: Of the one group.
        second: Of the other.
        difference: The first less the second; its interval is not corrected.
    """

    metric: Metric
    first: AcrossEstimate
    second: AcrossEstimate
    difference: Difference


@dataclass(frozen=True, slots=True)
class CorrectedComparison:
    """A compared metric, corrected.

    Attributes:
        compared: The two groups and their difference.
        p_corrected: For the number of comparisons, 0–1; None where there is no p-value.
        differs: The corrected p-value is at most the level.
    """

    compared: MetricComparison
    p_corrected: float | None
    differs: bool


@dataclass(frozen=True, slots=True)
class CorrectedComparisons:
    """Two groups of editions in some metrics.

    Attributes:
        rows: One a metric, in the order given.
        correction: How the p-values were corrected.
        level: The chance of error that is held, 0–1.
        compared: How many metrics have a p-value, and were corrected for.
    """

    rows: tuple[CorrectedComparison, ...]
    correction: Correction
    level: float
    compared: int


def compare(
    found: Sequence[MetricComparison], correction: Correction, *, confidence: float
) -> CorrectedComparisons:
    """Correct many comparisons.

    Args:
        found: The metrics that are compared.
        correction: How.
        confidence: 1 less the level, 0.95 for instance.
    """
    level = 1.0 - confidence
    p_values = [one.difference.p_value for one in found]
    rows = tuple(
        CorrectedComparison(one, p, p is not None and p <= level)
        for one, p in zip(found, correct(p_values, correction), strict=True)
    )
    return CorrectedComparisons(rows, correction, level, sum(p is not None for p in p_values))
