"""Charts of a metric in groups: over time, or beside one another."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from presslens.app.charts.chart import Legend, Level, MarkedDay, MarkKind, PlottedValue, SeriesChart
from presslens.app.charts.naming import metric_title, quantity
from presslens.app.charts.notes import citation, dashed_note, methods_note, wrapped
from presslens.app.charts.palette import MOST_SERIES
from presslens.app.charts.trend import trend_lines, trend_sentences
from presslens.app.platform.language import Language
from presslens.app.services.statistics.by_group import WEEKDAYS, Group, GroupBy, Statistic
from presslens.app.services.statistics.changes import Change, MetricChanges
from presslens.app.services.statistics.trend import MetricTrend
from presslens.pipelines.statistics.share_estimate import NOT_OFFERED

OVER_TIME = (GroupBy.EDITION, GroupBy.WEEK, GroupBy.MONTH, GroupBy.YEAR)
"""Groups that follow one another in time."""

MOST_LISTED = 12
"""Largest number of days with events that the notes list."""

_GAP = 2.5
"""A gap so many times as long as usual parts the line of a series."""
_MONDAY = date(2024, 1, 1)

AddressOf = Callable[[Group], "str | None"]


@dataclass(frozen=True, slots=True)
class PlottedStatistic:
    """A statistic on a chart."""

    statistic: Statistic
    name: str  # name of its series
    changes: MetricChanges | None = None  # the changes of its metric; None: not drawn
    trend: MetricTrend | None = None  # the trend of its metric; None: not drawn


@dataclass(frozen=True, slots=True)
class PlottedClaim:
    """The claim that a chart is about: its days, and what it compares with."""

    sentence: str  # what it says
    first: date
    last: date
    measured: str  # its number with the interval; "": not known
    against: str = ""  # what it compares with and its number in words; "": nothing on this axis
    value: float | None = None  # the number it compares with; None: nothing on this axis
    interval: Sequence[float | None] | None = None  # of that number; None without one


def plotted(statistic: Statistic, language: Language) -> PlottedStatistic:
    """Return a statistic as the series of its newspaper, or of all of them."""
    return PlottedStatistic(statistic, newspaper_name(statistic.criteria.publication, language))


def newspaper_name(publication: str | None, language: Language) -> str:
    """Return the name of a newspaper; None stands for all of them."""
    return language.newspaper(publication) if publication else language.text("all newspapers")


def no_address(_group: Group) -> None:
    """Return that a group has no address."""


def statistic_chart(
    series: Sequence[PlottedStatistic],
    language: Language,
    *,
    address: AddressOf = no_address,
    source: str | None = None,
    claim: PlottedClaim | None = None,
) -> SeriesChart:
    """Return the chart of a metric, of one or several newspapers or recipes.

    Args:
        series: One to ``MOST_SERIES`` statistics of one metric in the same kind of groups.
        language: The reader's language.
        address: Returns what a click on a group's point opens.
        source: An address that gives the same numbers again, for the citation.
        claim: What it shows, in place of events, changes and trends; None: those.
    """
    if not 1 <= len(series) <= MOST_SERIES:
        raise ValueError(f"a chart has 1 to {MOST_SERIES} series")
    first = series[0].statistic
    over_time = first.by in OVER_TIME
    values = [
        value for one in series for value in _values(one, language, address, many=len(series) > 1)
    ]
    title, said = _title(series, language), summary(series, language)
    if claim is not None:
        values = [replace(value, machine=None) for value in values]
        marks, heights = _claim_marks(claim, language), [*_claim_level(claim, values)]
        notes = [f"{title}.", *_claim_notes(claim, language)]
        notes += _provenance(series, language, brief=True)
        title, said = claim.sentence, " ".join([claim.sentence, *notes])
    else:
        marks = _marks(series, language) if over_time else []
        heights = [
            level
            for one in series if over_time
            for level in (*levels(one.name, one.changes), *trend_lines(one.name, one.trend))
        ]  # fmt: skip
        notes = [*_provenance(series, language), *_marks_note(marks, language)]
        notes += dashed_note(marks, heights, language)
        for one in series:
            notes += trend_sentences(one.name, one.trend, language) if one.trend else []
    if any(value.machine is not None for value in values):
        notes.append(language.text("×: the machine alone, before what people reviewed."))
    notes.append(citation(title, first.recipe_id, source, language))
    legend = Legend(
        title=wrapped([title], 90),
        notes=wrapped(notes),
        summary=said,
        locale=language.code,
        axis=quantity(first.metric, first.estimand, language),
        machine=language.text("the machine alone"),
        empty=language.text("not offered") if _is_off(series) else language.text("no editions"),
    )
    return SeriesChart(
        legend=legend,
        series=[one.name for one in series],
        values=values,
        span=_span(series) if over_time else None,
        percent=first.metric.is_part,
        marks=marks,
        levels=heights,
    )


def group_label(key: str, by: GroupBy, group: Group, language: Language) -> str:
    """Return the name of a group in words: its day, month, weekday, ..."""
    if by is GroupBy.EDITION:
        return language.day(group.editions[0].date)
    if by is GroupBy.WEEK:
        monday = language.day(week_of(group.editions[0].date)[0])
        return language.text("week of %(day)s", day=monday)
    if by is GroupBy.MONTH:
        return language.day(date.fromisoformat(f"{key}-01"), "month")
    if by is GroupBy.WEEKDAY:
        return language.day(_MONDAY + timedelta(days=WEEKDAYS.index(key)), "weekday")
    if by is GroupBy.PAGES:
        return language.plural("%(n)s page", "%(n)s pages", int(key))
    if by is GroupBy.NONE:
        return language.text("all editions")
    return key


def week_of(day: date) -> tuple[date, date]:
    """Return the Monday and the Sunday of the ISO week of a day."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + min(timedelta(days=6), date.max - monday)


def summary(series: Sequence[PlottedStatistic], language: Language) -> str:
    """Return a chart of statistics in words: its lowest and its highest value of each series."""
    parts = [_range(one, language, many=len(series) > 1) for one in series]
    return f"{_title(series, language)}. {' '.join(parts)}"


def value_words(statistic: Statistic, group: Group, language: Language) -> str:
    """Return a group's value with its interval, or why it has none."""
    estimate = group.estimate
    share = statistic.metric.is_part
    number = language.percent(estimate.value) if share else language.number(estimate.value, 2)
    if estimate.interval is None:
        return number
    return f"{number} ({language.interval(estimate.interval, share=share)})"


def _range(one: PlottedStatistic, language: Language, *, many: bool) -> str:
    statistic = one.statistic
    estimated = [group for group in statistic.groups if group.estimate.value is not None]
    name = f"{one.name}: " if many else ""
    if not estimated:
        return name + language.text("There is no number.")
    ordered = sorted(estimated, key=lambda group: group.estimate.value or 0.0)
    low, high = (
        (value_words(statistic, group, language),
         group_label(group.key, statistic.by, group, language))
        for group in (ordered[0], ordered[-1])
    )  # fmt: skip
    if len(estimated) == 1:
        return f"{name}{low[1]}: {low[0]}."
    return name + language.text(
        "Lowest %(low)s, %(low_place)s; highest %(high)s, %(high_place)s.",
        low=low[0], low_place=low[1], high=high[0], high_place=high[1],
    )  # fmt: skip


def _values(
    one: PlottedStatistic, language: Language, address: AddressOf, *, many: bool
) -> Iterator[PlottedValue]:
    statistic = one.statistic
    over_time = statistic.by in OVER_TIME
    reviewed = statistic.metric.is_share and any(group.settled for group in statistic.groups)
    estimated = [group for group in statistic.groups if group.estimate.value is not None]
    gap = _usual_gap(estimated) * _GAP if over_time else None
    before: date | None = None
    for group in estimated:
        day = _middle(group)
        if gap is not None and before is not None and (day - before).days > gap:
            parted = (before + (day - before) / 2).isoformat()
            yield PlottedValue(one.name, parted, "", None, None, None, None, "", None)
        before = day
        label = group_label(group.key, statistic.by, group, language)
        low, high = group.estimate.interval or (None, None)
        yield PlottedValue(
            series=one.name,
            place=day.isoformat() if over_time else group.key,
            label=label,
            value=group.estimate.value,
            low=low,
            high=high,
            machine=group.machine if reviewed else None,
            words=_words(one, group, label, language, many=many),
            address=address(group),
            provisional=group.estimate.provisional,
        )


def _is_off(series: Sequence[PlottedStatistic]) -> bool:
    """Return whether no newspaper has a number, since nobody has checked the machine there."""
    groups = [group for one in series for group in one.statistic.groups]
    return bool(groups) and all(group.estimate.method == NOT_OFFERED for group in groups)


def _words(
    one: PlottedStatistic, group: Group, label: str, language: Language, *, many: bool
) -> str:
    number = value_words(one.statistic, group, language)
    if one.statistic.metric.is_share and group.estimate.n is not None:
        of = language.plural("%(n)s photo", "%(n)s photos", group.estimate.n)
    else:
        of = language.plural("%(n)s edition", "%(n)s editions", len(group.editions))
    name = f"{one.name}, " if many else ""
    return f"{name}{label}: {number}, {of}"


def _middle(group: Group) -> date:
    """Return the day in the middle of a group's editions."""
    first, last = group.editions[0].date, group.editions[-1].date
    return first + (last - first) / 2


def _usual_gap(groups: Sequence[Group]) -> float:
    """Return the usual days from a group to the next one."""
    days = [_middle(group) for group in groups]
    gaps = [(later - day).days for day, later in pairwise(days)]
    return median(gaps) if gaps else 1.0


def _span(series: Sequence[PlottedStatistic]) -> tuple[str, str] | None:
    """Return the first and last day of a time axis, whole months or years where they are groups."""
    days = [
        edition.date
        for one in series
        for group in one.statistic.groups
        for edition in group.editions
    ]
    if not days:
        return None
    first, last = min(days), max(days)
    by = series[0].statistic.by
    if by is GroupBy.WEEK:
        first, last = week_of(first)[0], week_of(last)[1]
    elif by is GroupBy.MONTH:
        first, last = first.replace(day=1), end_of_month(last)
    elif by is GroupBy.YEAR:
        first, last = first.replace(month=1, day=1), last.replace(month=12, day=31)
    return first.isoformat(), last.isoformat()


def end_of_month(day: date) -> date:
    """Return the last day of the month of a day."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _marks(series: Sequence[PlottedStatistic], language: Language) -> list[MarkedDay]:
    """Return the days of events, numbered, and those of changes."""
    titles: dict[date, list[str]] = {}
    for one in series:
        for event in one.statistic.events:
            of_day = titles.setdefault(event.date, [])
            if event.title not in of_day:
                of_day.append(event.title)
    events = [
        MarkedDay(
            MarkKind.EVENT, day.isoformat(), str(number),
            f"{language.day(day)}: {'; '.join(titles[day])}",
        )
        for number, day in enumerate(sorted(titles), 1)
    ]  # fmt: skip
    changes = [
        change_mark(one.name, one.changes, change, language)
        for one in series
        if one.changes is not None
        for change in one.changes.candidates
    ]
    return [*events, *changes]


def change_mark(name: str, changes: MetricChanges, change: Change, language: Language) -> MarkedDay:
    """Return the mark of a change of a metric; hollow if no change is shown."""
    share, less = changes.metric.is_part, change.difference
    before, after = (
        language.text("not known")
        if v is None
        else language.percent(v)
        if share
        else language.number(v, 2)
        for v in change.levels
    )
    values = {"name": name, "day": language.day(change.date), "before": before, "after": after}
    up = (less.value or 0.0) > 0
    if change.differs:
        words = language.text(
            "Change of %(name)s on %(day)s: from %(before)s to %(after)s", **values
        )
        return MarkedDay(MarkKind.CHANGE, change.date.isoformat(), "▲" if up else "▼", words)
    words = language.text(
        "No change of %(name)s is shown on %(day)s: %(before)s before, %(after)s after", **values
    )
    sign = "△" if up else "▽"
    return MarkedDay(MarkKind.CHANGE, change.date.isoformat(), sign, words, shown=False)


def levels(name: str, changes: MetricChanges | None) -> Iterator[Level]:
    """Yield the levels of a newspaper's metric before, between and after its changes."""
    if changes is None or not changes.shown:
        return
    periods, shown = changes.timeline.periods, changes.shown
    cuts = [periods[0].first, *(change.date for change in shown), periods[-1].first]
    heights = [shown[0].levels[0], *(change.levels[1] for change in shown)]
    for (first, last), height in zip(pairwise(cuts), heights, strict=True):
        if height is not None:
            yield Level(name, first.isoformat(), last.isoformat(), height, height)


def _title(series: Sequence[PlottedStatistic], language: Language) -> str:
    first = series[0].statistic
    names = ", ".join(dict.fromkeys(one.name for one in series))
    numbers = quantity(first.metric, first.estimand, language)
    what = f"{metric_title(first.metric, language)}: {numbers}"
    title = f"{what}, {names}" + _grouped(first.by, language)
    return title[:1].upper() + title[1:]


def _grouped(by: GroupBy, language: Language) -> str:
    words = {
        GroupBy.NONE: "",
        GroupBy.EDITION: language.text("by edition"),
        GroupBy.WEEK: language.text("by week"),
        GroupBy.MONTH: language.text("by month"),
        GroupBy.YEAR: language.text("by year"),
        GroupBy.WEEKDAY: language.text("by weekday"),
        GroupBy.PUBLICATION: language.text("by newspaper"),
        GroupBy.PAGES: language.text("by number of pages"),
    }[by]
    return f", {words}" if words else ""


def _claim_marks(claim: PlottedClaim, language: Language) -> list[MarkedDay]:
    """Return the days of a claim, its only one with what was measured."""
    of_day = {day: language.day(day) for day in (claim.first, claim.last)}
    if claim.measured and len(of_day) == 1:
        of_day = {day: f"{words}: {claim.measured}" for day, words in of_day.items()}
    return [
        MarkedDay(MarkKind.ASKED, day.isoformat(), words, words) for day, words in of_day.items()
    ]


def _claim_level(claim: PlottedClaim, values: Sequence[PlottedValue]) -> Iterator[Level]:
    """Yield the line of what a claim compares with."""
    if claim.value is None or not values:
        return
    ends = claim.interval or (None, None)
    low, high = ends if None not in ends else (None, None)
    first, last = values[0].place, values[-1].place
    yield Level(
        values[0].series, first, last, claim.value, claim.value,
        words=claim.against, low=low, high=high,
    )  # fmt: skip


def _claim_notes(claim: PlottedClaim, language: Language) -> Iterator[str]:
    days = language.days(claim.first, claim.last)
    if claim.measured:
        yield language.text("Measured, %(days)s: %(value)s.", days=days, value=claim.measured)
    if claim.value is not None:
        yield language.text("Dashed line: %(against)s.", against=claim.against)
    yield language.text("Bars and grey: the ranges that the numbers may have.")


def _provenance(
    series: Sequence[PlottedStatistic], language: Language, *, brief: bool = False
) -> Iterator[str]:
    """Yield the editions and pages of each series, and how the intervals were made.

    Args:
        brief: Without how they were made.
    """
    for one in series:
        statistic = one.statistic
        editions = sum(len(group.editions) for group in statistic.groups)
        share = statistic.metric.is_share
        photos = sum(group.estimate.n or 0 for group in statistic.groups) if share else 0
        parts = [
            language.plural("%(n)s edition", "%(n)s editions", editions),
            language.plural(
                "%(seen)s of %(n)s page analysed",
                "%(seen)s of %(n)s pages analysed",
                statistic.selection.pages_expected,
                seen=language.number(statistic.selection.pages_seen),
            ),
        ]
        if photos:
            parts.append(language.plural("%(n)s photo", "%(n)s photos", photos))
        name = f"{one.name}: " if len(series) > 1 else ""
        days = [edition.date for group in statistic.groups for edition in group.editions]
        if days:
            parts.insert(1, language.days(min(days), max(days)))
        yield f"{name}{', '.join(parts)}."
    refused = [
        group.estimate for one in series for group in one.statistic.groups if group.estimate.refused
    ]
    if not brief:
        groups = [group.estimate for one in series for group in one.statistic.groups]
        yield methods_note((one.method for one in groups if one.interval), language)
    notes = [
        group.estimate.note
        for one in series
        for group in one.statistic.groups
        if group.estimate.provisional and group.estimate.note
    ]
    if notes:
        yield language.text("Pale and hollow: %(why)s.", why=language.say(notes[0]).rstrip("."))
    hollow = [language.say(one.refused or "") for one in refused if one.value is not None]
    if hollow:
        yield language.text("Hollow points have no interval: %(why)s.", why=hollow[0].rstrip("."))
    elif refused and not _is_off(series):
        yield language.say(refused[0].refused or "")


def _marks_note(marks: Sequence[MarkedDay], language: Language) -> Iterator[str]:
    events = [mark for mark in marks if mark.kind is MarkKind.EVENT]
    if 0 < len(events) <= MOST_LISTED:
        yield language.text("Dotted lines, events:")
        yield from (f"{mark.number}  {mark.words}" for mark in events)
    elif events:
        yield language.plural(
            "Dotted lines: %(n)s day with an event.",
            "Dotted lines: %(n)s days with events.",
            len(events),
        )
    changes = [mark for mark in marks if mark.kind is MarkKind.CHANGE]
    yield from (f"{mark.number} {mark.words}." for mark in changes)
