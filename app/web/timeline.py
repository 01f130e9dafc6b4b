"""The timeline: a metric of one or two newspapers over time, and the calendar of their editions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Any

from fastapi import Response

from presslens.app.api.access import needs
from presslens.app.api.params import Home, read_query
from presslens.app.api.stats import COLUMNS
from presslens.app.charts.chart import SeriesChart
from presslens.app.charts.naming import difference_words
from presslens.app.charts.notes import dashed_note
from presslens.app.charts.statistic import (
    OVER_TIME,
    PlottedClaim,
    PlottedStatistic,
    end_of_month,
    group_label,
    statistic_chart,
    week_of,
)
from presslens.app.charts.trend import trend_sentences
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.services.catalogue.scope import check_publication
from presslens.app.services.figures.gallery import leaders_in
from presslens.app.services.recipes.recipes import provenance, summarised_recipes
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import Group, GroupBy, Statistic, statistic
from presslens.app.services.statistics.calendar import (
    EditionCalendar,
    PublicationSpan,
    edition_calendar,
    publication_spans,
)
from presslens.app.services.statistics.changes import Change, MetricChanges, metric_changes
from presslens.app.services.statistics.next_steps import DaysStep, days_step
from presslens.app.services.statistics.trend import MetricTrend, metric_trend
from presslens.app.services.statistics.unusual import (
    EditionFlags,
    FlagState,
    UnusualEditions,
    unusual_editions,
)
from presslens.app.web.addresses import Addresses
from presslens.app.web.chart_twins import Drawn, chart_twins
from presslens.app.web.citation import citation
from presslens.app.web.claims import ClaimId, plotted_claim
from presslens.app.web.metric_words import metric_choices
from presslens.app.web.month_grid import MonthGrid, month_grids, year_before
from presslens.app.web.newspapers import MONDAY
from presslens.app.web.page_router import CITED, PageRouter, Render, Rows
from presslens.app.web.photo_links import photos_behind
from presslens.app.web.static_files import build
from presslens.app.web.timeline_query import TimelineQuery
from presslens.app.web.timeline_words import first_metrics, timeline_sentences
from presslens.pipelines.statistics.measure import OF_LEADER, Estimand, Inference, Weight, Zone
from presslens.pipelines.statistics.timeline import PeriodUnit
from presslens.pipelines.statistics.width import is_wide
from presslens.pipelines.written_numbers import written_level

MOST_POINTS = 400
"""Largest number of values in the table beside the chart; the CSV has all."""

FEW_EDITIONS = 90
"""So many editions or fewer are shown one by one, unless the reader asks for something else."""

MOST_UNUSUAL = 12
"""Largest number of unusual editions that are told one by one; the calendar marks all."""

router = PageRouter()

TimelineParams = Annotated[TimelineQuery, read_query(TimelineQuery)]


@router.page("/timeline", twins=CITED)
@needs(Permission.READ)
def show_timeline(home: Home, render: Render, query: TimelineParams) -> Response:
    """Show a timeline; its address is its state."""
    for name in (query.publication, query.beside):
        check_publication(home, name)
    query = query.resolved(home)
    provenance(home, query.recipe)
    spoken = language(render.code)
    view = TimelineView(home, query, spoken, Addresses(build()))
    return render(
        "timeline.html",
        document=view.document,
        table=lambda: Rows(COLUMNS, view.rows()),
        section="timeline",
        view=view,
        selection=query,
        choices=lambda: metric_choices(home),
        groups=list(GroupBy),
        zones=list(Zone),
        weights=list(Weight),
        weekdays=[MONDAY + timedelta(days=i) for i in range(7)],
        most_points=MOST_POINTS,
        level=written_level,
        wide=is_wide,
        most_unusual=MOST_UNUSUAL,
        cite=lambda: citation(home, render, view.title, view.recipe_id, spoken),
    )


@chart_twins(router, "/timeline")
@needs(Permission.READ)
def show_timeline_chart(
    home: Home, drawn: Drawn, query: TimelineParams, claim: ClaimId = None
) -> Response:
    """Show the chart of a timeline, or of a claim."""
    spoken, to = language(drawn.code), Addresses(build())
    if claim is None:
        return drawn(TimelineView(home, query.resolved(home), spoken, to).chart)
    asked, plotted = plotted_claim(home, claim, spoken)
    query = TimelineQuery.model_validate(asked or {}).resolved(home)
    view = TimelineView(home, query, spoken, to, plotted)
    return drawn(view.plain_chart if asked else None)


@dataclass(frozen=True, slots=True)
class PointRow:
    """A value of the chart as a row of the table beside it."""

    series: str  # name of its newspaper
    label: str  # its day, month, weekday, ..
    address: str | None  # its edition, or the same timeline of its days alone; None for neither
    value: float | None  # the value in words, without interval; the interval is apart
    group: Group
    # The filter of the gallery that finds its photos; None if there is none.
    photos: dict[str, Any] | None


@dataclass(frozen=True)
class TimelineView:
    """The timeline of one or two newspapers; each part is computed when the page comes to it."""

    home: Installation
    query: TimelineQuery
    language: Language
    to: Addresses
    claim: PlottedClaim | None = None  # what its chart is about; None: all that it shows

    @cached_property
    def publications(self) -> list[PublicationSpan]:
        """The newspapers, by name."""
        return publication_spans(self.home)

    @cached_property
    def publication(self) -> str | None:
        """The newspaper that is shown: the one asked for, or that with the most editions."""
        if self.query.publication is not None:
            return self.query.publication
        most = max(self.publications, key=lambda one: one.editions, default=None)
        return most.publication if most is not None else None

    @cached_property
    def names(self) -> list[str]:
        """The newspapers that are shown beside each other."""
        beside = self.query.beside if self.query.beside != self.publication else None
        return [name for name in (self.publication, beside) if name]

    @cached_property
    def by(self) -> GroupBy:
        """What is a point: what was asked for, or an edition as long as there are few of them."""
        if self.query.by is not None:
            return self.query.by
        shown = [one for one in self.publications if one.publication in self.names]
        few = all(min(one.editions, self._days_between(one)) <= FEW_EDITIONS for one in shown)
        return GroupBy.EDITION if few else GroupBy.MONTH

    def _days_between(self, span: PublicationSpan) -> int:
        """Return the days of a newspaper that lie in the period."""
        first = max(span.first, self.query.first or span.first)
        last = min(span.last, self.query.last or span.last)
        return (last - first).days + 1

    @cached_property
    def recipes(self) -> list[tuple[str, str]]:
        """Id and name of the recipes that there are numbers of."""
        return summarised_recipes(self.home)

    @cached_property
    def statistics(self) -> list[Statistic]:
        """The metric of each newspaper."""
        return [
            statistic(
                self.home,
                self.query.metric,
                self._criteria(name),
                by=self.by,
                estimand=Estimand.SHARE_OF_PHOTOS,
                inference=Inference.THESE,
                recipe=self.query.recipe,
            )
            for name in self.names
        ]

    @cached_property
    def changes(self) -> list[MetricChanges | None]:
        """The changes of each newspaper; None where they can't be sought."""
        return [self._changes(name) for name in self.names]

    @cached_property
    def trends(self) -> list[MetricTrend | InvalidRequest | None]:
        """The trend of each newspaper, or why there is none; None where points don't follow."""
        return [self._trend(name) if self.by in OVER_TIME else None for name in self.names]

    @property
    def trend_words(self) -> list[tuple[str, str]]:
        """Each trend in sentences and how it was estimated; why there is none, and nothing."""
        named = zip(self.names, self.trends, strict=True)
        return [self._trend_words(name, trend) for name, trend in named if trend]

    def _trend_words(self, name: str, trend: MetricTrend | InvalidRequest) -> tuple[str, str]:
        say, name = self.language.say, self.language.newspaper(name)
        if isinstance(trend, InvalidRequest):
            return f"{name}: {say(trend.args[0])}.", ""
        if trend.regression.refused:
            return f"{name}: {say(trend.regression.refused)}.", ""
        sentences = trend_sentences(name, trend, self.language)
        return " ".join(sentences), f"{say(trend.regression.method)}."

    @cached_property
    def chart(self) -> SeriesChart | None:
        """The chart with its changes and trends; None without a newspaper."""
        trends = [one if isinstance(one, MetricTrend) else None for one in self.trends]
        return self._chart(self.changes, trends) if self.names else None

    @property
    def dashed(self) -> list[str]:
        """What solid and dashed lines of the chart are; nothing where none is dashed."""
        chart = self.chart
        return dashed_note(chart.marks, chart.levels, self.language) if chart else []

    @cached_property
    def leaders(self) -> list[tuple[str, list[str]]]:
        """The newspapers and the names of their leaders, where the metric is about leaders."""
        if (name := self.query.metric.name) not in OF_LEADER and not name.startswith("leader"):
            return []
        with self.home.database.read() as session:
            return [(name, sorted(leaders_in(session, name))) for name in self.names]

    @cached_property
    def plain_chart(self) -> SeriesChart | None:
        """The chart without its changes, which are known later."""
        nothing: list[None] = [None] * len(self.names)
        return self._chart(nothing, nothing) if self.names else None

    def _chart(
        self,
        changes: Sequence[MetricChanges | None],
        trends: Sequence[MetricTrend | None],
    ) -> SeriesChart:
        papers = map(self.language.newspaper, self.names)
        parts = zip(self.statistics, papers, changes, trends, strict=True)
        series = [PlottedStatistic(*of_name) for of_name in parts]
        return statistic_chart(series, self.language, address=self._address, claim=self.claim)

    @cached_property
    def calendars(self) -> list[EditionCalendar]:
        """The calendar of each newspaper, of the days that are shown."""
        first, last = self.days
        return [
            edition_calendar(self.home, name, first, last, recipe=self.query.recipe)
            for name in self.names
        ]

    @cached_property
    def days(self) -> tuple[date, date]:
        """The first and last day of the calendar: of the year asked for, or of twelve months."""
        if self.query.year is not None:
            return date(self.query.year, 1, 1), date(self.query.year, 12, 31)
        start, until = self.query.first, self.query.last
        last = min(filter(None, (until, self._last)), default=start or clock.now().date())
        if start is not None and start > last:  # all editions are older
            last = until or start
        last = end_of_month(last)
        first = year_before(last)
        return (max(first, start) if start else first), last

    @property
    def shown_days(self) -> tuple[date, date]:
        """The first and last day with an edition in the calendars; those asked for without any."""
        every = [one.day for calendar in self.calendars for one in calendar.days]
        return (min(every), max(every)) if every else self.days

    def difference(self, changes: MetricChanges, change: Change) -> str:
        """Return how much a metric changed in words, with the interval."""
        less = change.difference
        return difference_words(changes.metric, less.value, less.interval, self.language)

    @property
    def _last(self) -> date | None:
        """The day of the last edition of the newspapers that are shown."""
        days = [one.last for one in self.publications if one.publication in self.names]
        return max(days, default=None)

    @cached_property
    def months(self) -> list[list[MonthGrid]]:
        """The months of each calendar."""
        return [month_grids(one.days) for one in self.calendars]

    @cached_property
    def years(self) -> list[int]:
        """The years with editions of the newspapers that are shown, in order."""
        spans = [
            (one.first.year, one.last.year)
            for one in self.publications
            if one.publication in self.names
        ]
        if not spans:
            return []
        return [*range(min(first for first, _ in spans), max(last for _, last in spans) + 1)]

    @cached_property
    def points(self) -> list[PointRow]:
        """The values of the chart as rows, the latest ones first where they follow in time."""
        rows = [
            row
            for one, name in zip(self.statistics, self.names, strict=True)
            for row in self._rows(one, name)
        ]
        if self.by in OVER_TIME:
            rows.sort(key=lambda row: row.group.editions[0].date, reverse=True)
        return rows

    def document(self) -> dict[str, Any]:
        """Return all that the page shows."""
        return {
            "query": {**self.query.to_json(), "by": self.by.value},
            "publications": self.names,
            "statistics": [one.to_json() for one in self.statistics],
            "changes": [one.to_json() if one else None for one in self.changes],
            "trends": [
                one.to_json() if isinstance(one, MetricTrend) else None for one in self.trends
            ],
            "calendars": [one.to_json() for one in self.calendars],
            "unusual": [one.to_json() for one in self.flags],
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the values of the chart as flat rows."""
        for one, name in zip(self.statistics, self.names, strict=True):
            for row in one.rows():
                yield {**row, "publication": name}

    @cached_property
    def flags(self) -> list[UnusualEditions]:
        """What is unusual in the editions of each newspaper, in the period."""
        return [
            unusual_editions(self.home, self._criteria(name), recipe=self.query.recipe)
            for name in self.names
        ]

    @cached_property
    def unusual(self) -> list[EditionFlags]:
        """The unusual editions of the period, the newest first."""
        every = [one for flags in self.flags for one in flags.unusual]
        return sorted(every, key=lambda one: (one.date, one.id), reverse=True)

    @property
    def stale(self) -> bool:
        """Whether some of what is unusual is being brought up to date."""
        return any(one.state is FlagState.STALE for one in self.unusual)

    @property
    def compared(self) -> bool:
        """Whether there is an edition of the period that may be held against the usual."""
        return any(flags.editions for flags in self.flags)

    @property
    def waiting(self) -> int:
        """Number of editions of the period that are not compared with the usual yet."""
        every = (one for flags in self.flags for one in flags.editions)
        return sum(one.state is FlagState.WAITING for one in every)

    @cached_property
    def day_flags(self) -> dict[int, EditionFlags]:
        """The flags of the editions of the calendars, by edition."""
        first, last = self.days
        return {
            one.id: one
            for name in self.names
            for one in unusual_editions(
                self.home, EditionCriteria(name, first, last), recipe=self.query.recipe
            ).editions
        }

    @property
    def sentences(self) -> list[str]:
        """What the timeline shows, in sentences."""
        parts = zip(self.names, self.statistics, self.changes, strict=True)
        return [
            one for part in parts for one in timeline_sentences(*part, self.unusual, self.language)
        ]

    @property
    def first_metrics(self) -> list[str]:
        """The metrics that are proposed first."""
        return first_metrics(self.query.metric.name, self.unusual)

    def step(self, name: str) -> DaysStep | None:
        """Return what would narrow the share of all days of a newspaper; None: it is not wide."""
        return days_step(self.home, self.query.metric, self._criteria(name))

    @staticmethod
    def day_before(day: date) -> date:
        """Return the day before a day."""
        return day - timedelta(days=1)

    @property
    def title(self) -> str:
        """What the chart shows, in words."""
        return " ".join(self.plain_chart.legend.title) if self.plain_chart else ""

    @property
    def recipe_id(self) -> str:
        """The recipe of the numbers."""
        return self.statistics[0].recipe_id if self.statistics else self.home.recipe.id

    def _criteria(self, name: str) -> EditionCriteria:
        return EditionCriteria(name, self.query.first, self.query.last)

    def _changes(self, name: str) -> MetricChanges | None:
        if self.by not in OVER_TIME:
            return None
        try:
            return metric_changes(
                self.home,
                self.query.metric,
                self._criteria(name),
                by=PeriodUnit.EDITION if self.by is GroupBy.EDITION else PeriodUnit.MONTH,
                recipe=self.query.recipe,
            )
        except InvalidRequest:  # too many editions to be searched one by one
            return None

    def _trend(self, name: str) -> MetricTrend | InvalidRequest:
        query = self.query
        try:
            return metric_trend(
                self.home, query.metric, self._criteria(name), day=query.day, recipe=query.recipe
            )
        except InvalidRequest as error:
            return error

    def _rows(self, statistic: Statistic, name: str) -> Iterator[PointRow]:
        with self.home.database.read() as session:
            photos = photos_behind(self.query.metric, leaders_in(session, name))
        for group in statistic.groups:
            days = self._days_of(group)
            behind = None
            if photos is not None and days is not None:
                behind = {"publication": name, "from": days[0], "to": days[1], **photos}
            yield PointRow(
                series=name,
                label=group_label(group.key, statistic.by, group, self.language),
                address=self._address(group),
                value=group.estimate.value,
                group=group,
                photos=behind,
            )

    def _days_of(self, group: Group) -> tuple[date, date] | None:
        """Return the days of a group, if no other editions lie between them."""
        first, last = group.editions[0].date, group.editions[-1].date
        if self.by is GroupBy.WEEK:
            return self._within(*week_of(first))
        if self.by is GroupBy.MONTH:
            return self._within(first.replace(day=1), end_of_month(first))
        if self.by is GroupBy.YEAR:
            return self._within(first.replace(month=1, day=1), first.replace(month=12, day=31))
        return (first, last) if self.by in (GroupBy.EDITION, GroupBy.NONE) else None

    def _within(self, first: date, last: date) -> tuple[date, date]:
        """Return the days that lie in the period: no others are counted."""
        query = self.query
        return max(first, query.first or first), min(last, query.last or last)

    def _address(self, group: Group) -> str | None:
        """Return what a point opens: its edition, or the timeline of its days."""
        if self.by is GroupBy.EDITION:
            return self.to.edition(group.editions[0].id)
        days = self._days_of(group)
        if days is None or self.by is GroupBy.NONE:
            return None
        finer = GroupBy.MONTH if self.by is GroupBy.YEAR else GroupBy.EDITION
        closer = {**self.query.params(), "from": days[0], "to": days[1], "by": finer.value}
        return self.to.timeline(**closer)
