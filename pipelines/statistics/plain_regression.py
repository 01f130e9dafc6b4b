"""Regressions of a plain table of photos: no database, and no network.

from presslens.pipelines.statistics.plain_regression import regress_table

for coefficient in regress_table("photos.csv", "children", ["date", "scanner"]).coefficients:
    print(coefficient.name, coefficient.value, coefficient.low, coefficient.high)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.models.recipe import Calibration, Recipe
from presslens.pipelines.counted import counted
from presslens.pipelines.result import rounded
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import Inference, Weight
from presslens.pipelines.statistics.moments import Model
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable
from presslens.pipelines.statistics.plain_table import (
    BadTable,
    PhotoRows,
    Table,
    as_text,
    read_columns,
)
from presslens.pipelines.statistics.regression import Coefficient, Regression, regress

DAYS_A_YEAR = 365.2425
"""Of the Gregorian calendar, on average."""

MOST_CATEGORIES = 50
"""Categories that a column may have; one with more is rather a name or an id."""

INTERCEPT = "intercept"


@dataclass(frozen=True, slots=True, eq=False)
class DesignMatrix:
    """The columns of a regression."""

    X: NDArray[np.float64]  # shape (n, k); the first column is ones
    names: tuple[str, ...]  # of the k columns: "intercept", "size", "date (years)", "special = yes"
    # The row whose outcome is the intercept: the first day of each column of dates, the first
    # category of each column of categories, by column.
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


@dataclass(frozen=True, slots=True)
class TableRegression:
    """A regression of a table."""

    measure: str  # what ``probability`` and ``label`` are about
    regression: Regression
    # What the intercept is of: the first day, or the category that has no column.
    reference: Mapping[str, str]

    @property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """The coefficients, the intercept first; none where refused."""
        return self.regression.coefficients

    def to_json(self) -> dict[str, Any]:
        """Return the regression as the command line prints it."""
        result = self.regression
        return {
            "measure": self.measure,
            "estimand": result.inference.value,
            "model": result.model.value,
            "coefficients": [
                {
                    "name": coefficient.name,
                    "value": rounded(coefficient.value),
                    "error": rounded(coefficient.error),
                    "low": rounded(coefficient.low),
                    "high": rounded(coefficient.high),
                    "p_value": rounded(coefficient.p_value),
                }
                for coefficient in result.coefficients
            ],
            "reference": dict(self.reference),
            "n": result.n,
            "editions": result.editions,
            "drawn": result.drawn,
            "picked": result.picked,
            "method": result.method,
            "refused": result.refused,
        }


def regress_table(
    table: Table,
    measure: str,
    by: Sequence[str],
    *,
    model: Model | str = Model.LINEAR,
    inference: Inference | str = Inference.THESE,
    weight: Weight | str = Weight.COUNT,
    confidence: float = 0.95,
    calibration: Calibration | None = None,
) -> TableRegression:
    """Regress whether a photo shows a measure on columns of a table of photos.

    Args:
        table: As for ``pipelines.statistics.plain_table.estimate``.
        measure: What the probabilities and labels are about: ``children``, for instance.
        by: Columns: days are counted in years, numbers are as they are, categories have a
            coefficient each but for the first.
        model: ``linear``, of shares, or ``logit``, of log odds.
        inference: ``these`` editions, or ``practice``.
        weight: ``count``, or ``area``: the column ``area_share``.
        confidence: Level of the intervals, above 0 and below 1.
        calibration: How far probabilities may be off; None: as learned for the measure.

    Raises:
        BadTable: A column is missing or says nothing, or a value is out of range.
    """
    columns, source = read_columns(table)
    missing = [name for name in by if name not in columns]
    if missing:
        there = ", ".join(columns)
        raise BadTable(f"{source}: there is no column {missing[0]!r}; there are: {there}")
    photos = PhotoRows.of(columns, source, weight=Weight(weight)).framed(source).table
    components = calibration or Recipe.load().aggregate.calibration_of(measure)
    try:
        design = design_matrix({name: [as_text(cell) for cell in columns[name]] for name in by})
        regression = regress(
            photos,
            _prediction(photos, components),
            design.X,
            design.names,
            model=Model(model),
            inference=Inference(inference),
            confidence=confidence,
        )
    except ValueError as error:
        raise BadTable(f"{source}: {error}") from error
    return TableRegression(measure, regression, design.reference)


def _prediction(table: PhotoTable, components: Calibration) -> Numbers:
    """Return the recalibrated probabilities; the machine's own where nothing was drawn."""
    if not table.sampled.any():
        return table.probability
    everything = np.zeros(len(table), np.int64)
    return ShareEstimator(table, everything, ("all",), components).recalibrated
