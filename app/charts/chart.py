"""Draws a chart of values with their intervals and of dated events, as a PNG picture.

``app.charts.timeline`` runs this file as a short-lived process, so that neither the web server nor
the command line loads matplotlib: it reads a ``Chart`` as JSON and writes the picture. So nothing
but the standard library and matplotlib is imported here.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, BAND, MACHINE, EVENT = "#1f4e79", "#c9d9ea", "#b5542c", "#777777"
INCHES = (9.0, 4.2)
DPI = 120
MOST_POINTS = 60
"""Largest number of values over time that have a point each; more are a line with a band."""

MOST_NUMBERED = 12
"""Largest number of events that are numbered; of more, only lines are drawn."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The content of a chart; n values.

    Attributes:
        title: Above the picture.
        footnote: Below the picture, in lines.
        places: Days (YYYY-MM-DD) of the values on the time axis, or their names; n texts.
        over_time: The places are days.
        values: n numbers.
        low: Lower ends of their intervals.
        high: Upper ends of their intervals.
        machine: Estimates of the machine alone, drawn beside the values; None: not drawn.
        percent: The values are shares, 0–1.
        events: Days of the events, YYYY-MM-DD.
    """

    title: str
    footnote: str
    places: Sequence[str]
    over_time: bool
    values: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    machine: Sequence[float] | None
    percent: bool
    events: Sequence[str]


def draw(chart: Chart) -> bytes:
    """Return a PNG of a chart: values, intervals, and events as dotted lines."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    figure = Figure(figsize=INCHES, layout="constrained")
    axes = figure.subplots()
    count = len(chart.values)
    # matplotlib takes dates where its types say numbers.
    places: list[Any] = (
        [date.fromisoformat(day) for day in chart.places] if chart.over_time else [*range(count)]
    )
    _draw_values(axes, places, chart)
    if not count:
        axes.text(0.5, 0.5, "no editions", transform=axes.transAxes, ha="center", color=EVENT)
        axes.set_xticks([])
    elif not chart.over_time:
        axes.set_xticks(places, chart.places)
    _draw_events(axes, chart.events)
    if chart.percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color="#eeeeee")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(chart.title, loc="left", fontsize=11, pad=20 if chart.events else 8)
    figure.supxlabel(chart.footnote, fontsize=6.5, color=EVENT, x=0.01, ha="left", linespacing=1.4)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=DPI, metadata={"Software": None})
    return picture.getvalue()


def _draw_values(axes: Axes, x: Sequence[Any], chart: Chart) -> None:
    values, low, high = chart.values, chart.low, chart.high
    if chart.over_time and len(values) > MOST_POINTS:
        axes.fill_between(x, low, high, color=BAND, linewidth=0)
        axes.plot(x, values, color=INK, linewidth=1)
    else:
        reach = [
            [value - end for value, end in zip(values, low, strict=True)],
            [end - value for value, end in zip(values, high, strict=True)],
        ]
        axes.errorbar(
            x, values, yerr=reach, fmt="o", color=INK, ecolor=BAND, elinewidth=4, markersize=4
        )
    if chart.machine is not None:
        axes.plot(x, chart.machine, "x", color=MACHINE, markersize=4, label="the machine alone")
        axes.legend(frameon=False, fontsize=8)


def _draw_events(axes: Axes, days: Sequence[str]) -> None:
    """Draw a dotted, numbered line for each day with an event."""
    for number, day in enumerate(days, 1):
        place: Any = date.fromisoformat(day)
        axes.axvline(place, color=EVENT, linewidth=0.8, linestyle=":")
        if len(days) <= MOST_NUMBERED:
            height = 1.0 + 0.035 * ((number - 1) % 3)
            axes.annotate(
                str(number), (place, height), xycoords=("data", "axes fraction"), fontsize=7,
                color=EVENT, ha="center", va="bottom",
            )  # fmt: skip


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(Chart(**json.load(sys.stdin))))
