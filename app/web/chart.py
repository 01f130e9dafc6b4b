"""A metric as a picture: its groups with their intervals, and what happened meanwhile."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from datetime import date
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.services.statistics.by_group import Group, GroupBy, Statistic, TimelineEvent

INK, BAND, MACHINE, EVENT = "#1f4e79", "#c9d9ea", "#b5542c", "#777777"
INCHES = (9.0, 4.2)
DPI = 120
MOST_POINTS = 60
"""Up to so many groups have a point each; more are a line with a band."""

MOST_NAMED = 12
"""Up to so many days with events are named; of more only lines are drawn."""

WIDTH = 165
"""Characters of a line below the picture."""

_OVER_TIME = (GroupBy.EDITION, GroupBy.MONTH, GroupBy.YEAR)


def draw_timeline(found: Statistic) -> bytes:
    """Return a PNG of a statistic: values, intervals, and events as dotted lines.

    Where people have settled photos, the machine's own figure is drawn beside.
    """
    figure = Figure(figsize=INCHES, layout="constrained")
    axes = figure.subplots()
    groups = [group for group in found.groups if group.estimate.value is not None]
    over_time = found.by in _OVER_TIME
    # matplotlib takes dates where its types say numbers.
    places: list[Any] = [_day(group) if over_time else i for i, group in enumerate(groups)]
    _draw_values(axes, places, groups, line=over_time and len(groups) > MOST_POINTS)
    if not groups:
        axes.text(0.5, 0.5, "no editions", transform=axes.transAxes, ha="center", color=EVENT)
        axes.set_xticks([])
    elif not over_time:
        axes.set_xticks(places, [group.key for group in groups])
    days = _days(found.events) if over_time else []
    _draw_events(axes, days)
    if found.metric.is_share:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color="#eeeeee")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(_title(found), loc="left", fontsize=11, pad=20 if days else 8)
    figure.supxlabel(
        _footnote(found, days), fontsize=6.5, color=EVENT, x=0.01, ha="left", linespacing=1.4
    )
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=DPI, metadata={"Software": None})
    return picture.getvalue()


def _day(group: Group) -> date:
    """Return where on a timeline a group stands: the middle of its editions."""
    first, last = group.editions[0].date, group.editions[-1].date
    return first + (last - first) / 2


def _draw_values(axes: Axes, x: Sequence[Any], groups: Sequence[Group], *, line: bool) -> None:
    values = [group.estimate.value or 0.0 for group in groups]
    bounds = [group.estimate.interval or (v, v) for group, v in zip(groups, values, strict=True)]
    low, high = [bound[0] for bound in bounds], [bound[1] for bound in bounds]
    if line:
        axes.fill_between(x, low, high, color=BAND, linewidth=0)
        axes.plot(x, values, color=INK, linewidth=1)
    else:
        reach = [
            [v - bound for v, bound in zip(values, low, strict=True)],
            [bound - v for v, bound in zip(values, high, strict=True)],
        ]
        axes.errorbar(
            x, values, yerr=reach, fmt="o", color=INK, ecolor=BAND, elinewidth=4, markersize=4
        )
    if any(group.settled for group in groups):
        machine = [group.machine if group.machine is not None else 0.0 for group in groups]
        axes.plot(x, machine, "x", color=MACHINE, markersize=4, label="the machine alone")
        axes.legend(frameon=False, fontsize=8)


def _draw_events(axes: Axes, days: Sequence[tuple[date, list[str]]]) -> None:
    """Draw a dotted line for each day on which something happened, with its number."""
    for number, (day, _) in enumerate(days, 1):
        at: Any = day
        axes.axvline(at, color=EVENT, linewidth=0.8, linestyle=":")
        if len(days) <= MOST_NAMED:
            height = 1.0 + 0.035 * ((number - 1) % 3)
            axes.annotate(
                str(number), (at, height), xycoords=("data", "axes fraction"), fontsize=7,
                color=EVENT, ha="center", va="bottom",
            )  # fmt: skip


def _days(events: Sequence[TimelineEvent]) -> list[tuple[date, list[str]]]:
    """Return what happened on each day that something did."""
    by_day: dict[date, list[str]] = {}
    for event in events:
        by_day.setdefault(event.date, []).append(event.title)
    return list(by_day.items())


def _title(found: Statistic) -> str:
    metric = str(found.metric).replace("_", " ")
    about = found.wanted.publication or "all newspapers"
    kind = found.estimand.value.replace("_", " ") if found.metric.is_share else "mean an edition"
    return f"{metric}: {kind}, {about}, by {found.by.value}"


def _footnote(found: Statistic, days: Sequence[tuple[date, list[str]]]) -> str:
    methods = list(dict.fromkeys(group.estimate.method for group in found.groups))
    editions = sum(len(group.editions) for group in found.groups)
    more = f" and {len(methods) - 1} like it" if len(methods) > 1 else ""
    told = (
        f"{editions} editions, {found.pages_seen} of {found.pages_expected} pages; "
        f"{methods[0] if methods else 'no editions'}{more}; recipe {found.recipe_id[:12]}"
    )
    named = [
        f"{number}: {day}, {'; '.join(titles)}"
        for number, (day, titles) in enumerate(days, 1)
        if len(days) <= MOST_NAMED
    ]
    return "\n".join(line for text in (told, *named) for line in textwrap.wrap(text, WIDTH))
