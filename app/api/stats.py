"""Statistics: metrics of editions in groups, their changes, comparisons and multiverses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from presslens.app.api import links
from presslens.app.api.access import needs
from presslens.app.api.chart_response import Charted, chart_routes, permalink_of
from presslens.app.api.csv_response import csv_response, wants_csv
from presslens.app.api.params import Home, read_query
from presslens.app.api.response_cache import CachedRoute
from presslens.app.charts.changes import changes_chart
from presslens.app.charts.comparison import comparison_chart
from presslens.app.charts.statistic import plotted, statistic_chart
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import LIST_OF_METRICS
from presslens.app.services.statistics.by_group import GroupBy, Statistic, statistic
from presslens.app.services.statistics.changes import MetricChanges, metric_changes
from presslens.app.services.statistics.comparison import GroupComparison, compare_groups
from presslens.app.services.statistics.multiverse import COLUMNS as OF_MULTIVERSE
from presslens.app.services.statistics.multiverse import ShareMultiverse, share_multiverse
from presslens.app.services.statistics.period import PeriodComposition, period_composition
from presslens.app.services.statistics.power import StudyPower, archive_power, foreseen_power
from presslens.app.services.statistics.queries import (
    CompareQuery,
    DifferenceQuery,
    MetricName,
    PeriodQuery,
    PowerQuery,
    ShareQuery,
    StatQuery,
    TrendQuery,
    existing_metric,
)
from presslens.app.services.statistics.trend import MetricTrend, metric_trend
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import (
    BUILT_IN,
    Estimand,
    Inference,
    Weight,
    Zone,
    is_measure,
)
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.timeline import PeriodUnit

router = APIRouter(prefix="/stats", tags=["statistics"], route_class=CachedRoute)
COLUMNS = (
    "group", "edition", "publication", "date", "metric", "zone", "weight", "estimand", "value",
    "low", "high", "method", "n", "numerator", "denominator", "decided", "machine", "settled",
    "editions", "pages", "pages_seen", "coverage", "inference", "count_low", "count_high", "drawn",
    "picked", "refused", "note", "provisional", "validity", "decided_note", "recipe",
)  # fmt: skip
Metrics = Annotated[list[MetricName] | None, Query(max_length=50)]


def read_share(name: str) -> str:
    """Return a measure that a request names.

    Raises:
        InvalidRequest: There is no such measure.
    """
    if not is_measure(name):
        raise InvalidRequest.saying(
            "there is no measure %(name)r; see %(list)s", name=name, list=LIST_OF_METRICS
        )
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedStatistic(Statistic):
    """A metric of editions in groups, with the address that gives it again."""

    permalink: str  # the address of the result


@dataclass(frozen=True, slots=True)
class MetricNames(Served):
    """The names that requests may use."""

    plain: dict[str, str]  # what each plain metric means
    shares: Sequence[str]  # the measures whose share is taken
    named: Sequence[str]  # measures that name a figure or a label
    zones: Sequence[Zone]  # parts of editions
    weights: Sequence[Weight]  # how photos weigh
    estimands: Sequence[Estimand]  # which share of several editions is meant
    inferences: Sequence[Inference]  # what an interval is about


@router.get("/metrics", operation_id="list_metrics")
@needs(Permission.READ)
def get_metrics() -> MetricNames:
    """Return the available plain metrics, and the measures whose share is taken."""
    plain = {name: plain.meaning for name, plain in PLAIN.items()}
    named = "figure:NAME", "label:NAME"
    return MetricNames(
        plain, BUILT_IN, named, tuple(Zone), tuple(Weight), tuple(Estimand), tuple(Inference)
    )


@router.get("/composition", operation_id="get_period_composition")
@needs(Permission.READ)
def get_period_composition(
    home: Home,
    query: Annotated[PeriodQuery, read_query(PeriodQuery)],
    measure: Metrics = None,
) -> PeriodComposition:
    """Return all metrics of the editions of a period or publication at once."""
    names = [read_share(name) for name in measure or BUILT_IN]
    return period_composition(
        home,
        query.resolved(home).criteria,
        estimand=query.estimand,
        inference=query.inference,
        zone=query.page,
        weight=query.weight,
        measures=list(dict.fromkeys(names)),
        recipe=query.recipe,
    )


@router.get("", operation_id="get_stats", response_model=CitedStatistic)
@router.get(".csv", operation_id="get_stats_csv")
@chart_routes(router, "", "get_stats")
@needs(Permission.READ)
def get_stats(
    home: Home,
    request: Request,
    metric: MetricName,
    query: Annotated[StatQuery, read_query(StatQuery)],
    by: GroupBy = GroupBy.NONE,
    *,
    charted: Charted,
) -> Any:
    """Return a metric of editions, in groups.

    `page` is the zone: all, front, inside, above_fold or lead. `estimand` says which share of
    several editions is meant, `inference` whether these editions are described, or the newspaper's
    practice is inferred from them. Editions that are not analysed yet, too incomplete or superseded
    by another upload of their day are left out, and listed. As `.png`, `.svg`, `.pdf` and
    `.vl.json` (Vega-Lite) it is a chart with the events of these days.
    """
    result = statistic(
        home,
        query.named(home, metric),
        query.resolved(home).criteria,
        by=by,
        estimand=query.estimand,
        inference=query.inference,
        recipe=query.recipe,
    )
    if wants_csv(request):
        return csv_response(COLUMNS, result.rows(), name="stats")
    if charted.kind is not None:
        return charted.respond(
            lambda spoken, source: statistic_chart(
                [plotted(result, spoken)], spoken, source=source
            ),
            permalink_of(result, "stats"),
        )
    return links.cited(CitedStatistic, result, "stats")


CHANGES = (
    "date", "metric", "by", "estimand", "before", "after", "difference", "low", "high",
    "interval_level", "p", "p_corrected", "editions_before", "editions_after", "periods_before",
    "periods_after", "method", "recipe",
)  # fmt: skip
COMPARED = (
    "metric", "estimand", "a_value", "a_editions", "a_method", "a_validity", "b_value",
    "b_editions", "b_method", "b_validity", "difference", "low", "high", "interval_level",
    "unadjusted", "p", "p_corrected", "correction", "family", "compared", "differs", "method",
    "refused", "note", "provisional", "help_words", "inference", "recipe",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedChanges(MetricChanges):
    """The change points of a metric, with the address that gives it again."""

    permalink: str  # the address of the result


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedComparison(GroupComparison):
    """Two groups of editions, compared, with the address that gives it again."""

    permalink: str  # the address of the result


@router.get("/changes", operation_id="get_changes", response_model=CitedChanges)
@router.get("/changes.csv", operation_id="get_changes_csv")
@chart_routes(router, "/changes", "get_changes")
@needs(Permission.READ)
def get_changes(
    home: Home,
    request: Request,
    metric: MetricName,
    query: Annotated[ShareQuery, read_query(ShareQuery)],
    by: PeriodUnit = PeriodUnit.MONTH,
    *,
    charted: Charted,
) -> Any:
    """Detect the change points of a metric. CSV holds the changes, JSON the periods too.

    A change is told where the editions before and after differ, as `compare` says of the two groups
    in practice (the parameters are in `compare`); `undecided` are days on which that is not shown.

    As `.png`, `.svg`, `.pdf` and `.vl.json` (Vega-Lite) it is a chart.
    """
    changes = metric_changes(
        home,
        query.named(home, metric),
        query.resolved(home).criteria,
        by=by,
        estimand=query.estimand,
        recipe=query.recipe,
    )
    if wants_csv(request):
        return csv_response(CHANGES, changes.rows(), name="changes")
    if charted.kind is not None:
        return charted.respond(
            lambda spoken, source: changes_chart(changes, spoken, source=source),
            permalink_of(changes, "stats/changes"),
        )
    return links.cited(CitedChanges, changes, "stats/changes")


@router.get("/compare", operation_id="compare_stats", response_model=CitedComparison)
@router.get("/compare.csv", operation_id="compare_stats_csv")
@chart_routes(router, "/compare", "compare_stats")
@needs(Permission.READ)
def get_comparison(
    home: Home,
    request: Request,
    query: Annotated[CompareQuery, read_query(CompareQuery)],
    *,
    charted: Charted,
) -> Any:
    """Compare two groups of editions, a less b, with intervals that hold for all metrics together.

    A metric `differs` where its `interval` leaves 0 out; `unadjusted` is that of the metric alone.
    Without `metric` five are compared: photos, leader, focus_facility, children, crowd. `help` says
    what would tell a difference that is not told.
    These very editions are compared, so that either side is what `/stats` says of it; with
    `inference=practice` the newspapers' ways of working are. As `.png`, `.svg`, `.pdf` and
    `.vl.json` (Vega-Lite) it is a chart of the differences.
    """
    query = query.resolved(home)
    comparison = compare_groups(
        home,
        query.metrics,
        query.a,
        query.b,
        estimand=query.estimand,
        inference=query.inference,
        correction=query.correction,
        searched=query.searched,
        recipe=query.recipe,
    )
    if wants_csv(request):
        return csv_response(COMPARED, comparison.rows(), name="compare")
    if charted.kind is not None:
        return charted.respond(
            lambda spoken, source: comparison_chart(comparison, spoken, source=source),
            permalink_of(comparison, "stats/compare"),
        )
    return links.cited(CitedComparison, comparison, "stats/compare")


TREND = (
    "name", "value", "low", "high", "error", "p_value", "metric", "publication", "break", "method",
    "refused", "recipe",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CitedTrend(MetricTrend):
    """The trend of a metric, with the address that gives it again."""

    permalink: str  # the address of the result


@router.get("/trend", operation_id="get_trend", response_model=CitedTrend)
@router.get("/trend.csv", operation_id="get_trend_csv")
@needs(Permission.READ)
def get_trend(
    home: Home,
    request: Request,
    metric: MetricName,
    query: Annotated[TrendQuery, read_query(TrendQuery)],
) -> Any:
    """Estimate the trend of a newspaper's practice in a year, and its change on a day, `break`.

    With `break` it is an interrupted time series: `level` is how much higher the line is from that
    day on, `change of the trend` how much steeper. Shares need photos drawn by chance.
    """
    trend = metric_trend(
        home,
        query.named(home, metric),
        query.resolved(home).criteria,
        day=query.day,
        recipe=query.recipe,
    )
    if wants_csv(request):
        return csv_response(TREND, trend.rows(), name="trend")
    return links.cited(CitedTrend, trend, "stats/trend")


@router.get("/power", operation_id="get_power")
@needs(Permission.READ)
def get_power(
    home: Home,
    query: Annotated[PowerQuery, read_query(PowerQuery)],
    metric: MetricName | None = None,
) -> StudyPower:
    """Foresee what a study will show before anybody codes: a share, a difference, or a trend.

    Of the scores of the archive's editions; with `share`, of a newspaper that is not printed yet.
    `drawn` asks what so many photos show; `width` and `change` how many it takes.
    """
    if query.share is not None:
        return foreseen_power(query.share, query)
    if metric is None:
        raise InvalidRequest.saying("name a metric, or the share of a newspaper that is foreseen")
    return archive_power(home, query.named(home, metric), query.resolved(home))


@router.get("/multiverse", operation_id="get_multiverse", response_model=ShareMultiverse)
@router.get("/multiverse.csv", operation_id="get_multiverse_csv")
@needs(Permission.READ)
def get_multiverse(
    home: Home,
    request: Request,
    metric: MetricName,
    query: Annotated[DifferenceQuery, read_query(DifferenceQuery)],
) -> Any:
    """Estimate a share under every recipe, zone, weight and estimand, with reviews and without.

    With `b_…` it is the difference of two shares. The first row is the share as it was asked for.
    """
    result = share_multiverse(
        home,
        existing_metric(home, metric),
        *query.resolved(home).groups,
        threshold=query.threshold,
        zones=query.zone or tuple(Zone),
    )
    if wants_csv(request):
        return csv_response(OF_MULTIVERSE, result.rows(), name="multiverse")
    return result
