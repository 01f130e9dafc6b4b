"""Pages, their compositions and their pictures."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from app.api.params import Home, Id
from app.api.picture_response import PICTURE, WidthParam, picture_response
from app.services.catalogue.pages import find_page
from app.services.pictures.pictures import page_picture
from app.services.statistics.edition_composition import page_composition

router = APIRouter(prefix="/pages", tags=["pages"])


@router.get("/{page_id}", operation_id="get_page")
def get_page(home: Home, page_id: Id) -> dict[str, Any]:
    """Return a page with its photos and detections; boxes in pixels of the page."""
    return find_page(home, page_id).to_json()


@router.get("/{page_id}/composition", operation_id="get_page_composition")
def get_page_composition(home: Home, page_id: Id) -> dict[str, Any]:
    """Return the composition of a page."""
    return page_composition(home, page_id).to_json()


@router.get(
    "/{page_id}/image",
    operation_id="get_page_image",
    response_class=Response,
    responses=PICTURE,
)
@router.get(
    "/{page_id}/image.jpg",
    operation_id="get_page_image_file",
    response_class=Response,
    responses=PICTURE,
)
def get_page_image(home: Home, request: Request, page_id: Id, width: WidthParam = None) -> Response:
    """Return the picture of a page: re-encoded, without metadata.

    Without ``width`` it has the pixels of the page's boxes.
    """
    return picture_response(request, home, page_picture(home, page_id, width))
