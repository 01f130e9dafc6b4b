"""Columns of text as columns of numbers for a regression: dates, numbers and categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.counted import counted

DAYS_A_YEAR = 365.2425
"""Of the Gregorian calendar, on average."""

MOST_CATEGORIES = 50
"""Categories that a column may have; one with more is rather a name or an id."""

INTERCEPT = "intercept"


@dataclass(frozen=True, slots=True, eq=False)
class DesignMatrix:
    """The columns of a regression.

    Attributes:
        X: Shape (n, k); the first column is ones.
        names: Of the k columns: "intercept", "size", "date (years)", "special = yes".
        reference: The row whose outcome is the intercept: the first day of each column of dates,
            the first category of each column of categories, by column.
    """

    X: NDArray[np.float64]
    names: tuple[str, ...]
    reference: Mapping[str, str]


def design_matrix(columns: Mapping[str, Sequence[str]]) -> DesignMatrix:
    """Return the columns of a regression, with an intercept.

    Days (``2025-12-16``) are counted in years from the first one, numbers stay as they are, and
    anything else is a category: one column of zeros and ones for each but the first in order.

    Args:
        columns: The cells of each column, n each, as text.

    Raises:
        ValueError: A column is not there for each photo, is the same for all of them, or has too
            many categories; the message names it.

    >>> design_matrix({"day": ["2025-01-01", "2026-01-01"]}).names
    ('intercept', 'day (years)')
    """
    count = len(next(iter(columns.values()))) if columns else 0
    made: list[NDArray[np.float64]] = [np.ones(count)]
    names, reference = [INTERCEPT], {}
    for name, cells in columns.items():
        empty = sum(not cell.strip() for cell in cells)
        if empty:
            raise ValueError(
                f"{counted(empty, 'photo')} without {name}: fill it in, or leave them out"
            )
        if len(set(cells)) < 2:
            raise ValueError(f"{name} is the same for all photos: leave it out")
        days, numbers = _days(cells), _numbers(cells)
        if days is not None:
            made.append((days - days.min()) / DAYS_A_YEAR)
            names.append(f"{name} (years)")
            reference[name] = date.fromordinal(int(days.min())).isoformat()
        elif numbers is not None:
            made.append(numbers)
            names.append(name)
        else:
            first, *others = sorted(set(cells))
            if len(others) >= MOST_CATEGORIES:
                raise ValueError(f"{name} has {len(others) + 1} categories; put some together")
            made += [np.array([cell == other for cell in cells], float) for other in others]
            names += [f"{name} = {other}" for other in others]
            reference[name] = first
    return DesignMatrix(np.stack(made, axis=1), tuple(names), reference)


def _days(cells: Sequence[str]) -> NDArray[np.float64] | None:
    if not all("-" in cell for cell in cells):
        return None  # eight digits are a number
    try:
        return np.array([date.fromisoformat(cell.strip()).toordinal() for cell in cells], float)
    except ValueError:
        return None


def _numbers(cells: Sequence[str]) -> NDArray[np.float64] | None:
    try:
        numbers = np.array([float(cell) for cell in cells])
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() else None
