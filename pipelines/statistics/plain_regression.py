"""Regressions of a plain table of photos: no database, and no network.

from presslens.pipelines.statistics.plain_regression import regress_table

for coefficient in regress_table("photos.csv", "children", ["date", "scanner"]).coefficients:
    print(coefficient.name, coefficient.value, coefficient.low, coefficient.high)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from presslens.models.recipe import Aggregate
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.design_matrix import (
    DesignMatrix,
    Event,
    TreatedGroup,
    design_matrix,
    event_columns,
    group_columns,
)
from presslens.pipelines.statistics.measure import Inference, Weight
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.moments import Model
from presslens.pipelines.statistics.plain_rows import PhotoRows
from presslens.pipelines.statistics.regression import Coefficient, Regression, regress
from presslens.pipelines.statistics.table_columns import BadTable, Table, read_columns
from presslens.pipelines.statistics.table_pools import TablePools, rules_with


@dataclass(frozen=True, slots=True)
class TableRegression(Served):
    """A regression of a table."""

    SERVED: ClassVar[str] = """
        measure estimand=regression.inference model=regression.model coefficients reference
        n=regression.n editions=regression.editions drawn=regression.drawn picked=regression.picked
        method=regression.method refused=regression.refused
    """

    measure: str  # what ``probability`` and ``label`` are about
    regression: Regression
    # What the intercept is of: the first day, or the category that has no column.
    reference: Mapping[str, str]

    @property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """The coefficients, the intercept first; none where refused."""
        return self.regression.coefficients


def regress_table(
    table: Table,
    measure: str,
    by: Sequence[str] = (),
    *,
    event: Event | None = None,
    treated: TreatedGroup | None = None,
    clusters: str | None = None,
    model: Model | str = Model.LINEAR,
    inference: Inference | str = Inference.THESE,
    weight: Weight | str = Weight.COUNT,
    confidence: float | None = None,
    rules: Aggregate | None = None,
    nonresponse: float | None = None,
    coders: CoderAccuracy | None = None,
) -> TableRegression:
    """Regress whether a photo shows a measure on columns of a table of photos.

    Args:
        table: As for ``pipelines.statistics.plain_table.estimate``.
        measure: What the probabilities and labels are about: ``children``, for instance.
        by: Columns: days are counted in years, numbers are as they are, categories have a
            coefficient each but for the first.
        event: A day: a coefficient for each period around it, against the last one before it.
        treated: A group and a day: how much more the group changed on it than others did.
        clusters: For practice: the column whose values are the clusters; None: editions.
        model: ``linear``, of shares, or ``logit``, of log odds.
        inference: ``these`` editions, or ``practice``.
        weight: ``count``, or ``area``: the column ``area_share``.
        confidence: Level of the intervals, above 0 and below 1; None: that of the rules.
        rules: A recipe's, which say how far probabilities may be off; None: those that are shipped.
        nonresponse: Factor of the odds by which photos without an answer may differ from answered
            ones, at least 1; None: that of the rules.
        coders: How often labels are right, as for ``estimate``; None: as columns say.

    Raises:
        BadTable: A column is missing or says nothing, or a value is out of range.
        ValueError: A setting is.
    """
    rules = rules_with(rules, confidence, nonresponse)
    columns, source = read_columns(table)
    wanted = [*by, *([treated.column] if treated else []), *([clusters] if clusters else [])]
    missing = [name for name in wanted if name not in columns]
    if missing:
        there = ", ".join(columns)
        raise BadTable(f"{source}: there is no column {missing[0]!r}; there are: {there}")
    rows = PhotoRows.of(columns, source, weight=Weight(weight))
    framed = rows.framed()
    prediction = TablePools(rules, {"nonresponse": rules.nonresponse}, None).expected(
        measure, rows, framed
    )
    photos = framed.table
    if not rows.counted.all():  # the others have told what they know of the machine
        photos, prediction = photos.at(rows.counted), prediction[rows.counted]
        rows = rows.at(rows.counted)
    try:
        design = design_matrix({name: rows.groups(name) for name in by}, len(photos))
        design = _around(design, rows, event, treated)
        regression = regress(
            photos,
            prediction,
            design.X,
            design.names,
            model=Model(model),
            inference=Inference(inference),
            confidence=rules.confidence,
            nonresponse=rules.nonresponse,
            coders=rows.answers.coders if coders is None else coders,
            clusters=np.unique(rows.groups(clusters), return_inverse=True)[1] if clusters else None,
        )
    except ValueError as error:
        raise BadTable(f"{source}: {error}") from error
    return TableRegression(measure, regression, design.reference)


def _around(
    design: DesignMatrix, rows: PhotoRows, event: Event | None, treated: TreatedGroup | None
) -> DesignMatrix:
    """Return the columns with those of an event, or of two groups before and after a day."""
    if event is None and treated is None:
        return design
    if not all(rows.days):
        raise ValueError("there is a row without date: before or after the day is not known")
    days = np.array([day.toordinal() for day in rows.days if day], np.int64)
    if event is not None:
        design = design.with_columns(event_columns(days, event), event=f"{event.unit} -1")
    if treated is not None:
        design = design.with_columns(group_columns(rows.groups(treated.column), days, treated))
    return design
