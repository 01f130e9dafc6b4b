"""Robust summaries of numbers, which a few outliers hardly move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from presslens.pipelines.statistics.photo_table import Numbers

MAD_TO_SD = 1.4826
"""The median absolute deviation of normal numbers times this is their standard deviation."""

MEAN_AD_TO_SD = 1.2533
"""The same for the mean absolute deviation (Iglewicz & Hoaglin 1993, How to Detect Outliers)."""

BY_MAD = "median absolute deviation"
BY_MEAN_AD = "mean absolute deviation, as more than half of the numbers are the same"
ALL_EQUAL = "no z: all numbers are the same"


@dataclass(frozen=True, slots=True)
class RobustSummary:
    """Quantiles and robust scale of numbers, in their own unit; by linear interpolation."""

    n: int  # number of numbers
    median: float  # half of them are lower
    q1: float  # a quarter of them is lower
    q3: float  # a quarter of them is higher
    p10: float  # a tenth of them is lower
    p90: float  # a tenth of them is higher
    lowest: float
    highest: float
    scale: float  # robust standard deviation; 0 when all are the same
    method: str  # the estimator of the scale

    @classmethod
    def of(cls, values: Sequence[float]) -> RobustSummary:
        """Return the summary of numbers.

        Raises:
            ValueError: There are none.
        """
        if not len(values):
            raise ValueError("no numbers")
        numbers = np.asarray(values, float)
        lowest, p10, q1, median, q3, p90, highest = (
            float(q) for q in np.quantile(numbers, (0, 0.1, 0.25, 0.5, 0.75, 0.9, 1))
        )
        scale, method = _scale(numbers, median)
        return cls(
            len(numbers), median, q1, q3, p10, p90, lowest, highest, scale=scale, method=method
        )

    def z(self, value: float) -> float | None:
        """Return the distance of a number from the median in robust standard deviations.

        None when all numbers are the same: then any other number is unlike them, by no measure.
        """
        return (value - self.median) / self.scale if self.scale > 0 else None


def _scale(numbers: Numbers, median: float) -> tuple[float, str]:
    deviations = np.abs(numbers - median)
    # Numbers that differ by the last digits of their computation are the same.
    nothing = 1e-9 * max(1.0, abs(median))
    if (mad := float(np.median(deviations))) > nothing:
        return MAD_TO_SD * mad, BY_MAD
    if (mean := float(deviations.mean())) > nothing:
        return MEAN_AD_TO_SD * mean, BY_MEAN_AD
    return 0.0, ALL_EQUAL
