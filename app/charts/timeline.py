"""A metric as a picture: its groups with their intervals, and the events of these days."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from threading import BoundedSemaphore

from app.charts import chart
from app.charts.chart import MOST_NUMBERED, Chart
from app.services.statistics.by_group import Group, GroupBy, Statistic, TimelineEvent

WIDTH = 165
"""Characters of a line below the picture."""

TIMEOUT = 60
"""Seconds after which the drawing is given up; it takes about one."""

_OVER_TIME = (GroupBy.EDITION, GroupBy.MONTH, GroupBy.YEAR)
_AT_ONCE = BoundedSemaphore(2)
"""Charts that are drawn at once: each takes a process of about 80 MB for a second."""


def draw_timeline(statistic: Statistic) -> bytes:
    """Return a PNG of a statistic: values, intervals, and events as dotted lines.

    Where people have reviewed photos, the machine's own estimate is drawn beside. A process of its
    own draws, so that this one never loads matplotlib.

    Raises:
        subprocess.SubprocessError: The process failed, or took longer than ``TIMEOUT``.
    """
    document = json.dumps(asdict(timeline_chart(statistic)))
    command = [sys.executable, "-P", chart.__file__]
    with _AT_ONCE:
        drawn = subprocess.run(  # noqa: S603 - our own file
            command, input=document.encode(), stdout=subprocess.PIPE, timeout=TIMEOUT, check=True
        )
    return drawn.stdout


def timeline_chart(statistic: Statistic) -> Chart:
    """Return the content of a statistic's picture; groups without a value are left out."""
    groups = [group for group in statistic.groups if group.estimate.value is not None]
    over_time = statistic.by in _OVER_TIME
    values = [group.estimate.value or 0.0 for group in groups]
    ends = [group.estimate.interval or (v, v) for group, v in zip(groups, values, strict=True)]
    reviewed = any(group.settled for group in groups)
    days = _by_day(statistic.events) if over_time else {}
    return Chart(
        title=_title(statistic),
        footnote=_footnote(statistic, days),
        places=[_middle(group).isoformat() if over_time else group.key for group in groups],
        over_time=over_time,
        values=values,
        low=[low for low, _ in ends],
        high=[high for _, high in ends],
        machine=[group.machine or 0.0 for group in groups] if reviewed else None,
        percent=statistic.metric.is_share,
        events=[day.isoformat() for day in days],
    )


def _middle(group: Group) -> date:
    """Return the day in the middle of a group's editions."""
    first, last = group.editions[0].date, group.editions[-1].date
    return first + (last - first) / 2


def _by_day(events: Sequence[TimelineEvent]) -> dict[date, list[str]]:
    """Return the titles of the events of each day."""
    by_day: dict[date, list[str]] = {}
    for event in events:
        by_day.setdefault(event.date, []).append(event.title)
    return by_day


def _title(statistic: Statistic) -> str:
    metric = str(statistic.metric).replace("_", " ")
    about = statistic.criteria.publication or "all newspapers"
    share = statistic.metric.is_share
    kind = statistic.estimand.value.replace("_", " ") if share else "mean an edition"
    return f"{metric}: {kind}, {about}, by {statistic.by.value}"


def _footnote(statistic: Statistic, days: dict[date, list[str]]) -> str:
    methods = list(dict.fromkeys(group.estimate.method for group in statistic.groups))
    editions = sum(len(group.editions) for group in statistic.groups)
    more = f" and {len(methods) - 1} like it" if len(methods) > 1 else ""
    provenance = (
        f"{editions} editions, {statistic.pages_seen} of {statistic.pages_expected} pages; "
        f"{methods[0] if methods else 'no editions'}{more}; recipe {statistic.recipe_id[:12]}"
    )
    numbered = [
        f"{number}: {day}, {'; '.join(titles)}"
        for number, (day, titles) in enumerate(days.items(), 1)
        if len(days) <= MOST_NUMBERED
    ]
    lines = (line for text in (provenance, *numbered) for line in textwrap.wrap(text, WIDTH))
    return "\n".join(lines)
