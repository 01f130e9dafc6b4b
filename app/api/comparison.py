"""Change points of a metric, and comparisons of two groups of editions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from presslens.app.api import links
from presslens.app.api.access import needs
from presslens.app.api.chart_response import Charted, chart_routes, permalink_of
from presslens.app.api.csv_response import csv_response, wants_csv
from presslens.app.api.params import Day, Home, Name
from presslens.app.api.response_cache import CachedRoute
from presslens.app.api.stats import MetricName, RecipeId, read_metric
from presslens.app.charts.changes import changes_chart
from presslens.app.charts.comparison import comparison_chart
from presslens.app.platform.permissions import Permission
from presslens.app.services.catalogue.scope import known_newspaper
from presslens.app.services.statistics.changes import metric_changes
from presslens.app.services.statistics.comparison import compare_groups
from presslens.app.services.statistics.edition_metrics import METRICS, MOST_METRICS
from presslens.app.services.statistics.selection import EditionCriteria
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.measure import Estimand, Inference, Weight, Zone
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


@router.get("/changes", operation_id="get_changes")
@router.get("/changes.csv", operation_id="get_changes_csv")
@chart_routes(router, "/changes", "get_changes")
@needs(Permission.READ)
def get_changes(
    home: Home,
    request: Request,
    metric: MetricName,
    publication: Annotated[Name | None, Query()] = None,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
    by: PeriodUnit = PeriodUnit.MONTH,
    page: Zone | None = None,
    weight: Weight | None = None,
    estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
    recipe: RecipeId | None = None,
    *,
    charted: Charted,
) -> Any:
    """Detect the change points of a metric. CSV holds the changes, JSON the periods too.

    As `.png`, `.svg`, `.pdf` and `.vl.json` (Vega-Lite) it is a chart.
    """
    changes = metric_changes(
        home,
        read_metric(metric, page, weight),
        EditionCriteria(known_newspaper(home, publication), first, last),
        by=by,
        estimand=estimand,
        recipe=recipe,
    )
    if wants_csv(request):
        return csv_response(CHANGES, changes.rows(), name="changes")
    if charted.kind is not None:
        return charted.respond(
            lambda spoken, source: changes_chart(changes, spoken, source=source),
            permalink_of(changes, "stats/changes"),
        )
    return links.repeatable_document(changes, "stats/changes")


@router.get("/compare", operation_id="compare_stats")
@router.get("/compare.csv", operation_id="compare_stats_csv")
@chart_routes(router, "/compare", "compare_stats")
@needs(Permission.READ)
def get_comparison(
    home: Home,
    request: Request,
    metric: Annotated[list[MetricName] | None, Query(max_length=MOST_METRICS)] = None,
    a_publication: Annotated[Name | None, Query()] = None,
    a_from: Annotated[Day | None, Query()] = None,
    a_to: Annotated[Day | None, Query()] = None,
    b_publication: Annotated[Name | None, Query()] = None,
    b_from: Annotated[Day | None, Query()] = None,
    b_to: Annotated[Day | None, Query()] = None,
    page: Zone | None = None,
    weight: Weight | None = None,
    estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
    inference: Inference = Inference.PRACTICE,
    correction: Correction = Correction.HOLM,
    recipe: RecipeId | None = None,
    *,
    charted: Charted,
) -> Any:
    """Compare two groups of editions, a less b, and correct for the number of metrics.

    Without `metric` all plain metrics are compared, and the share of every built-in measure.
    `inference` says whether the newspapers' practice differs, or these very editions do. As `.png`,
    `.svg`, `.pdf` and `.vl.json` (Vega-Lite) it is a chart of the differences.
    """
    texts = metric or [str(one) for one in METRICS]
    comparison = compare_groups(
        home,
        [read_metric(text, page, weight) for text in texts],
        EditionCriteria(known_newspaper(home, a_publication), a_from, a_to),
        EditionCriteria(known_newspaper(home, b_publication), b_from, b_to),
        estimand=estimand,
        inference=inference,
        correction=correction,
        recipe=recipe,
    )
    if wants_csv(request):
        return csv_response(COMPARED, comparison.rows(), name="compare")
    if charted.kind is not None:
        return charted.respond(
            lambda spoken, source: comparison_chart(comparison, spoken, source=source),
            permalink_of(comparison, "stats/compare"),
        )
    return links.repeatable_document(comparison, "stats/compare")
