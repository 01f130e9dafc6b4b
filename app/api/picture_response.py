"""Answers with pictures: a browser that has one already is not sent it again."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Query, Request, Response

from presslens.app.installation import Installation
from presslens.app.services.pictures.pictures import WIDTHS, PagePart, picture_bytes

JPEG = "image/jpeg"
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {JPEG: {}}},
    304: {"description": "It is the one that the ETag in If-None-Match names"},
}
CACHING = "private, max-age=3600"
"""Pictures of an id never change, but an id that was deleted may be given again."""

REVALIDATED = "private, no-cache"
"""For pictures that change when people move the box of a photo."""

Width = IntEnum("Width", {f"PX_{width}": width for width in WIDTHS})  # type: ignore[misc]
WidthParam = Annotated[
    Width | None, Query(description="width in pixels; without it, the pixels of the page")
]


def picture_response(
    request: Request, home: Installation, picture: PagePart, caching: str = CACHING
) -> Response:
    """Return a picture, or 304 to a client that has it.

    Args:
        caching: The ``Cache-Control`` of the answer.

    Raises:
        DiskFull: There is too little room for the tiles of a large page.
    """
    return tagged_response(
        request,
        picture.tag,
        lambda headers: Response(picture_bytes(home, picture), 200, headers, JPEG),
        caching,
    )


def tagged_response(
    request: Request,
    tag: str,
    respond: Callable[[dict[str, str]], Response],
    caching: str = CACHING,
) -> Response:
    """Return a response with an ETag, or 304 to a client that has it.

    Args:
        tag: Names the bytes of the response.
        respond: Returns the response with these headers; not called for a client that has it.
        caching: The ``Cache-Control`` of the answer.
    """
    headers = {"ETag": f'"{tag}"', "Cache-Control": caching}
    etags = request.headers.get("if-none-match", "")
    if etags == "*" or tag in {
        one.strip().removeprefix("W/").strip('"') for one in etags.split(",")
    }:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return respond(headers)
