"""Compares two groups of editions in a family of metrics, with intervals that hold together.

A metric differs where its interval leaves 0 out, and the interval is made for the whole family. By
Bonferroni's inequality, all intervals of m metrics hold at 0.95 together if each is one of
1 - 0.05 / m. With Benjamini & Hochberg's correction, which names r of m, they are those of
1 - 0.05 r / m: of the intervals of the named ones 5 % miss on average (Benjamini & Yekutieli 2005,
doi 10.1198/016214504000001907). P-values are read from the intervals, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, TypeAlias

import scipy  # which imports scipy.special when it is first used

from presslens.pipelines.result import Interval, PValue, Rounded, digits
from presslens.pipelines.statistics.corrections import Correction, correct
from presslens.pipelines.statistics.metrics import Estimate, Metric
from presslens.pipelines.statistics.plain_means import MeanDifference
from presslens.pipelines.statistics.share_estimate import ShareDifference
from presslens.pipelines.statistics.tipping import (
    Assumption,
    Ends,
    TippingPoint,
    difference_tipping,
    rests_on,
)


@dataclass(frozen=True, slots=True)
class Side:
    """A metric of one group of editions."""

    estimate: Estimate  # the metric
    machine: float | None  # by the machine alone; the value of a plain metric
    editions: int  # number of editions where the metric is known


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of a metric of two groups of editions."""

    value: Rounded | None  # the first less the second; None where one of them is unknown
    # (low, high), which holds for a whole family; None where there is no honest one.
    interval: Interval | None
    # Of the hypothesis that there is none, two-sided, for corrections for many comparisons; None
    # where nothing was sampled, or without an interval.
    p_value: PValue | None
    method: str  # how the interval was made
    refused: str | None = None  # why there is none, and what would help; None where there is one
    # What else to know, as that a change of scans could make it; None for nothing.
    note: str | None = None

    @property
    def differs(self) -> bool:
        """Whether the interval leaves 0 out; of what is counted, whether it is not the same."""
        if self.value is None or self.refused is not None:
            return False
        if self.interval is None:
            return self.value != 0.0
        return self.interval[0] > 0.0 or self.interval[1] < 0.0

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
    difference: Difference  # the first less the second
    # Share of the photos that both groups may have missed by the interval of their number, 0–1.
    missed: float | None = None

    @property
    def provisional(self) -> bool:
        """Whether it rests on a few drawn answers."""
        return self.first.estimate.provisional or self.second.estimate.provisional

    @property
    def tipping(self) -> tuple[TippingPoint, ...]:
        """How far assumptions must be off until the difference of two shares falls.

        Nothing for plain metrics, and where the interval of the difference holds 0.
        """
        first, second = _ends(self.first.estimate), _ends(self.second.estimate)
        less = _ends(self.difference)
        if not self.metric.is_share or first is None or second is None or less is None:
            return ()
        sides = self.first.estimate, self.second.estimate
        assumptions = frozenset[Assumption]().union(
            *(rests_on(side.method, side.unanswered) for side in sides)
        )
        unanswered = sides[0].unanswered, sides[1].unanswered
        return difference_tipping(first, second, less, assumptions, unanswered, self.missed)


Family: TypeAlias = Callable[[float], Sequence[MetricComparison]]
"""The compared metrics, their differences with intervals of a level, 0.95 for instance."""

ROUNDS = 10
"""Largest number of times that the number of named metrics is counted again."""


@dataclass(frozen=True, slots=True)
class CorrectedComparison:
    """A compared metric of a family, whose difference has the interval of the family."""

    # The two groups and their difference. Its p-value is the smallest level at which an interval of
    # this metric alone leaves 0 out.
    compared: MetricComparison
    unadjusted: Interval | None  # the interval of this metric or change alone
    p_corrected: PValue | None  # for the family, 0–1; None where there is no p-value

    @property
    def differs(self) -> bool:
        """Whether the interval leaves 0 out; of what is counted, whether it is not the same."""
        return self.compared.difference.differs


@dataclass(frozen=True, slots=True)
class CorrectedComparisons:
    """Compared metrics of two groups of editions."""

    rows: tuple[CorrectedComparison, ...]  # one a metric, in the order given
    correction: Correction  # how the intervals of the family hold together
    level: Rounded  # the error rate of the family, 0–1
    compared: int  # number of metrics that are known of both groups
    family: int  # number of metrics with an interval: those that the intervals hold together for
    interval_level: Annotated[float, digits(6)]  # level of each interval, 0–1
    searched: int = 1  # number of pairs of groups that this pair was chosen from, by its difference

    @property
    def stricter(self) -> bool:
        """Whether the intervals of the family are of a higher level than one alone would be."""
        return self.interval_level > 1.0 - self.level


def compare(
    family: Family, correction: Correction, *, confidence: float, searched: int = 1
) -> CorrectedComparisons:
    """Compare the metrics of a family.

    Args:
        family: The compared metrics, for any level of their intervals.
        correction: ``HOLM`` is answered as ``BONFERRONI``, for no intervals go with a procedure
            that steps down.
        confidence: 1 less the error rate of the family, 0.95 for instance.
        searched: Number of pairs of groups that were looked at, as days on which a newspaper may
            have changed; the intervals hold for all of them.
    """
    correction = Correction.BH if correction is Correction.BH else Correction.BONFERRONI
    level = 1.0 - confidence
    usual = family(confidence)
    tested = sum(one.difference.interval is not None for one in usual)
    most = max(1, tested * searched)
    named = 1
    for _ in range(ROUNDS):
        risk = level * named / most
        strict = usual if risk == level else family(1.0 - risk)
        p_values = [
            _p_value(one.difference, other.difference, level, risk)
            for one, other in zip(usual, strict, strict=True)
        ]
        corrected = [
            None if p is None else min(1.0, searched * p) for p in correct(p_values, correction)
        ]
        found = max(1, sum(p is not None and p <= level for p in corrected))
        if correction is not Correction.BH or found == named:
            break
        named = found
    rows = tuple(
        CorrectedComparison(
            replace(one, difference=replace(other.difference, p_value=p)),
            one.difference.interval,
            adjusted,
        )
        for one, other, p, adjusted in zip(usual, strict, p_values, corrected, strict=True)
    )
    known = sum(one.difference.value is not None for one in usual)
    return CorrectedComparisons(rows, correction, level, known, tested, 1.0 - risk, searched)


def _p_value(usual: Difference, strict: Difference, level: float, risk: float) -> float | None:
    """Return the smallest level at which an interval leaves 0 out; None without one.

    How far it reaches towards 0 grows with the normal quantile of its level, in a line from the
    difference through the end of the first interval, and on through that of the second. So it lies
    at or below either of their levels where that one leaves 0 out, whatever the intervals were made
    by.

    Args:
        usual: A difference with its interval of 1 - level.
        strict: The same with an interval of 1 - risk, which is no narrower.
    """
    if usual.interval is None or strict.interval is None or strict.value is None:
        return None
    value = abs(strict.value)
    end = 0 if strict.value > 0 else 1
    reach, far = (abs(one.interval[end] - strict.value) for one in (usual, strict) if one.interval)
    if value == 0.0 or far == 0.0:
        return 0.0 if value else 1.0
    z, z_far = (-float(scipy.special.ndtri(one / 2)) for one in (level, risk))
    if value <= reach:
        at = z * value / reach
    elif z_far > z and far > reach:
        at = z + (value - reach) * (z_far - z) / (far - reach)
    else:
        at = z_far * value / far
    if not strict.differs:  # its end is 0 itself
        at = min(at, z_far * (1.0 - EDGE))
    return min(1.0, 2 * float(scipy.special.ndtr(-at)))


EDGE = 1e-9
"""Relative distance of a quantile from another one that it does not reach."""


def _ends(estimate: Estimate | Difference) -> Ends | None:
    if estimate.value is None or estimate.interval is None:
        return None
    return Ends(estimate.value, *estimate.interval)
