"""The photos behind a share as a plain table."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.csv_response import csv_response
from presslens.app.api.params import Editions, Home
from presslens.app.platform.permissions import Permission
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.photo_rows import columns_of, photo_rows
from presslens.app.services.statistics.queries import MetricName, existing_metric

router = APIRouter(prefix="/stats", tags=["statistics"], route_class=PermittedRoute)


@router.get("/photos.csv", operation_id="get_share_photos")
@needs(Permission.READ)
def get_share_photos(
    home: Home,
    metric: MetricName,
    query: Editions,
) -> StreamingResponse:
    """Return the photos that a share is of, a row each, for ``presslens estimate``, R or pandas."""
    resolved = query.resolved(home)
    criteria = EditionCriteria(resolved.publication, resolved.first, resolved.last)
    share = existing_metric(home, metric)
    rows = list(photo_rows(home, share, criteria))
    return csv_response(columns_of(share.name), rows, name="photos")
