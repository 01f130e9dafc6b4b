"""The ruler of an edition: its photos from most leader-centred to most facility-centred."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from presslens.app.api import links
from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.csv_response import csv_response, wants_csv
from presslens.app.api.params import Home, Id
from presslens.app.api.picture_response import JPEG, PICTURE
from presslens.app.charts.ruler_strip import ruler_strip
from presslens.app.platform.permissions import Permission
from presslens.app.services.catalogue.ruler import COLUMNS, EditionRuler, edition_ruler

router = APIRouter(prefix="/editions", tags=["editions"], route_class=PermittedRoute)


@router.get("/{edition_id}/ruler", operation_id="get_ruler", response_model=EditionRuler)
@router.get("/{edition_id}/ruler.csv", operation_id="get_ruler_csv")
@needs(Permission.READ)
def get_ruler(home: Home, request: Request, edition_id: Id) -> Any:
    """Rank an edition's photos, of the pages that are analysed so far."""
    ruler = edition_ruler(home, edition_id)
    if wants_csv(request):
        rows = ({**row, "image": links.photo_image(row["id"])} for row in ruler.rows())
        return csv_response(COLUMNS, rows, name=f"ruler_{edition_id}")
    return links.linked_ruler(ruler)


@router.get(
    "/{edition_id}/ruler.jpg",
    operation_id="get_ruler_strip",
    response_class=Response,
    responses=PICTURE,
)
@needs(Permission.READ)
def get_ruler_strip(home: Home, edition_id: Id) -> Response:
    """Return the ruler as a picture: a strip of crops, and an axis with all photos."""
    return Response(ruler_strip(home, edition_id), media_type=JPEG)
