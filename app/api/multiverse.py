"""One question about a share, answered in every way."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from presslens.app.api.access import needs
from presslens.app.api.csv_response import csv_response, wants_csv
from presslens.app.api.params import Day, Home, Name
from presslens.app.api.response_cache import CachedRoute
from presslens.app.api.stats import MetricName, read_metric
from presslens.app.platform.permissions import Permission
from presslens.app.services.catalogue.scope import known_newspaper
from presslens.app.services.statistics.multiverse import COLUMNS, share_multiverse
from presslens.app.services.statistics.selection import EditionCriteria
from presslens.pipelines.statistics.measure import Zone

router = APIRouter(prefix="/stats", tags=["statistics"], route_class=CachedRoute)


@router.get("/multiverse", operation_id="get_multiverse")
@router.get("/multiverse.csv", operation_id="get_multiverse_csv")
@needs(Permission.READ)
def get_multiverse(
    home: Home,
    request: Request,
    metric: MetricName,
    publication: Annotated[Name | None, Query()] = None,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
    b_publication: Annotated[Name | None, Query()] = None,
    b_from: Annotated[Day | None, Query()] = None,
    b_to: Annotated[Day | None, Query()] = None,
    threshold: Annotated[float | None, Query(ge=0, le=1)] = None,
    zone: Annotated[list[Zone] | None, Query(max_length=len(Zone))] = None,
) -> Any:
    """Estimate a share under every recipe, zone, weight and estimand, with reviews and without.

    With `b_…` it is the difference of two shares. The first row is the share as it was asked for.
    """
    subtracted = b_publication is not None or b_from is not None or b_to is not None
    result = share_multiverse(
        home,
        read_metric(metric),
        EditionCriteria(known_newspaper(home, publication), first, last),
        EditionCriteria(known_newspaper(home, b_publication), b_from, b_to) if subtracted else None,
        threshold=threshold,
        zones=zone or tuple(Zone),
    )
    if wants_csv(request):
        return csv_response(COLUMNS, result.rows(), name="multiverse")
    return result.to_json()
