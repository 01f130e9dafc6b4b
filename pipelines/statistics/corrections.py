"""Corrects p-values for their number.

Of forty metrics that do not differ, two have p < 0.05 by chance. Holm's correction holds the chance
of any false difference at the level (Holm 1979, Scandinavian Journal of Statistics 6:65,
www.jstor.org/stable/4615733), and so does Bonferroni's, with which simultaneous intervals go; that
of Benjamini & Hochberg (1995,
doi 10.1111/j.2517-6161.1995.tb02031.x) the expected share of false ones among those that are named.
Holm's is valid however the metrics depend on one another, Benjamini's if they rise and fall
together.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from presslens.pipelines.statistics.photo_table import Numbers


class Correction(StrEnum):
    """A correction of p-values for the number of comparisons."""

    BONFERRONI = "bonferroni"
    HOLM = "holm"
    BH = "bh"

    @property
    def words(self) -> str:
        """Name of the correction, and the error that it holds at the level."""
        if self is Correction.BH:
            return "Benjamini-Hochberg (share of false ones among the differences named)"
        return f"{self.value.capitalize()} (chance of any false difference)"


def correct(p_values: Sequence[float | None], correction: Correction) -> list[float | None]:
    """Return p-values corrected for their number; those that are None are not counted.

    Args:
        p_values: Each 0–1.
    """
    numbers = np.array([p for p in p_values if p is not None], float)
    if not len(numbers):
        return [None] * len(p_values)
    corrected = iter(_CORRECTIONS[correction](numbers).tolist())
    return [None if p is None else next(corrected) for p in p_values]


def holm(p_values: Numbers) -> Numbers:
    """Return p-values with Holm's correction.

    Args:
        p_values: One for each test, 0–1, shape (n,).
    """
    order = np.argsort(p_values)
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty_like(p_values)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return corrected


def _bonferroni(p_values: Numbers) -> Numbers:
    return np.minimum(1.0, len(p_values) * p_values)


def _benjamini_hochberg(p_values: Numbers) -> Numbers:
    order = np.argsort(-p_values)
    steps = p_values[order] * (len(p_values) / np.arange(len(p_values), 0, -1))
    corrected = np.empty_like(p_values)
    corrected[order] = np.minimum(1.0, np.minimum.accumulate(steps))
    return corrected


_CORRECTIONS = {
    Correction.BONFERRONI: _bonferroni,
    Correction.HOLM: holm,
    Correction.BH: _benjamini_hochberg,
}
