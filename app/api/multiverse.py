"""One question about a share, answered in every way."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request

from presslens.app.api.access import needs
from presslens.app.api.csv_response import csv_response, wants_csv
from presslens.app.api.params import Home, read_query
from presslens.app.api.response_cache import CachedRoute
from presslens.app.platform.permissions import Permission
from presslens.app.services.statistics.multiverse import COLUMNS, ShareMultiverse, share_multiverse
from presslens.app.services.statistics.queries import DifferenceQuery, MetricName, read_metric
from presslens.pipelines.statistics.measure import Zone

router = APIRouter(prefix="/stats", tags=["statistics"], route_class=CachedRoute)


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
        read_metric(metric),
        *query.resolved(home).groups,
        threshold=query.threshold,
        zones=query.zone or tuple(Zone),
    )
    if wants_csv(request):
        return csv_response(COLUMNS, result.rows(), name="multiverse")
    return result
