"""Makes Vega-Lite specifications of charts with Altair, and pictures of them.

The drawing process alone imports this module: Altair and the renderer take a third of a second and
some 100 MB, which neither the web server nor the command line should need.
"""

from __future__ import annotations

from functools import cache
from html import escape
from typing import Any

import altair as alt
import vl_convert

from presslens.app.charts.chart import Chart, Format, Legend, SeriesChart
from presslens.app.charts.differences_form import differences_form
from presslens.app.charts.palette import FONTS, PALETTES, Palette
from presslens.app.charts.row_sets import RowSets
from presslens.app.charts.series_form import series_form

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
