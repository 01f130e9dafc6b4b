"""Compares two groups of editions in many metrics, with p-values corrected for their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.statistics.across import AcrossEstimate, Difference
from pipelines.statistics.corrections import Correction, correct
from pipelines.statistics.metrics import Metric
from pipelines.statistics.tipping import Ends, TippingPoint, difference_tipping, rests_on


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """A metric of two groups of editions.

    Attributes:
        metric: The metric.
        first: The estimate for the one group.
        second: The estimate for the other.
        difference: The first less the second; its interval is not corrected.
    """

    metric: Metric
    first: AcrossEstimate
    second: AcrossEstimate
    difference: Difference

    @property
    def tipping(self) -> tuple[TippingPoint, ...]:
        """How far assumptions must be off until the difference of two shares falls.

        Nothing for plain metrics, and where the interval of the difference holds 0.
        """
        first, second = _ends(self.first), _ends(self.second)
        less = _ends(self.difference)
        if not self.metric.is_share or first is None or second is None or less is None:
            return ()
        assumptions = rests_on(self.first.method) | rests_on(self.second.method)
        return difference_tipping(first, second, less, assumptions)


@dataclass(frozen=True, slots=True)
class CorrectedComparison:
    """A compared metric, with its corrected p-value.

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
    """Compared metrics of two groups of editions.

    Attributes:
        rows: One a metric, in the order given.
        correction: The correction of the p-values.
        level: The error rate that the correction holds, 0–1.
        compared: Number of metrics with a p-value, which is corrected for.
    """

    rows: tuple[CorrectedComparison, ...]
    correction: Correction
    level: float
    compared: int


def compare(
    comparisons: Sequence[MetricComparison], correction: Correction, *, confidence: float
) -> CorrectedComparisons:
    """Correct the p-values of compared metrics.

    Args:
        comparisons: The compared metrics.
        correction: The correction.
        confidence: 1 less the level, 0.95 for instance.
    """
    level = 1.0 - confidence
    p_values = [one.difference.p_value for one in comparisons]
    rows = tuple(
        CorrectedComparison(one, p, p is not None and p <= level)
        for one, p in zip(comparisons, correct(p_values, correction), strict=True)
    )
    return CorrectedComparisons(rows, correction, level, sum(p is not None for p in p_values))


def _ends(estimate: AcrossEstimate | Difference) -> Ends | None:
    if estimate.value is None or estimate.interval is None:
        return None
    return Ends(estimate.value, *estimate.interval)
