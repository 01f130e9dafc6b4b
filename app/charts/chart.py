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
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Legend:
    """The words around a chart, in the language of the reader."""

    title: Sequence[str]  # above the chart, in lines
    notes: Sequence[str]  # below it, in lines: n, method, recipe, the events, how to cite
    summary: str  # the chart in one sentence, for who can't see it
    locale: str  # code of the language of tick labels: en or ko
    axis: str  # what the values are
    machine: str  # name of the machine's own estimates
    empty: str  # what an empty chart says


@dataclass(frozen=True, slots=True)
class PlottedValue:
    """One value of a chart."""

    series: str  # name of its series: a newspaper, a recipe
    place: str  # a day, YYYY-MM-DD, or the name of a group
    label: str  # name of the place in words
    value: float | None  # the estimate; None parts the line
    low: float | None  # lower end of the interval; None without one
    high: float | None  # upper end of the interval; None without one
    machine: float | None  # estimate of the machine alone; None: not drawn
    words: str  # the value, its interval and what it is of, in words
    address: str | None  # what a click opens; None for nothing
    provisional: bool = False  # it rests on a few drawn answers


@dataclass(frozen=True, slots=True)
class MarkedDay:
    """A day that a line marks: of events, of a change, or one that a claim is about."""

    kind: MarkKind
    day: str
    number: str
    words: str
    shown: bool = True  # the change differs from zero; else its line is dashed


@dataclass(frozen=True, slots=True)
class Level:
    """The level of a series between two of its changes, or its trend between two days."""

    series: str
    first: str
    last: str
    value: float  # on the first day
    end: float  # on the last day
    shown: bool = True  # the change or the trend differs from zero; else it is dashed
    words: str = ""  # what it is, beside it, of what a claim compares with; "": its series
    low: float | None = None  # lower end of its interval; None without one
    high: float | None = None  # upper end of its interval; None without one


@dataclass(frozen=True, slots=True)
class SeriesChart:
    """Values with intervals, over time or by group, of one or several series."""

    legend: Legend  # the words around it
    series: Sequence[str]  # names of the series, in order
    values: Sequence[PlottedValue]  # over time in its order; else by group
    span: tuple[str, str] | None  # first and last day of the time axis; None: the places are groups
    percent: bool  # the values are shares, 0–1
    marks: Sequence[MarkedDay] = ()  # marked days; over time alone
    levels: Sequence[Level] = ()  # levels and trends; over time alone


@dataclass(frozen=True, slots=True)
class PlottedDifference:
    """The difference of one metric."""

    metric: str  # name of the metric in words
    sides: str  # its values in both groups, in words
    value: float
    low: float | None  # lower end of its interval; None without one
    high: float | None  # upper end of its interval; None without one
    differs: bool  # the metric differs after the correction
    percent: bool  # the difference is one of shares, -1 to 1
    words: str  # the difference and its interval in words


@dataclass(frozen=True, slots=True)
class DifferencesChart:
    """Differences of two groups of editions in many metrics."""

    legend: Legend  # the words around it; ``axis`` is that of shares
    differences: Sequence[PlottedDifference]  # in the order of the metrics
    differs: str  # name of those that differ
    undecided: str  # name of the others
    axis_plain: str  # what the differences of plain metrics are


Chart = SeriesChart | DifferencesChart


@dataclass(frozen=True, slots=True)
class Format:
    """How a chart is to be drawn."""

    theme: Theme = Theme.LIGHT  # the ground that it stands on
    # Without title and notes, as wide as its container, for a page that has them; points show their
    # words, and an interval may be brushed.
    bare: bool = False
