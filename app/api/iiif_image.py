"""The IIIF Image API 3.0, level 2: the picture of every page, in any part and size.

The identifier of a picture is the id of its page. Errors have the statuses of the specification:
400 for what can't be understood, 404 for pages without a picture, 501 for what is not made.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from presslens.app.api import links
from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.params import Home
from presslens.app.api.picture_response import PICTURE, tagged_response
from presslens.app.platform.errors import NotFound
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST
from presslens.app.services.pictures.iiif_image import (
    CONTEXT,
    MEDIA_TYPES,
    PROFILE,
    ServedImage,
    find_image,
    image_bytes,
    image_information,
)

router = APIRouter(prefix="/iiif", tags=["iiif"], route_class=PermittedRoute)

JSON, JSON_LD = "application/json", "application/ld+json"
PICTURES: dict[int | str, dict[str, Any]] = {
    **PICTURE,
    200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}},
}
INFORMATION = "/{identifier}/info.json"
IMAGE = "/{identifier}/{region}/{size}/{rotation}/{file}"


@router.get(
    "/{identifier}",
    operation_id="get_iiif_image",
    status_code=303,
    response_class=RedirectResponse,
)
@needs(Permission.READ)
def get_image(request: Request, identifier: str) -> RedirectResponse:
    """Redirect to the information document of a page's picture."""
    return RedirectResponse(f"{_address(request, _page(identifier))}/info.json", 303)


@router.head(INFORMATION, include_in_schema=False)
@router.get(INFORMATION, operation_id="get_iiif_image_information")
@needs(Permission.READ)
def get_information(home: Home, request: Request, identifier: str) -> Response:
    """Return what a viewer must know of a page's picture: its pixels, tiles and sizes."""
    page_id = _page(identifier)
    document = image_information(home, page_id, _address(request, page_id))
    wants_ld = JSON_LD in request.headers.get("accept", "")
    kind = f'{JSON_LD};profile="{CONTEXT}"' if wants_ld else JSON

    def respond(headers: dict[str, str]) -> Response:
        return JSONResponse(document, headers=headers | {"Vary": "Accept"}, media_type=kind)

    tag = hashlib.sha256(json.dumps([document, kind]).encode()).hexdigest()[:32]
    return tagged_response(request, tag, respond)


@router.head(IMAGE, include_in_schema=False)
@router.get(
    IMAGE,
    operation_id="get_iiif_image_part",
    response_class=Response,
    responses=PICTURES,
)
@needs(Permission.READ)
def get_part(
    home: Home, request: Request, identifier: str, region: str, size: str, rotation: str, file: str
) -> Response:
    """Return a part of a page's picture, scaled, turned and in the quality that is asked for.

    ``file`` is quality and format: ``default.jpg``, or ``color``, ``gray``, ``bitonal`` and
    ``png``. No picture has more than 16 megapixels, or more pixels than what it shows.
    """
    page_id = _page(identifier)
    image = find_image(home, page_id, region, size, rotation, file)
    address = _address(request, page_id)

    def respond(headers: dict[str, str]) -> Response:
        headers |= {"Link": _link(address, image)}
        data = b"" if request.method == "HEAD" else image_bytes(home, image)
        return Response(data, headers=headers, media_type=image.media_type)

    return tagged_response(request, image.tag, respond)


@router.options(INFORMATION, include_in_schema=False)
@router.options(IMAGE, include_in_schema=False)
@needs(Permission.READ)
def answer_preflight() -> Response:
    """Tell a page on another site that it may read; whether it may is up to the settings."""
    methods = "GET, HEAD, OPTIONS"
    headers = {"Allow": methods, "Access-Control-Allow-Methods": methods}
    return Response(status_code=204, headers=headers)


def _page(identifier: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,9}", identifier) or int(identifier) > MOST:
        raise NotFound("there is no such page: a picture is named by the id of its page")
    return int(identifier)


def _address(request: Request, page_id: int) -> str:
    return str(request.base_url).rstrip("/") + links.iiif_image(page_id)


def _link(address: str, image: ServedImage) -> str:
    return f'<{address}/{image.request.path}>;rel="canonical",<{PROFILE}>;rel="profile"'
