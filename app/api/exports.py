"""Exports: tables, COCO, IIIF and snapshots. A file is complete before its first byte is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse

from app.api.access import PermittedRoute, needs
from app.api.export_links import ExportLinks, page_image_path
from app.api.params import MOST, Day, Home, Id, Name
from app.db.queries import EditionScope
from app.errors import InvalidRequest
from app.installation import Installation
from app.permissions import Permission
from app.services.catalogue.scope import known_newspaper
from app.services.exports.data_package import tables_document
from app.services.exports.export import (
    ExportedFile,
    edition_collection,
    edition_manifest,
    export_coco,
    export_tables,
    page_annotations,
)
from app.services.exports.iiif import CONTEXT
from app.services.exports.label_studio import export_label_studio
from app.services.exports.page_documents import PageFormat, export_pages
from app.services.exports.snapshot.write import export_snapshot
from app.services.exports.table_writer import TableFormat
from app.services.statistics.wide_photos import export_photo_table

router = APIRouter(tags=["exports"], route_class=PermittedRoute)
CHUNK = 2**18
MEDIA_TYPES = {
    ".zip": "application/zip",
    ".csv": "text/csv; charset=utf-8",
    ".ndjson": "application/x-ndjson",
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
}
IIIF_TYPE = f'application/ld+json;profile="{CONTEXT}"'


def _scope(
    home: Home,
    publication: Annotated[Name | None, Query()] = None,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
    edition: Annotated[int | None, Query(ge=1, le=MOST)] = None,
) -> EditionScope:
    return EditionScope(known_newspaper(home, publication), first, last, edition)


Scoped = Annotated[EditionScope, Depends(_scope)]
TableName = Annotated[str | None, Query(max_length=64, description="one table alone")]


@router.get("/exports", operation_id="list_exports")
@needs(Permission.EXPORT, logged=False)
def get_exports(home: Home) -> dict[str, Any]:
    """Return the formats and filters of exports, and every column of every table."""
    return {
        "recipe": home.recipe.id,
        "formats": {
            "photos": "one wide table, a row a photo: CSV, or ?format=parquet, ?format=json",
            "csv": "all tables in a ZIP file, or one with ?table=",
            "json": "the same as JSON Lines",
            "parquet": "the same as Parquet",
            "coco": "photos, persons, things and enrolled figures as COCO JSON",
            "label-studio": "pages as tasks for Label Studio in a ZIP file",
            "alto": "photos, captions and headlines as ALTO 4.4 in a ZIP file, a document a page",
            "page": "the same as PAGE-XML 2019-07-15",
            "iiif": "IIIF Presentation 3: a manifest with ?edition=, or a collection",
            "snapshot": "a ZIP file to cite, which can be imported again",
        },
        "filters": ["publication", "from", "to", "edition"],
        "tables": tables_document(),
    }


@router.get("/exports/photos", operation_id="export_photos", response_class=StreamingResponse)
@needs(Permission.EXPORT)
def get_photos_table(
    home: Home,
    scope: Scoped,
    kind: Annotated[TableFormat, Query(alias="format")] = TableFormat.CSV,
    every: Annotated[
        bool, Query(alias="all", description="superseded and incomplete editions too")
    ] = False,
) -> StreamingResponse:
    """Return one wide table for R and pandas: a row a photo, all measures, answers and weights."""
    return send_file(
        home, lambda folder: export_photo_table(home, scope, kind, folder, every=every)
    )


@router.get("/exports/csv", operation_id="export_csv", response_class=StreamingResponse)
@needs(Permission.EXPORT)
def get_csv(home: Home, scope: Scoped, table: TableName = None) -> StreamingResponse:
    """Return tables as CSV."""
    return _tables(home, scope, TableFormat.CSV, table)


@router.get("/exports/json", operation_id="export_json", response_class=StreamingResponse)
@needs(Permission.EXPORT)
def get_json(home: Home, scope: Scoped, table: TableName = None) -> StreamingResponse:
    """Return tables as JSON Lines: one object a line."""
    return _tables(home, scope, TableFormat.JSON, table)


@router.get("/exports/parquet", operation_id="export_parquet", response_class=StreamingResponse)
@needs(Permission.EXPORT)
def get_parquet(home: Home, scope: Scoped, table: TableName = None) -> StreamingResponse:
    """Return tables as Parquet."""
    return _tables(home, scope, TableFormat.PARQUET, table)


@router.get("/exports/coco", operation_id="export_coco", response_class=StreamingResponse)
@needs(Permission.EXPORT)
def get_coco(
    home: Home,
    scope: Scoped,
    photos_only: Annotated[
        bool, Query(description="neither persons and things nor figures")
    ] = False,
    images: Annotated[
        bool, Query(description="a ZIP file with the pictures of the pages too")
    ] = False,
) -> StreamingResponse:
    """Return photos, persons, things and enrolled figures as COCO JSON."""
    return send_file(
        home,
        lambda folder: export_coco(
            home,
            scope,
            folder,
            image_path=page_image_path,
            photos_only=photos_only,
            images=images,
        ),
    )


@router.get(
    "/exports/label-studio",
    operation_id="export_label_studio",
    response_class=StreamingResponse,
)
@needs(Permission.EXPORT)
def get_label_studio(
    home: Home,
    request: Request,
    scope: Scoped,
    images: Annotated[bool, Query(description="the pictures of the pages too")] = False,
) -> StreamingResponse:
    """Return pages as tasks for Label Studio in a ZIP file, with what is known as predictions."""
    address = _links(request).page_image
    return send_file(
        home,
        lambda folder: export_label_studio(
            home, scope, folder, picture_address=address, images=images
        ),
    )


@router.get("/exports/alto", operation_id="export_alto", response_class=StreamingResponse)
@needs(Permission.EXPORT)
def get_alto(home: Home, scope: Scoped) -> StreamingResponse:
    """Return photos, captions and headlines as ALTO in a ZIP file, a document a page."""
    return send_file(home, lambda folder: export_pages(home, scope, PageFormat.ALTO, folder))


@router.get("/exports/page", operation_id="export_page", response_class=StreamingResponse)
@needs(Permission.EXPORT)
def get_page_xml(home: Home, scope: Scoped) -> StreamingResponse:
    """Return photos, captions and headlines as PAGE-XML in a ZIP file, a document a page."""
    return send_file(home, lambda folder: export_pages(home, scope, PageFormat.PAGE, folder))


@router.get("/exports/snapshot", operation_id="export_snapshot", response_class=StreamingResponse)
@needs(Permission.EXPORT)
def get_snapshot(
    home: Home,
    scope: Scoped,
    author: Annotated[list[Name] | None, Query(max_length=50)] = None,
) -> StreamingResponse:
    """Return a ZIP file to cite, which can be imported again; of complete editions only."""
    authors = tuple(author or ())
    return send_file(home, lambda folder: export_snapshot(home, scope, folder, authors=authors))


@router.get("/exports/iiif", operation_id="export_iiif")
@needs(Permission.READ)
def get_iiif(home: Home, request: Request, scope: Scoped) -> JSONResponse:
    """Return the IIIF manifest of an edition, or a collection of editions."""
    if scope.edition is None:
        query = f"?{request.url.query}" if request.url.query else ""
        return _iiif(edition_collection(home, scope, ExportLinks(str(request.base_url), query)))
    if scope != EditionScope(edition=scope.edition):
        raise InvalidRequest("a manifest is of one edition: give edition alone")
    return _iiif(edition_manifest(home, scope.edition, _links(request)))


@router.get("/editions/{edition_id}/manifest.json", operation_id="get_manifest")
@needs(Permission.READ)
def get_manifest(home: Home, request: Request, edition_id: Id) -> JSONResponse:
    """Return the IIIF Presentation 3 manifest of an edition, with annotations."""
    return _iiif(edition_manifest(home, edition_id, _links(request)))


@router.get("/pages/{page_id}/annotations.json", operation_id="get_page_annotations")
@needs(Permission.READ)
def get_annotations(home: Home, request: Request, page_id: Id) -> JSONResponse:
    """Return the photos and figures on a page as W3C annotations."""
    return _iiif(page_annotations(home, page_id, _links(request)))


def _links(request: Request) -> ExportLinks:
    return ExportLinks(str(request.base_url))


def _iiif(document: dict[str, Any]) -> JSONResponse:
    return JSONResponse(document, media_type=IIIF_TYPE)


def _tables(
    home: Installation, scope: EditionScope, table_format: TableFormat, table: str | None
) -> StreamingResponse:
    return send_file(
        home, lambda folder: export_tables(home, scope, table_format, folder, table=table)
    )


def send_file(home: Installation, make: Callable[[Path], ExportedFile]) -> StreamingResponse:
    """Make a file, and send it from where it has no name any more, so that nothing stays."""
    with home.storage.scratch() as folder:
        made = make(folder)
        name, size = made.path.name, made.path.stat().st_size
        handle = made.path.open("rb")
    return StreamingResponse(
        _chunks(handle),
        media_type=MEDIA_TYPES[Path(name).suffix],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(size),
        },
    )


def _chunks(handle: IO[bytes]) -> Iterator[bytes]:
    with handle:
        while chunk := handle.read(CHUNK):
            yield chunk
