"""Baselines: the usual values of a newspaper, and the unusual ones of an edition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from presslens.app.api import links
from presslens.app.api.access import needs
from presslens.app.api.csv_response import csv_response, wants_csv
from presslens.app.api.params import Home
from presslens.app.api.response_cache import CachedRoute
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST
from presslens.app.services.statistics.baseline import EditionBaseline, edition_baseline
from presslens.app.services.statistics.edition_metrics import METRICS, MOST_METRICS
from presslens.app.services.statistics.queries import MetricName, RecipeId, existing_metric
from presslens.pipelines.statistics.flags import BaselineRules
from presslens.pipelines.statistics.reference_editions import MatchCriterion

router = APIRouter(prefix="/baseline", tags=["statistics"], route_class=CachedRoute)
COLUMNS = (
    "edition", "publication", "date", "metric", "value", "low", "high", "n", "method", "validity",
    "usual", "q1", "q3", "p10", "p90", "lowest", "highest", "baseline_n", "rank", "ties", "as_high",
    "z", "z_method", "flag", "undecided", "last_editions_ago", "words", "basis",
    "compared_value", "false_flags", "false_flags_of", "detectable_below", "detectable_above",
    "trend_a_month", "recipe",
)  # fmt: skip
MOST_EDITIONS = 1000
USUAL = BaselineRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedBaseline(EditionBaseline):
    """An edition beside what is usual, with the address that gives it again."""

    permalink: str  # the address of the result


@router.get("", operation_id="get_baseline", response_model=CitedBaseline)
@router.get(".csv", operation_id="get_baseline_csv")
@needs(Permission.READ)
def get_baseline(
    home: Home,
    request: Request,
    edition: Annotated[int, Query(ge=1, le=MOST)],
    n: Annotated[int, Query(ge=1, le=MOST_EDITIONS, description="previous editions")] = USUAL.n,
    match: Annotated[
        list[MatchCriterion] | None,
        Query(max_length=len(MatchCriterion), description="in what they are alike"),
    ] = None,
    least: Annotated[
        int, Query(ge=2, le=MOST_EDITIONS, description="with fewer nothing is flagged")
    ] = USUAL.least,
    metric: Annotated[list[MetricName] | None, Query(max_length=MOST_METRICS)] = None,
    recipe: RecipeId | None = None,
) -> Any:
    """Compare an edition with the previous ones of its newspaper, metric by metric.

    Without `metric` all plain metrics are compared, and the share of every built-in measure.
    """
    rules = BaselineRules(n=n, match=frozenset(match or ()), least=least)
    metrics = [existing_metric(home, text) for text in metric] if metric else METRICS
    baseline = edition_baseline(home, edition, metrics=metrics, rules=rules, recipe=recipe)
    if wants_csv(request):
        return csv_response(COLUMNS, baseline.rows(), name=f"baseline_{edition}")
    return links.cited(CitedBaseline, baseline, "baseline")
