"""Makes Vega-Lite specifications of charts with Altair, and pictures of them.

The drawing process alone imports this module: Altair and the renderer take a third of a second and
some 100 MB, which neither the web server nor the command line should need.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

import altair as alt
import vl_convert

from presslens.app.charts.chart import (
    Chart,
    DifferencesChart,
    Format,
    Legend,
    PlottedDifference,
    SeriesChart,
)
from presslens.app.charts.palette import FONTS, PALETTES, Palette
from presslens.app.charts.row_sets import RowSets
from presslens.app.charts.series_form import Layered, empty_form, series_form

WIDTH = 470
"""Width of the plot in pixels."""

_ROW, _ALONE = 26, 24

_LABELS = 320
"""Width of the column of metrics."""

VEGA_LITE = "6.4"
"""The latest version of Vega-Lite that the renderer has; browsers have a later one of the same."""

SCALE = 2.0
"""Pixels of a PNG for each pixel of the specification."""

_LINE = 15
"""Height of a line of notes, in pixels."""


def specification(chart: Chart, form: Format) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart."""
    palette = PALETTES[form.theme]
    drawn: alt.TopLevelMixin
    sets = RowSets()
    if isinstance(chart, SeriesChart):
        drawn = series_form(chart, palette, sets, interactive=form.bare)
    else:
        drawn = differences_form(chart, palette, sets)
    spec: dict[str, Any] = drawn.to_dict()
    spec["datasets"] = sets.by_name
    spec["description"] = chart.legend.summary
    spec["background"] = "transparent"
    spec["config"] = _config(palette, chart.legend.locale)
    if form.bare:
        if isinstance(chart, SeriesChart):
            spec |= {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
        return spec
    return _framed(spec, chart.legend, palette)


def picture(chart: Chart, form: Format, kind: str, fonts: str | None) -> bytes:
    """Return a picture of a chart.

    Args:
        form: Its form; PNGs have paper of the theme's colour, the others a transparent ground.
        kind: png, svg or pdf.
        fonts: A folder of fonts beyond those of the system.

    Raises:
        ValueError: There is no such kind.
    """
    if fonts is not None:
        _register(fonts)
    spec = specification(chart, form)
    if kind == "png":
        spec["background"] = PALETTES[form.theme].ground
        return bytes(vl_convert.vegalite_to_png(spec, VEGA_LITE, scale=SCALE))
    if kind == "pdf":
        return bytes(vl_convert.vegalite_to_pdf(spec, VEGA_LITE))
    if kind == "svg":
        drawn = str(vl_convert.vegalite_to_svg(spec, VEGA_LITE))
        label = escape(chart.legend.summary)  # the renderer leaves the description out
        return drawn.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1).encode()
    raise ValueError(f"{kind} is no kind of picture: png, svg or pdf")


@cache
def _register(folder: str) -> None:
    vl_convert.register_font_directory(folder)


def _framed(spec: dict[str, Any], legend: Legend, palette: Palette) -> dict[str, Any]:
    """Return a specification with its title above and its notes below."""
    top = ("$schema", "config", "background", "description", "datasets")
    outer = {key: spec[key] for key in top if key in spec}
    inner = {key: value for key, value in spec.items() if key not in top}
    title = {
        "text": list(legend.title),
        "anchor": "start",
        "frame": "bounds",
        "offset": 14,
    }
    notes = {
        "text": list(legend.notes), "orient": "bottom", "anchor": "start", "frame": "bounds",
        "color": palette.pale, "fontSize": 10.5, "fontWeight": "normal", "lineHeight": _LINE,
        "offset": 16,
    }  # fmt: skip
    # A concatenation takes the legends of its parts, and would put them above the title.
    apart = {"scale": dict.fromkeys(("color", "fill", "shape"), "independent")}
    plot = {"title": title, "vconcat": [inner], "resolve": apart}
    framed = {**outer, "padding": 16, "vconcat": [plot], "resolve": apart}
    return framed | {"title": notes} if legend.notes else framed


def _config(palette: Palette, locale: str) -> dict[str, Any]:
    return {
        "font": FONTS[locale],
        "view": {"stroke": None},
        "title": {"color": palette.ink, "fontSize": 15, "fontWeight": "bold", "lineHeight": 19},
        "axis": {
            "domainColor": palette.pale, "gridColor": palette.rule, "tickColor": palette.pale,
            "labelColor": palette.ink, "titleColor": palette.ink, "labelFontSize": 12,
            "titleFontSize": 12, "titleFontWeight": "normal", "titlePadding": 8, "labelLimit": 320,
            "titleLimit": 600,
        },
        "legend": {
            "labelColor": palette.ink, "labelFontSize": 12, "labelLimit": 500, "orient": "top",
            "titleColor": palette.ink,
        },
    }  # fmt: skip


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
