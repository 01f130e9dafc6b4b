"""The form of a chart of differences: a point and its interval for each metric, beside zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from presslens.app.charts.chart import DifferencesChart, PlottedDifference
from presslens.app.charts.palette import Palette
from presslens.app.charts.row_sets import RowSets
from presslens.app.charts.series_form import Layered, empty_form

WIDTH = 470
"""Width of the plot in pixels."""

_ROW, _ALONE = 26, 24
_LABELS = 320
"""Width of the column of metrics."""


def differences_form(chart: DifferencesChart, palette: Palette, sets: RowSets) -> alt.VConcatChart:
    """Return a chart of differences in Altair's terms.

    Shares have one axis; each plain metric has one of its own, for a photo more is not a page more.

    Args:
        chart: Its content.
        palette: The colours.
        sets: Gets the rows that are drawn.
    """
    shares = [one for one in chart.differences if one.percent]
    plain = [one for one in chart.differences if not one.percent]
    blocks = (
        [_block(shares, chart, palette, sets, chart.legend.axis, legend=True)] if shares else []
    )
    for i, one in enumerate(plain):
        title = chart.axis_plain if i == len(plain) - 1 else None
        blocks.append(_block([one], chart, palette, sets, title, legend=not shares and i == 0))
    if not blocks:
        blocks = [empty_form(chart.legend, palette, sets)]
    return alt.vconcat(*blocks, spacing=10)


def _block(
    differences: Sequence[PlottedDifference],
    chart: DifferencesChart,
    palette: Palette,
    sets: RowSets,
    title: str | None,
    *,
    legend: bool,
) -> Layered:
    data = sets.chart(_rows(differences, chart))
    names = [chart.differs, chart.undecided]
    share = differences[0].percent
    x = alt.X(
        "value:Q",
        scale=alt.Scale(zero=True, nice=True),
        axis=alt.Axis(
            title=title, tickCount=8 if share else 4, labelExpr=_label(100 if share else 1)
        ),
    )
    y = alt.Y(
        "row:N",
        sort=None,
        axis=alt.Axis(
            title=None, domain=False, ticks=False, minExtent=_LABELS, maxExtent=_LABELS,
            labelLimit=_LABELS - 10,
        ),
    )  # fmt: skip
    colours = alt.Scale(domain=names, range=[palette.series[0], palette.pale])
    colour = alt.Color(
        "verdict:N",
        scale=colours,
        legend=alt.Legend(title=None, symbolOpacity=1) if legend else None,
    )
    fill = alt.Fill("verdict:N", scale=colours, legend=None)
    zero = sets.chart([{"zero": 0}]).mark_rule(color=palette.ink, strokeWidth=1)
    interval = data.mark_rule(strokeWidth=4, strokeCap="round", opacity=0.5)
    points = data.mark_point(size=60, opacity=1, strokeWidth=1.5)
    full = alt.condition("datum.differs", alt.value(1), alt.value(0))
    words = {"tooltip": alt.Tooltip("words:N", title=""), "description": alt.Description("words:N")}
    return alt.layer(
        zero.encode(x=alt.X("zero:Q")),
        interval.transform_filter("isValid(datum.low)").encode(
            x=alt.X("low:Q"), x2=alt.X2("high:Q"), y=y, color=colour
        ),
        points.encode(x=x, y=y, color=colour, fill=fill, fillOpacity=full, **words),
    ).properties(width=WIDTH, height=_ROW * len(differences) if share else _ALONE)


def _label(scale: int) -> str:
    """Return the expression of a tick's label: with its sign, and 0 without."""
    return f"datum.value == 0 ? '0' : format({scale} * datum.value, '+,.2~f')"


def _rows(
    differences: Sequence[PlottedDifference], chart: DifferencesChart
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for one in differences:
        row = {
            "row": f"{one.metric}: {one.sides}",
            "value": one.value,
            "differs": one.differs,
            "verdict": chart.differs if one.differs else chart.undecided,
            "words": one.words,
        }
        ends = {} if one.low is None else {"low": one.low, "high": one.high}
        rows.append(row | ends)
    return rows
