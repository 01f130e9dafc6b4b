"""Explains in words how an edition compares with previous ones, and why it is unusual."""

from __future__ import annotations

from pipelines.statistics.baseline import Baseline, LeadFocusStanding, Standing
from pipelines.statistics.flags import Flag
from pipelines.statistics.measure import FIGURE, LABEL, Weight, Zone
from pipelines.statistics.metrics import Estimate, Metric
from pipelines.statistics.plain import PLAIN
from pipelines.statistics.reference_editions import MatchCriterion
from pipelines.statistics.robust import RobustSummary

WORDS = {
    **{name: metric.words for name, metric in PLAIN.items()},
    "leader_and_facility": "leader and facility",
    "focus_leader": "focus on the leader",
    "focus_facility": "focus on the facility",
    "focus_neither": "focus on neither",
}
"""The names of metrics in sentences, where they are not the name itself."""

ZONES = {
    Zone.ALL: "",
    Zone.FRONT: " on the front page",
    Zone.INSIDE: " inside",
    Zone.ABOVE_FOLD: " above the fold",
    Zone.LEAD: " among the lead photos",
}
DAYS_A_MONTH = 30.4375
ONE_DIGIT = 10
"""Percentages below this are shown to a tenth."""

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def name_metric(metric: Metric) -> str:
    """Return a metric's name for readers.

    >>> name_metric(Metric.parse("children@front/area"))
    'children on the front page, by area'
    """
    name = metric.name.removeprefix(FIGURE).removeprefix(LABEL)
    weight = ", by area" if metric.weight is Weight.AREA else ""
    return f"{WORDS.get(name, name.replace('_', ' '))}{ZONES[metric.zone]}{weight}"


def number(metric: Metric, value: float | None) -> str:
    """Return a value of a metric for readers: 8, 13.2 or 25 %."""
    if value is None:
        return "–"
    if metric.is_share or PLAIN[metric.name].in_percent:
        percent = 100 * value
        small = 0 < round(percent, 1) < ONE_DIGIT
        return f"{percent:.1f}".removesuffix(".0") + " %" if small else f"{percent:.0f} %"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"


def standing_in_words(standing: Standing, baseline: Baseline) -> str:
    """Return a standing in words: "photos 104; usual 35 (28–44); the most of the last 60 editions".

    Args:
        standing: One of the baseline's.
        baseline: What it is part of.
    """
    metric, usual = standing.metric, standing.usual
    parts = [_value(metric, standing.estimate)]
    if usual is None:
        return f"{parts[0]}; no previous edition to compare with"
    if standing.aside is not None:
        parts.append(
            f"{number(metric, standing.aside.value)} with people's answers; compared is what the "
            "machine says, as the others are not reviewed so"
        )
    parts.append(_usual(metric, usual))
    if standing.trend is not None:
        month = number(metric, abs(standing.trend.slope) * DAYS_A_MONTH)
        parts.append(f"{'rising' if standing.trend.slope > 0 else 'falling'} by {month} a month")
    if standing.estimate.value is not None:
        parts += _place(standing, usual, baseline)
    return "; ".join(parts)


def lead_in_words(lead: LeadFocusStanding) -> str:
    """Return the standing of the focus of the front page's lead photo in words."""
    parts = [f"front page's lead photo: {lead.verdict or 'none'}"]
    if lead.usual is not None:
        of = sum(lead.counts.values())
        parts.append(f"usual {lead.usual} ({lead.counts[lead.usual]} of {of})")
    if lead.verdict is not None and lead.verdict != lead.usual:
        parts.append("never before, as far as is known" if lead.last is None else _ago(lead.last))
    return "; ".join(parts)


def _value(metric: Metric, estimate: Estimate) -> str:
    value = number(metric, estimate.value)
    if metric.name == "pages":
        return f"{value} pages"
    if estimate.interval is None:
        return f"{name_metric(metric)} {value}"
    low, high = (number(metric, end) for end in estimate.interval)
    return f"{name_metric(metric)} {value} ({_between(low, high)})"


def _usual(metric: Metric, usual: RobustSummary) -> str:
    median, q1, q3 = (number(metric, v) for v in (usual.median, usual.q1, usual.q3))
    return f"usual {median}" if q1 == q3 else f"usual {median} ({_between(q1, q3)})"


def _between(low: str, high: str) -> str:
    return f"{low.removesuffix(' %')}–{high}" if high.endswith("%") else f"{low}–{high}"


def _place(standing: Standing, usual: RobustSummary, baseline: Baseline) -> list[str]:
    n, among = usual.n, _among(usual.n, baseline)
    if standing.flag is Flag.FIRST_CHANGE:
        return [f"all of {among} were the same", *_since(standing, beyond=True)]
    below = n - standing.above - standing.equal
    if standing.undecided:
        return [f"far out of {among}, but the interval reaches back to what others had"]
    if standing.above + standing.equal == 0:
        return [f"the most of {among}", *_since(standing, beyond=True)]
    if below + standing.equal == 0:
        return [f"the least of {among}", *_since(standing, beyond=True)]
    if standing.flag is Flag.OUTLIER:
        return _since(standing)
    if standing.is_high:
        return [f"as high or higher in {standing.above + standing.equal} of {n}"]
    return [f"as low or lower in {below + standing.equal} of {n}"]


def _since(standing: Standing, *, beyond: bool = False) -> list[str]:
    if standing.last is not None:
        return [_ago(standing.last)]
    return [] if beyond else ["never before, as far as is known"]


def _ago(editions: int) -> str:
    return (
        "last time in the edition before" if editions == 1 else f"last time {editions} editions ago"
    )


def _among(n: int, baseline: Baseline) -> str:
    match = baseline.rules.match
    pages = f" with {baseline.edition.pages} pages" if MatchCriterion.PAGES in match else ""
    weekday = WEEKDAYS[baseline.edition.date.weekday()]
    return f"the last {n} editions{pages}" + (
        f" on {weekday}" if MatchCriterion.WEEKDAY in match else ""
    )
