"""A filtered list of photos as files: one wide table, or a ZIP file that explains it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.exports import send_file
from presslens.app.api.params import Home
from presslens.app.api.photos import Filtered, Sorted
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.services.catalogue.photo_filter import PhotoSort
from presslens.app.services.exports.photo_package import (
    ExportedPhotos,
    export_photo_package,
    export_photos,
)
from presslens.app.services.exports.table_writer import TableFormat

router = APIRouter(prefix="/photos", tags=["photos"], route_class=PermittedRoute)


def _selection(request: Request, chosen: Filtered, sort: PhotoSort) -> ExportedPhotos:
    query = request.url.query
    path = f"{request.url.path}{'?' if query else ''}{query}"
    return ExportedPhotos(chosen, sort, path, clock.now().date())


@router.get(".ndjson", operation_id="export_photos_json", response_class=StreamingResponse)
@needs(Permission.EXPORT)
async def get_photos_json(
    home: Home, request: Request, photo_filter: Filtered, sort: Sorted = PhotoSort.DATE
) -> Response:
    """Return all photos that a filter selects as JSON Lines: one object a line."""
    chosen = _selection(request, photo_filter, sort)
    return await _photos(home, request, chosen, TableFormat.JSON)


@router.get(".parquet", operation_id="export_photos_parquet", response_class=StreamingResponse)
@needs(Permission.EXPORT)
async def get_photos_parquet(
    home: Home, request: Request, photo_filter: Filtered, sort: Sorted = PhotoSort.DATE
) -> Response:
    """Return all photos that a filter selects as one Parquet file."""
    chosen = _selection(request, photo_filter, sort)
    return await _photos(home, request, chosen, TableFormat.PARQUET)


@router.get(".zip", operation_id="export_photos_package", response_class=StreamingResponse)
@needs(Permission.EXPORT)
async def get_photos_package(
    home: Home, request: Request, photo_filter: Filtered, sort: Sorted = PhotoSort.DATE
) -> Response:
    """Return all photos that a filter selects as a ZIP file.

    It holds the photos as CSV, a data package that says what each column means, and a README with
    the query in words and how to cite it.
    """
    chosen = _selection(request, photo_filter, sort)
    return await send_file(
        home,
        request,
        lambda then, folder, report: export_photo_package(then, chosen, folder, progress=report),
    )


async def _photos(
    home: Installation, request: Request, chosen: ExportedPhotos, table_format: TableFormat
) -> Response:
    return await send_file(
        home,
        request,
        lambda then, folder, report: export_photos(
            then, chosen, table_format, folder, progress=report
        ),
    )
