"""Charts of shares that were computed without an archive, as the pages of an archive draw them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from presslens.app.charts.chart import Format, Legend, PlottedValue, SeriesChart
from presslens.app.charts.drawing import picture, specification
from presslens.app.charts.notes import citation, methods_note, wrapped
from presslens.app.cli.estimates_in_words import in_words
from presslens.app.platform.language import language

ENGLISH = language("en")


def share_chart(
    title: str, shares: Sequence[tuple[str, Mapping[str, Any]]], ending: str, *, recipe: str = ""
) -> str:
    """Return a chart of shares as SVG, or as its Vega-Lite specification.

    Args:
        shares: Names, and JSON of the shares: ``share`` or ``value``, ``interval``, ``method``.
        ending: svg, or vl.json.
        recipe: Id of the recipe to cite; "": none is cited.
    """
    estimated = [(name, one) for name, one in shares if _value(one) is not None]
    values = [
        PlottedValue(
            series=title,
            place=name,
            label=name,
            value=_value(one),
            low=one["interval"][0] if one["interval"] else None,
            high=one["interval"][1] if one["interval"] else None,
            machine=None,
            words=f"{name}: {in_words(one)}",
            address=None,
            provisional=one["provisional"],
        )
        for name, one in estimated
    ]
    notes = [methods_note([one["method"] for _, one in estimated], ENGLISH)]
    notes += [citation(title, recipe, None, ENGLISH)] if recipe else []
    legend = Legend(
        title=wrapped([title], 90),
        notes=wrapped(notes),
        summary=f"{title}. {'; '.join(value.words for value in values)}",
        locale=ENGLISH.code,
        axis="share of photos",
        machine="",
        empty="not offered",
    )
    chart = SeriesChart(legend=legend, series=[title], values=values, span=None, percent=True)
    if ending == "svg":
        return picture(chart, Format(), ending).decode()
    return json.dumps(specification(chart, Format()))


def _value(share: Mapping[str, Any]) -> float | None:
    value: float | None = share.get("share", share.get("value"))
    return value
