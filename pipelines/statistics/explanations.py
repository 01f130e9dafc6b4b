"""Explains in words how an edition compares with previous ones, and why it is unusual."""

from __future__ import annotations

from presslens.models.message import Message, join_messages
from presslens.pipelines.statistics.baseline import Baseline, LeadFocusStanding, Standing
from presslens.pipelines.statistics.flags import Flag
from presslens.pipelines.statistics.measure import FIGURE, LABEL, Weight, Zone
from presslens.pipelines.statistics.metrics import Estimate, Metric
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.reference_editions import MatchCriterion
from presslens.pipelines.statistics.robust import RobustSummary
from presslens.pipelines.written_numbers import percent, to_digits

WORDS = {
    **{name: metric.words for name, metric in PLAIN.items()},
    "leader_and_facility": "leader and facility",
    "focus_leader": "focus on the leader",
    "focus_facility": "focus on the facility",
    "focus_neither": "focus on neither",
}
"""The names of metrics in sentences, where they are not the name itself."""

ZONES = {
    Zone.ALL: "%(name)s",
    Zone.FRONT: "%(name)s on the front page",
    Zone.INSIDE: "%(name)s inside",
    Zone.ABOVE_FOLD: "%(name)s above the fold",
    Zone.LEAD: "%(name)s among the lead photos",
}
DAYS_A_MONTH = 30.4375
NEVER = Message("never before, as far as is known")

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def name_metric(metric: Metric) -> Message:
    """Return a metric's name for readers.

    >>> name_metric(Metric.parse("children@front/area"))
    'children on the front page, by area'
    """
    bare = metric.name.removeprefix(FIGURE).removeprefix(LABEL)
    name = Message(ZONES[metric.zone], name=WORDS.get(bare, bare.replace("_", " ")))
    return Message("%(name)s, by area", name=name) if metric.weight is Weight.AREA else name


def number(metric: Metric, value: float | None) -> str:
    """Return a value of a metric for readers: 8, 13.2 or 25 %."""
    if value is None:
        return "–"
    if metric.is_share or PLAIN[metric.name].in_percent:
        return percent(value).replace("%", " %")
    return f"{to_digits(value, 1)}".removesuffix(".0")


def standing_in_words(standing: Standing, baseline: Baseline) -> Message:
    """Return a standing in words: "photos 104; usual 35 (28–44); the most of the last 60 editions".

    Args:
        standing: One of the baseline's.
        baseline: What it is part of.
    """
    metric, usual = standing.metric, standing.usual
    parts = [_value(metric, standing.estimate)]
    if usual is None:
        return join_messages([parts[0], Message("no previous edition to compare with")])
    if standing.is_apart:
        alone = number(metric, standing.compared.value)
        parts.append(Message("compared without answers on both sides: %(value)s", value=alone))
    if standing.deciding_interval is not None:
        low, high = (number(metric, end) for end in standing.deciding_interval)
        parts.append(Message("compared with other editions: %(span)s", span=_between(low, high)))
    parts.append(_usual(metric, usual))
    if standing.trend is not None:
        month = number(metric, abs(standing.trend.slope) * DAYS_A_MONTH)
        parts.append(
            Message("rising by %(month)s a month", month=month)
            if standing.trend.slope > 0
            else Message("falling by %(month)s a month", month=month)
        )
    if standing.compared.value is not None:
        parts += _place(standing, usual, baseline)
    return join_messages(parts)


def lead_in_words(lead: LeadFocusStanding) -> Message:
    """Return the standing of the focus of the front page's lead photo in words."""
    parts = [Message("front page's lead photo: %(focus)s", focus=lead.verdict or "none")]
    if lead.usual is not None:
        of = sum(lead.counts.values())
        usual, count = str(lead.usual), lead.counts[lead.usual]
        parts.append(
            Message("usual %(usual)s (%(count)s of %(of)s)", usual=usual, count=count, of=of)
        )
    if lead.verdict is not None and lead.verdict != lead.usual:
        parts.append(NEVER if lead.last is None else _ago(lead.last))
    return join_messages(parts if lead.note is None else [*parts, lead.note])


def _value(metric: Metric, estimate: Estimate) -> Message:
    value = number(metric, estimate.value)
    if metric.name == "pages":
        return Message("1 page") if value == "1" else Message("%(value)s pages", value=value)
    name = name_metric(metric)
    if estimate.interval is None:
        return Message("%(name)s %(value)s", name=name, value=value)
    low, high = (number(metric, end) for end in estimate.interval)
    return Message(
        "%(name)s %(value)s (%(span)s)", name=name, value=value, span=_between(low, high)
    )


def _usual(metric: Metric, usual: RobustSummary) -> Message:
    median, q1, q3 = (number(metric, v) for v in (usual.median, usual.q1, usual.q3))
    if q1 == q3:
        return Message("usual %(median)s", median=median)
    return Message("usual %(median)s (%(span)s)", median=median, span=_between(q1, q3))


def _between(low: str, high: str) -> Message:
    first = low.removesuffix(" %") if high.endswith("%") else low
    return Message("%(low)s–%(high)s", low=first, high=high)


def _place(standing: Standing, usual: RobustSummary, baseline: Baseline) -> list[Message]:
    n, among = usual.n, _among(usual.n, baseline)
    if standing.flag is Flag.FIRST_CHANGE:
        return [
            Message("all of %(among)s were the same", among=among),
            *_since(standing, beyond=True),
        ]
    below = n - standing.above - standing.equal
    if standing.undecided:
        return [
            Message(
                "far out of %(among)s, but the interval reaches back to what others had",
                among=among,
            )
        ]
    if standing.above + standing.equal == 0:
        return [Message("the most of %(among)s", among=among), *_since(standing, beyond=True)]
    if below + standing.equal == 0:
        return [Message("the least of %(among)s", among=among), *_since(standing, beyond=True)]
    if standing.flag is Flag.OUTLIER:
        return _since(standing)
    if standing.is_high:
        count = standing.above + standing.equal
        return [Message("as high or higher in %(count)s of %(n)s", count=count, n=n)]
    return [Message("as low or lower in %(count)s of %(n)s", count=below + standing.equal, n=n)]


def _since(standing: Standing, *, beyond: bool = False) -> list[Message]:
    if standing.last is not None:
        return [_ago(standing.last)]
    return [] if beyond else [NEVER]


def _ago(editions: int) -> Message:
    if editions == 1:
        return Message("last time in the edition before")
    return Message("last time %(n)s editions ago", n=editions)


def _among(n: int, baseline: Baseline) -> Message:
    match = baseline.rules.match
    among = Message("the last edition") if n == 1 else Message("the last %(n)s editions", n=n)
    if MatchCriterion.PAGES in match:
        pages = baseline.edition.pages
        among = Message("%(among)s with %(pages)s pages", among=among, pages=pages)
    if MatchCriterion.WEEKDAY in match:
        weekday = WEEKDAYS[baseline.edition.date.weekday()]
        among = Message("%(among)s on %(weekday)s", among=among, weekday=weekday)
    return among
