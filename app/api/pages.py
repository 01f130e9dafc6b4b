"""Pages, their compositions and their pictures."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from app.api.params import Home, Id
from app.services.catalogue.pages import find_page, page_view
from app.services.statistics.edition_composition import page_composition

router = APIRouter(prefix="/pages", tags=["pages"])
JPEG = "image/jpeg"
PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {JPEG: {}}}}


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
def get_page_image(home: Home, page_id: Id) -> FileResponse:
    """Return the picture of a page: re-encoded, in the pixels of its boxes, without metadata."""
    return FileResponse(page_view(home, page_id), media_type=JPEG)
