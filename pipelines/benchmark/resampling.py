"""Values with bootstrap intervals: sheets are drawn again, the same ones in every condition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
SEED = 0
LOW, HIGH = 2.5, 97.5
"""Percentiles of a 95 % interval."""

Draws = NDArray[np.float64]
"""How often each sheet was drawn, shape (RESAMPLES, n)."""
Statistic = Callable[[Draws], NDArray[np.float64]]
"""Returns a figure for each row of draws; not a number where it isn't defined."""


@dataclass(frozen=True, slots=True, eq=False)
class BootstrapValue:
    """A figure and what it would be on other sheets like these."""

    value: float | None  # on the sheets themselves; None where it isn't defined
    resamples: NDArray[np.float64]  # on sheets drawn again, shape (RESAMPLES,)

    @classmethod
    def of(cls, statistic: Statistic, draws: Draws) -> BootstrapValue:
        """Compute a figure on the sheets and on sheets drawn again."""
        value = float(statistic(np.ones((1, draws.shape[1])))[0])
        return cls(None if np.isnan(value) else value, statistic(draws))

    def loss_from(self, clean: BootstrapValue) -> BootstrapValue:
        """Return how much lower the figure is than in the clean condition."""
        known = self.value is not None and clean.value is not None
        value = clean.value - self.value if known else None  # type: ignore[operator]
        return BootstrapValue(value, clean.resamples - self.resamples)

    def to_json(self) -> dict[str, Any]:
        """Return the value with its 95 % interval, rounded to four digits.

        There is no interval where all draws agree, as where nothing is wrong on any sheet: they
        can't tell what is wrong on others, and an interval without width would say that nothing is.
        """
        defined = self.resamples[~np.isnan(self.resamples)]
        if self.value is None or not defined.size:
            return {"value": None, "interval": None}
        interval = [round(float(edge), 4) for edge in np.percentile(defined, [LOW, HIGH])]
        agree = round(float(defined.min()), 4) == round(float(defined.max()), 4)
        return {"value": round(self.value, 4), "interval": None if agree else interval}


def draw_sheets(count: int) -> Draws:
    """Draw sheets again: rows of how often each one came."""
    rng = np.random.default_rng(SEED)
    return rng.multinomial(count, [1 / count] * count, size=RESAMPLES).astype(np.float64)


def f1(right: NDArray[Any], found: NDArray[Any], there: NDArray[Any]) -> Statistic:
    """Return the statistic F1, given counts for each sheet: 2 right / (found + there)."""

    def value(draws: Draws) -> NDArray[np.float64]:
        total = draws @ (found + there)
        with np.errstate(invalid="ignore"):
            return np.asarray(2 * (draws @ right) / np.where(total > 0, total, np.nan))

    return value


def share(part: NDArray[Any], whole: NDArray[Any]) -> Statistic:
    """Return the statistic sum of ``part`` over sum of ``whole``, given counts for each sheet."""

    def value(draws: Draws) -> NDArray[np.float64]:
        total = draws @ whole
        return np.asarray((draws @ part) / np.where(total > 0, total, np.nan))

    return value
