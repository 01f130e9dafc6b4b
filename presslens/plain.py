"""Estimates of plain tables: a row for each photo, from any detector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from presslens.answers import ChartedResult, Record, number_list
from presslens.errors import Refused, errors_of_package
from presslens.results_compositions import ShareCount
from presslens.results_statistics import Estimand, Inference, TableRegression, Weight
from presslens.tables import JsonObject

Rows = Iterable[Mapping[str, Any]]
"""Rows with the same columns."""


class TableGroup(Record):
    """The estimate of a group, or the difference of two."""

    group: str
    """The common value of the column, or the two values."""
    value: float | None
    """The share, 0–1; None where nothing honest can be said."""
    low: float | None
    """The lower end of its interval."""
    high: float | None
    """The upper end of its interval."""
    n: int
    """Number of photos."""
    editions: int
    """Number of editions."""
    drawn: int
    """Photos that were drawn by chance and answered."""
    picked: int
    """Photos that were answered although nobody drew them."""
    method: str
    """The method of the interval, or the reason for none."""
    refused: str | None
    """Why there is no honest interval; None: nothing is refused."""
    note: str | None
    """What else to know; None for nothing."""
    provisional: bool
    """It rests on a few drawn answers."""
    count: ShareCount | None = None
    """The numerator with its interval and unit; None of a difference."""
    p_value: float | None = None
    """Of the hypothesis that the two are the same; None of a share."""

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its ends; None where no interval is honest."""
        return None if self.low is None or self.high is None else (self.low, self.high)


class TableEstimates(ChartedResult):
    """The estimates of a table."""

    PARTS: ClassVar[str] = "groups"
    CONTEXT: ClassVar[tuple[str, ...]] = ("measure", "inference")

    measure: str
    """What probabilities and labels are about."""
    inference: Inference = Field(alias="estimand")
    """About these editions, or about the newspaper's practice."""
    groups: list[TableGroup]
    """The estimate of each group, or one difference."""

    @property
    def sentence(self) -> str:
        """The estimates and their intervals; of many groups, how many there are."""
        from presslens.app.cli.estimates_in_words import in_words
        from presslens.pipelines.written_numbers import points

        first = self.groups[0]
        why = first.refused or first.method
        if first.p_value is not None and first.value is not None:
            ends = [points(end) for end in (first.low, first.high) if end is not None]
            return (
                f"{self.measure}, {first.group}: {points(first.value)} ({' to '.join(ends)}); {why}"
            )
        if len(self.groups) == 1:
            return f"{self.measure}: {in_words(self._shares()[0][1])}; {why}"
        numbers = [(share["value"], f"{name} {in_words(share)}") for name, share in self._shares()]
        return f"{self.measure}: {number_list(numbers, 'groups')}"

    def _shares(self) -> list[tuple[str, JsonObject]]:
        """Return the JSON of each group as that of a share."""
        groups = self._document["groups"]
        ends = [None if one["low"] is None else [one["low"], one["high"]] for one in groups]
        return [
            (one["group"], {**one, "interval": interval})
            for one, interval in zip(groups, ends, strict=True)
        ]

    def _chart_as(self, ending: str) -> str:
        from presslens.share_chart import share_chart

        return share_chart(self.measure, self._shares(), ending)

    @property
    def _is_drawn(self) -> bool:
        """Whether its chart shows a value: a difference is a table."""
        return any(group.value is not None and group.p_value is None for group in self.groups)


class TableFit(TableRegression):
    """A regression of a table; a row of its table is a coefficient."""

    PARTS: ClassVar[str] = "coefficients"
    CONTEXT: ClassVar[tuple[str, ...]] = ("measure", "inference", "model", "method", "refused")

    @property
    def sentence(self) -> str:
        """How it was fitted, or why it is refused."""
        return f"{self.measure}, {self.model}: {self.refused or self.method}"


Tables = str | Path | Mapping[str, Sequence[Any]] | Rows | Any
"""A data frame of pandas or polars, rows or columns, or a CSV or Parquet file."""


def estimate(
    frame: Tables,
    measure: str,
    *,
    by: str | Literal["month", "year"] | None = None,
    compare: tuple[str, str] | None = None,
    inference: Inference = "these",
    estimand: Estimand = "share_of_photos",
    weight: Weight = "count",
    confidence: float | None = None,
    nonresponse: float | None = None,
) -> TableEstimates:
    """Estimate the share of photos that show something, as ``presslens estimate`` does.

    A row is a photo: ``edition``, ``probability`` by the machine, 0–1, and ``label``, 1, 0 or
    empty, where people have looked; docs/reference/statistics.md has the other columns.

    >>> photos = [{"edition": day, "probability": p} for day in "abcdef" for p in (0.1, 0.9)]
    >>> result = presslens.estimate(photos, "children")
    >>> result.groups[0].n, result.groups[0].editions
    (12, 6)

    Args:
        frame: A data frame of pandas or polars, rows or columns, or a CSV or Parquet file.
        measure: What probabilities and labels are about: ``children``, for instance.
        by: Column whose values are the groups, or ``month`` or ``year`` of the ``date``.
        compare: Two values of ``by``: the first less the second.
        inference: About these editions, or about the newspaper's practice.
        estimand: The share of all photos, or the mean of the editions' shares.
        weight: A photo counts as one, or by the column ``area_share``.
        confidence: Level of the intervals, above 0 and below 1; without it, 0.95.
        nonresponse: Factor of the odds by which photos without an answer may differ.

    Raises:
        NoFile: There is no such file.
        Refused: A column is missing, or a value or a setting is out of range.
    """
    from presslens.pipelines.statistics.plain_table import estimate as estimate_table

    with errors_of_package(ValueError):
        result = estimate_table(
            _columns(frame),
            measure,
            by=by,
            compare=compare,
            inference=inference,
            estimand=estimand,
            weight=weight,
            confidence=confidence,
            nonresponse=nonresponse,
        )
    return TableEstimates.of(result.to_json())


def regress(
    frame: Tables,
    measure: str,
    on: str | Sequence[str],
    *,
    clusters: str | None = None,
    model: Literal["linear", "logit"] = "linear",
    inference: Inference = "these",
    weight: Weight = "count",
    confidence: float | None = None,
    nonresponse: float | None = None,
) -> TableFit:
    """Regress whether a photo shows something on columns, as ``presslens estimate --regress`` does.

    Args:
        frame: As of ``estimate``.
        measure: What probabilities and labels are about: ``children``, for instance.
        on: A column, or several: days are counted in years, numbers are as they are, categories
            have a coefficient each but for the first.
        clusters: For practice: the column of the clusters; without it, editions are.
        model: Of shares, or of their log odds.
        inference: About these editions, or about the newspaper's practice.
        weight: A photo counts as one, or by the column ``area_share``.
        confidence: Level of the intervals, above 0 and below 1; without it, 0.95.
        nonresponse: Factor of the odds by which photos without an answer may differ.

    Raises:
        NoFile: There is no such file.
        Refused: A column is missing or says nothing, or a value or a setting is out of range.
    """
    from presslens.pipelines.statistics.plain_regression import regress_table

    with errors_of_package(ValueError):
        result = regress_table(
            _columns(frame),
            measure,
            [on] if isinstance(on, str) else on,
            clusters=clusters,
            model=model,
            inference=inference,
            weight=weight,
            confidence=confidence,
            nonresponse=nonresponse,
        )
    return TableFit.of(result.to_json())


def _columns(frame: Tables) -> Any:
    """Return rows as columns, a row without a value has None; other tables as they are.

    Raises:
        Refused: It is no table.
    """
    if hasattr(frame, "collect"):  # polars' lazy frames
        return frame.collect()
    if isinstance(frame, str | Path | Mapping) or hasattr(frame, "columns"):
        return frame
    rows = list(frame) if isinstance(frame, Iterable) else [frame]
    if not all(isinstance(row, Mapping) for row in rows):
        raise Refused("a table is a data frame, rows or columns by name, or a CSV or Parquet file")
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}
