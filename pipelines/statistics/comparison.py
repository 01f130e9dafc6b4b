"""Compares two groups of editions in many metrics, with p-values corrected for their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from presslens.pipelines.result import Rounded
from presslens.pipelines.statistics.corrections import Correction, correct
from presslens.pipelines.statistics.metrics import Estimate, Metric
from presslens.pipelines.statistics.plain_means import MeanDifference
from presslens.pipelines.statistics.share_estimate import ShareDifference
from presslens.pipelines.statistics.tipping import Ends, TippingPoint, difference_tipping, rests_on


@dataclass(frozen=True, slots=True)
class Side:
    """A metric of one group of editions."""

    estimate: Estimate  # the metric
    machine: float | None  # by the machine alone; the value of a plain metric
    editions: int  # number of editions where the metric is known


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of a metric of two groups of editions."""

    value: float | None  # the first less the second; None where one of them is unknown
    interval: tuple[float, float] | None  # (low, high); None where there is no honest one
    # Of the hypothesis that there is none, two-sided, for corrections for many comparisons; None
    # where nothing was sampled, or without an interval.
    p_value: float | None
    method: str  # how the interval was made
    refused: str | None = None  # why there is none, and what would help; None where there is one
    # What else to know, as that a change of scans could make it; None for nothing.
    note: str | None = None

    @classmethod
    def of_shares(cls, less: ShareDifference) -> Difference:
        """Return the difference of two shares."""
        interval = None if less.low is None or less.high is None else (less.low, less.high)
        return cls(less.value, interval, less.p_value, less.method, less.refused, less.note)

    @classmethod
    def of_means(cls, less: MeanDifference) -> Difference:
        """Return the difference of two means."""
        return cls(less.value, less.interval, less.p_value, less.method, less.refused)


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """A metric of two groups of editions."""

    metric: Metric
    first: Side  # the one group
    second: Side  # the other
    difference: Difference  # the first less the second; its interval is not corrected

    @property
    def tipping(self) -> tuple[TippingPoint, ...]:
        """How far assumptions must be off until the difference of two shares falls.

        Nothing for plain metrics, and where the interval of the difference holds 0.
        """
        first, second = _ends(self.first.estimate), _ends(self.second.estimate)
        less = _ends(self.difference)
        if not self.metric.is_share or first is None or second is None or less is None:
            return ()
        assumptions = rests_on(self.first.estimate.method) | rests_on(self.second.estimate.method)
        return difference_tipping(first, second, less, assumptions)


@dataclass(frozen=True, slots=True)
class CorrectedComparison:
    """A compared metric, with its corrected p-value."""

    compared: MetricComparison  # the two groups and their difference
    p_corrected: float | None  # for the number of comparisons, 0–1; None where there is no p-value
    # The corrected p-value is at most the level; or, where both are counted, the numbers are not
    # the same.
    differs: bool


@dataclass(frozen=True, slots=True)
class CorrectedComparisons:
    """Compared metrics of two groups of editions."""

    rows: tuple[CorrectedComparison, ...]  # one a metric, in the order given
    correction: Correction  # the correction of the p-values
    level: Rounded  # the error rate that the correction holds, 0–1
    compared: int  # number of metrics that are known of both groups


def compare(
    comparisons: Sequence[MetricComparison], correction: Correction, *, confidence: float
) -> CorrectedComparisons:
    """Correct the p-values of compared metrics.

    Args:
        comparisons: The compared metrics.
        confidence: 1 less the level, 0.95 for instance.
    """
    level = 1.0 - confidence
    p_values = [one.difference.p_value for one in comparisons]
    rows = tuple(
        CorrectedComparison(one, p, _differs(one.difference, p, level))
        for one, p in zip(comparisons, correct(p_values, correction), strict=True)
    )
    compared = sum(one.difference.value is not None for one in comparisons)
    return CorrectedComparisons(rows, correction, level, compared)


def _differs(less: Difference, p_corrected: float | None, level: float) -> bool:
    if p_corrected is not None:
        return p_corrected <= level
    if less.value is None or less.refused is not None:
        return False
    if less.interval is not None:
        return less.interval[0] > 0.0 or less.interval[1] < 0.0
    return less.value != 0.0


def _ends(estimate: Estimate | Difference) -> Ends | None:
    if estimate.value is None or estimate.interval is None:
        return None
    return Ends(estimate.value, *estimate.interval)
