"""Compares two groups of editions in many metrics, and corrects for their number.

Of forty metrics that do not differ, two have p < 0.05 by chance. Holm's correction holds the chance
of any false difference at the level (Holm 1979, Scandinavian Journal of Statistics 6:65), that of
Benjamini & Hochberg (1995, doi 10.1111/j.2517-6161.1995.tb02031.x) the expected share of false ones
among those that are named. Both are right for metrics that depend on one another as these do,
Benjamini's if they rise and fall together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.stats import false_discovery_control

from pipelines.statistics.across import AcrossEstimate, Difference
from pipelines.statistics.metrics import Metric
from pipelines.statistics.share_series import Numbers


class Correction(StrEnum):
    """How p-values are corrected for the number of comparisons."""

    HOLM = "holm"
    BH = "bh"

    @property
    def words(self) -> str:
        """What it is called, and what it holds."""
        if self is Correction.HOLM:
            return "Holm (chance of any false difference)"
        return "Benjamini-Hochberg (share of false ones among the differences named)"


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


def correct(p_values: Sequence[float | None], correction: Correction) -> list[float | None]:
    """Return p-values corrected for their number; those that are None are not counted.

    Args:
        p_values: Each 0–1.
        correction: How.
    """
    known = np.array([p for p in p_values if p is not None], float)
    if not len(known):
        return [None] * len(p_values)
    adjusted = _holm(known) if correction is Correction.HOLM else false_discovery_control(known)
    rest = iter(adjusted.tolist())
    return [None if p is None else next(rest) for p in p_values]


def _holm(p_values: Numbers) -> Numbers:
    order = np.argsort(p_values)
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return adjusted
