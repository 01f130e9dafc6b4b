"""The content of charts: plain data with the words around it, before it gets a form.

The drawing process imports this module, so that it imports nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Theme(StrEnum):
    """The ground that a chart stands on."""

    LIGHT = "light"
    DARK = "dark"


class MarkKind(StrEnum):
    """What a marked day is."""

    EVENT = "event"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Legend:
    """The words around a chart, in the language of the reader.

    Attributes:
        title: Above the chart, in lines.
        notes: Below it, in lines: n, method, recipe, the events, how to cite.
        summary: The chart in one sentence, for who can't see it.
        locale: Code of the language of tick labels: en or ko.
        axis: What the values are.
        machine: Name of the machine's own estimates.
        empty: What an empty chart says.
    """

    title: Sequence[str]
    notes: Sequence[str]
    summary: str
    locale: str
    axis: str
    machine: str
    empty: str


@dataclass(frozen=True, slots=True)
class PlottedValue:
    """One value of a chart.

    Attributes:
        series: Name of its series: a newspaper, a recipe.
        place: A day, YYYY-MM-DD, or the name of a group.
        label: Name of the place in words.
        value: The estimate; None parts the line.
        low: Lower end of the interval; None without one.
        high: Upper end of the interval; None without one.
        machine: Estimate of the machine alone; None: not drawn.
        words: The value, its interval and what it is of, in words.
        address: What a click opens; None for nothing.
    """

    series: str
    place: str
    label: str
    value: float | None
    low: float | None
    high: float | None
    machine: float | None
    words: str
    address: str | None


@dataclass(frozen=True, slots=True)
class MarkedDay:
    """A day that a line marks: of events, or of a change."""

    kind: MarkKind
    day: str
    number: str
    words: str


@dataclass(frozen=True, slots=True)
class Level:
    """The level of a series between two of its changes."""

    series: str
    first: str
    last: str
    value: float


@dataclass(frozen=True, slots=True)
class SeriesChart:
    """Values with intervals, over time or by group, of one or several series.

    Attributes:
        legend: The words around it.
        series: Names of the series, in order.
        values: Over time in its order; else by group.
        span: First and last day of the time axis; None: the places are groups.
        percent: The values are shares, 0–1.
        marks: Marked days; over time alone.
        levels: Levels between changes; over time alone.
    """

    legend: Legend
    series: Sequence[str]
    values: Sequence[PlottedValue]
    span: tuple[str, str] | None
    percent: bool
    marks: Sequence[MarkedDay] = ()
    levels: Sequence[Level] = ()


@dataclass(frozen=True, slots=True)
class PlottedDifference:
    """The difference of one metric.

    Attributes:
        metric: Name of the metric in words.
        sides: Its values in both groups, in words.
        value: The difference.
        low: Lower end of its interval; None without one.
        high: Upper end of its interval; None without one.
        differs: The metric differs after the correction.
        percent: The difference is one of shares, -1 to 1.
        words: The difference and its interval in words.
    """

    metric: str
    sides: str
    value: float
    low: float | None
    high: float | None
    differs: bool
    percent: bool
    words: str


@dataclass(frozen=True, slots=True)
class DifferencesChart:
    """Differences of two groups of editions in many metrics.

    Attributes:
        legend: The words around it; ``axis`` is that of shares.
        differences: In the order of the metrics.
        differs: Name of those that differ.
        undecided: Name of the others.
        axis_plain: What the differences of plain metrics are.
    """

    legend: Legend
    differences: Sequence[PlottedDifference]
    differs: str
    undecided: str
    axis_plain: str


Chart = SeriesChart | DifferencesChart


@dataclass(frozen=True, slots=True)
class Format:
    """How a chart is to be drawn.

    Attributes:
        theme: The ground that it stands on.
        bare: Without title and notes, as wide as its container, for a page that has them; points
            show their words, and an interval may be brushed.
    """

    theme: Theme = Theme.LIGHT
    bare: bool = False
