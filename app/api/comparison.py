"""Change points of a metric, and comparisons of two groups of editions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request

from presslens.app.api import links
from presslens.app.api.access import needs
from presslens.app.api.chart_response import Charted, chart_routes, permalink_of
from presslens.app.api.csv_response import csv_response, wants_csv
from presslens.app.api.params import Home, read_query
from presslens.app.api.response_cache import CachedRoute
from presslens.app.charts.changes import changes_chart
from presslens.app.charts.comparison import comparison_chart
from presslens.app.platform.permissions import Permission
from presslens.app.services.statistics.changes import MetricChanges, metric_changes
from presslens.app.services.statistics.comparison import GroupComparison, compare_groups
from presslens.app.services.statistics.queries import CompareQuery, MetricName, ShareQuery
from presslens.pipelines.statistics.timeline import PeriodUnit

router = APIRouter(prefix="/stats", tags=["statistics"], route_class=CachedRoute)
CHANGES = (
    "date", "metric", "by", "estimand", "before", "after", "difference", "low", "high",
    "periods_before", "periods_after", "method", "recipe",
)  # fmt: skip
COMPARED = (
    "metric", "estimand", "a_value", "a_editions", "a_method", "b_value", "b_editions", "b_method",
    "difference", "low", "high", "p", "p_corrected", "correction", "compared", "differs", "method",
    "refused", "note", "inference", "recipe",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedChanges(MetricChanges):
    """The change points of a metric, with the address that gives it again."""

    permalink: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedComparison(GroupComparison):
    """Two groups of editions, compared, with the address that gives it again."""

    permalink: str


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

    As `.png`, `.svg`, `.pdf` and `.vl.json` (Vega-Lite) it is a chart.
    """
    changes = metric_changes(
        home,
        query.named(metric),
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
    """Compare two groups of editions, a less b, and correct for the number of metrics.

    Without `metric` all plain metrics are compared, and the share of every built-in measure.
    `inference` says whether the newspapers' practice differs, or these very editions do. As `.png`,
    `.svg`, `.pdf` and `.vl.json` (Vega-Lite) it is a chart of the differences.
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
