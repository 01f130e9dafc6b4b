"""The form of a chart of series: values with intervals over time, or bars by group."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import altair as alt

from presslens.app.charts.chart import Legend, MarkedDay, MarkKind, PlottedValue, SeriesChart
from presslens.app.charts.palette import SHAPES, Palette
from presslens.app.charts.row_sets import RowSets

WIDTH, HEIGHT = 780, 300
"""Size of the plot in pixels."""

MOST_POINTS = 60
"""Largest number of values of a series over time that have a point each; more are a band."""

MOST_NUMBERED = 12
"""Largest number of events that are numbered; of more, only lines are drawn."""

BRUSH = "brush"
"""Name of the brushed interval, which the page's script listens to."""

_DAY = timedelta(days=1)
_CROSS = "M-1,-1L1,1M1,-1L-1,1"
"""The machine's mark: an x as a path."""

_NUMBER = 0.02
"""Room that the number of a marked day takes, as a part of the axis; those closer have rows."""

_ROWS = 4
_FEW = 3
"""So many groups would have bars that are too wide."""

_LABEL = 14
"""Characters of a group's label in a line."""

_BESIDE = 20
"""Characters of a line of the words beside the plot."""


_SOLID = alt.condition("datum.shown", alt.value([1, 0]), alt.value([6, 3]))
"""Lines of changes and trends: solid where they differ from zero, else dashed."""

Layered = alt.LayerChart | alt.FacetChart
"""What Altair says of layers; those of charts here are never in facets."""


def series_form(
    chart: SeriesChart, palette: Palette, sets: RowSets, *, interactive: bool
) -> Layered:
    """Return a chart of series in Altair's terms.

    Args:
        chart: Its content.
        palette: The colours.
        sets: Gets the rows that are drawn.
        interactive: Points have tooltips and open their address; over time an interval may be
            brushed.
    """
    if not chart.values:
        return empty_form(chart.legend, palette, sets)
    data = sets.chart(_rows(chart))
    layers = _over_time(chart, palette, data) if chart.span else _bars(chart, palette, data)
    if chart.span:  # no line of a day hides its interval
        layers[-1:-1] = [*_levels(chart, palette, sets), *_marks(chart, palette, sets)]
    if any(value.machine is not None for value in chart.values):
        layers.append(_machine(chart, palette, data))
    layers.append(_points(chart, palette, data, interactive=interactive))
    if interactive and chart.span:
        brush = alt.selection_interval(name=BRUSH, encodings=["x"])
        layers[0] = layers[0].add_params(brush)
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def empty_form(legend: Legend, palette: Palette, sets: RowSets) -> Layered:
    """Return a chart that says that there is nothing to draw."""
    words = sets.chart([{}]).mark_text(text=legend.empty, fontSize=14, color=palette.pale)
    return alt.layer(words).properties(width=WIDTH, height=HEIGHT)


def _over_time(chart: SeriesChart, palette: Palette, data: alt.Chart) -> list[alt.Chart]:
    colour = _colour(chart, palette)
    x, y = _days(chart), _values(chart)
    low, high = alt.Y("low:Q"), alt.Y2("high:Q")
    layers: list[alt.Chart] = []
    if _dense(chart):
        layers += [
            data.mark_area(opacity=0.22).encode(x=x, y=low, y2=high, color=colour),
            data.mark_line(strokeWidth=1.3).encode(x=x, y=y, color=colour),
        ]
    else:
        layers += [
            data.mark_line(strokeWidth=1, opacity=0.35).encode(x=x, y=y, color=colour),
            _whiskers(data).encode(x=x, y=low, y2=high, color=colour),
        ]
    return layers


def _bars(chart: SeriesChart, palette: Palette, data: alt.Chart) -> list[alt.Chart]:
    colour, x, offset = _colour(chart, palette), _groups(chart), _offset(chart)
    bars = data.mark_bar(opacity=0.3, cornerRadiusEnd=2)
    whiskers = _whiskers(data).encode(
        x=x, xOffset=offset, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=colour
    )
    return [bars.encode(x=x, xOffset=offset, y=_values(chart), color=colour), whiskers]


def _points(
    chart: SeriesChart, palette: Palette, data: alt.Chart, *, interactive: bool
) -> alt.Chart:
    """Return a point for each value, hollow where it has no firm interval; machine marks beside."""
    dense = chart.span is not None and _dense(chart)
    encoding: dict[str, Any] = {
        "x": _days(chart) if chart.span else _groups(chart),
        "y": _values(chart),
        "color": _colour(chart, palette),
        "fill": _fill(chart, palette),
        "shape": _shape(chart),
        "description": alt.Description("words:N"),
        "fillOpacity": alt.condition(
            "isValid(datum.low) && !datum.provisional", alt.value(1), alt.value(0)
        ),
    }
    if not chart.span:
        encoding["xOffset"] = _offset(chart)
    if interactive:
        encoding["tooltip"] = alt.Tooltip("words:N", title="")
        encoding["href"] = alt.Href("address:N")
    cursor: dict[str, Any] = {"cursor": "pointer"} if interactive else {}
    size, opacity = (30, 0.0) if dense else (64, 1.0)
    if dense and not interactive:
        size = 1
    mark = data.mark_point(size=size, opacity=opacity, strokeWidth=1.5, **cursor)
    drawn: alt.Chart = mark.encode(**encoding)
    return drawn


def _machine(chart: SeriesChart, palette: Palette, data: alt.Chart) -> alt.Chart:
    """Return a cross for each estimate of the machine alone."""
    encoding: dict[str, Any] = {
        "x": _days(chart) if chart.span else _groups(chart),
        "y": alt.Y("machine:Q"),
        "color": _colour(chart, palette),
    }
    if not chart.span:
        encoding["xOffset"] = _offset(chart)
    mark = data.transform_filter("isValid(datum.machine)")
    drawn: alt.Chart = mark.mark_point(shape=_CROSS, size=40, strokeWidth=1.4).encode(**encoding)
    return drawn


def _whiskers(data: alt.Chart) -> alt.Chart:
    rule = data.mark_rule(strokeWidth=4, strokeCap="round")
    drawn: alt.Chart = rule.transform_filter("isValid(datum.low)").encode(
        opacity=alt.condition("datum.provisional", alt.value(0.2), alt.value(0.45))
    )
    return drawn


def _levels(chart: SeriesChart, palette: Palette, sets: RowSets) -> list[alt.Chart]:
    rows = [
        {"series": one.series, "from": _time(one.first), "to": _time(one.last), "y": one.value,
         "end": one.end, "shown": one.shown, "low": one.low, "high": one.high,
         "words": textwrap.wrap(one.words, _BESIDE)}
        for one in chart.levels
    ]  # fmt: skip
    if not rows:
        return []
    x, x2, y, y2 = alt.X("from:T"), alt.X2("to:T"), alt.Y("y:Q"), alt.Y2("end:Q")
    named = [row for row in rows if row["words"]]
    if not named:
        rule = sets.chart(rows).mark_rule(strokeWidth=2)
        colour = _colour(chart, palette)
        return [rule.encode(x=x, x2=x2, y=y, y2=y2, color=colour, strokeDash=_SOLID)]
    data = sets.chart(named)
    ends = data.transform_filter("isValid(datum.low)").mark_rect(color=palette.pale, opacity=0.18)
    rule = data.mark_rule(color=palette.ink, strokeWidth=1.5, strokeDash=[6, 3])
    text = data.mark_text(
        x="width", dx=8, align="left", baseline="middle", color=palette.ink, fontSize=12
    )
    return [
        ends.encode(x=x, x2=x2, y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
        rule.encode(x=x, x2=x2, y=y, y2=y2),
        text.encode(y=y, text="words:N"),
    ]


def _marks(chart: SeriesChart, palette: Palette, sets: RowSets) -> list[alt.Chart]:
    """Return lines of the marked days: those of events are dotted and numbered."""
    layers = []
    for kind, colour, dash in (
        (MarkKind.EVENT, palette.pale, alt.value([1, 3])),
        (MarkKind.CHANGE, palette.ink, _SOLID),
        (MarkKind.ASKED, palette.ink, alt.value([1, 0])),
    ):
        of_kind = [mark for mark in chart.marks if mark.kind is kind]
        if not of_kind:
            continue
        rule = sets.chart(_mark_rows(of_kind)).mark_rule(color=colour, strokeWidth=1.2)
        words = alt.Tooltip("words:N", title="")
        layers.append(rule.encode(x=alt.X("x:T"), tooltip=words, strokeDash=dash))
        if chart.span and (kind is not MarkKind.EVENT or len(of_kind) <= MOST_NUMBERED):
            layers += _numbers(chart.span, of_kind, colour, sets)
    return layers


def _numbers(
    span: tuple[str, str], marks: Sequence[MarkedDay], colour: str, sets: RowSets
) -> Iterator[alt.Chart]:
    """Yield the numbers of marked days in rows above the plot, so that none covers another."""
    first, last = span
    room = _NUMBER * (_time(last) - _time(first) or 1.0)
    ends = [-math.inf] * _ROWS
    rows: dict[int, list[MarkedDay]] = {}
    for mark in marks:
        place = _time(mark.day)
        row = next((i for i, end in enumerate(ends) if place - end >= room), _ROWS - 1)
        ends[row] = place
        rows.setdefault(row, []).append(mark)
    for row, of_row in rows.items():
        text = sets.chart(_mark_rows(of_row)).mark_text(
            color=colour, fontSize=10.5, baseline="bottom", y=-2 - 11 * row
        )
        yield text.encode(x=alt.X("x:T"), text="number:N")


def _mark_rows(marks: Sequence[MarkedDay]) -> list[dict[str, Any]]:
    return [
        {"x": _time(one.day), "number": one.number, "words": one.words, "shown": one.shown}
        for one in marks
    ]


def _rows(chart: SeriesChart) -> list[dict[str, Any]]:
    rows = []
    for value in chart.values:
        row: dict[str, Any] = {"series": value.series, "words": value.words, "y": value.value}
        row |= {"x": _time(value.place)} if chart.span else {"group": value.place}
        optional = {
            "low": value.low, "high": value.high, "machine": value.machine,
            "address": value.address, "provisional": value.provisional or None,
        }  # fmt: skip
        rows.append(row | {name: one for name, one in optional.items() if one is not None})
    return rows


def _days(chart: SeriesChart) -> alt.X:
    first, last = (date.fromisoformat(day) for day in chart.span or ())
    room = max(_DAY / 2, (last - first) / 50)
    domain = [_instant(first, -room), _instant(last, room)]
    step, form = _ticks((last - first).days + 1, korean=chart.legend.locale == "ko")
    years = dict.fromkeys((first.year, last.year))
    axis = alt.Axis(
        title=None if "%Y" in form else "–".join(map(str, years)), format=form, tickCount=step,
        grid=False, labelOverlap="parity", labelSeparation=6, labelFlush=False,
    )  # fmt: skip
    return alt.X("x:T", scale=alt.Scale(type="utc", domain=domain, nice=False), axis=axis)


def _instant(day: date, later: timedelta) -> alt.DateTime:
    """Return a moment, taken apart: Vega without eval reads no other form of it in a domain."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + later
    return alt.DateTime(
        year=moment.year, month=moment.month, date=moment.day, hours=moment.hour, utc=True
    )


def _ticks(days: int, *, korean: bool) -> tuple[alt.TimeIntervalStep, str]:
    """Return the steps of a time axis, and the form of its labels."""
    day, month, year = (
        ("%-m월 %-d일", "%Y년 %-m월", "%Y년") if korean else ("%-d %b", "%b %Y", "%Y")
    )
    if days <= 12:
        return alt.TimeIntervalStep(interval="day", step=1), day
    if days <= 80:
        return alt.TimeIntervalStep(interval="week", step=1), day
    for most, months in ((430, 1), (1200, 3), (2300, 6)):
        if days <= most:
            return alt.TimeIntervalStep(interval="month", step=months), month
    return alt.TimeIntervalStep(interval="year", step=1), year


def _values(chart: SeriesChart) -> alt.Y:
    axis = alt.Axis(title=chart.legend.axis, tickCount=6, format="~%" if chart.percent else ",.2~f")
    return alt.Y("y:Q", scale=alt.Scale(domainMin=0, nice=True), axis=axis)


def _groups(chart: SeriesChart) -> alt.X:
    labels = {value.place: value.label for value in chart.values}
    room = 0.3 if len(labels) > _FEW else 0.7
    wrapped = {key: textwrap.wrap(label, _LABEL) or [label] for key, label in labels.items()}
    axis = alt.Axis(
        title=None, grid=False, labelAngle=0, labelOverlap=False,
        labelExpr=f"{json.dumps(wrapped, ensure_ascii=False)}[datum.value]",
    )  # fmt: skip
    return alt.X("group:N", sort=list(labels), axis=axis, scale=alt.Scale(padding=room))


def _offset(chart: SeriesChart) -> alt.XOffset:
    return alt.XOffset("series:N", sort=list(chart.series))


def _colour(chart: SeriesChart, palette: Palette) -> alt.Color:
    legend = _series_legend(chart.series)
    return alt.Color("series:N", scale=_colours(chart, palette), legend=legend)


def _fill(chart: SeriesChart, palette: Palette) -> alt.Fill:
    legend = _series_legend(chart.series)
    return alt.Fill("series:N", scale=_colours(chart, palette), legend=legend)


def _colours(chart: SeriesChart, palette: Palette) -> alt.Scale:
    names = list(chart.series)
    return alt.Scale(domain=names, range=list(palette.series[: len(names)]))


def _shape(chart: SeriesChart) -> alt.Shape:
    names = list(chart.series)
    scale = alt.Scale(domain=names, range=list(SHAPES[: len(names)]))
    return alt.Shape("series:N", scale=scale, legend=_series_legend(names))


def _series_legend(names: Sequence[str]) -> alt.Legend | None:
    if len(names) < 2:
        return None
    return alt.Legend(title=None, symbolOpacity=1, symbolSize=80)


def _dense(chart: SeriesChart) -> bool:
    return any(_count(chart.values, name) > MOST_POINTS for name in chart.series)


def _count(values: Sequence[PlottedValue], name: str) -> int:
    return sum(value.series == name for value in values)


def _time(day: str) -> float:
    return _moment(date.fromisoformat(day))


def _moment(day: date) -> float:
    """Return a day in milliseconds: browsers take them alike, whatever their time zone."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1e3
