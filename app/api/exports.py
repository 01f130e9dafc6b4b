"""Exports: tables, COCO, IIIF and snapshots. Each file is made whole before any of it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse

from app.api.params import MOST, Day, Home, Id, Name
from app.errors import InvalidRequest
from app.installation import Installation
from app.services.exports.data_dictionary import dictionary_document
from app.services.exports.export import (
    Made,
    TableFormat,
    edition_collection,
    edition_manifest,
    export_coco,
    export_tables,
    page_annotations,
)
from app.services.exports.iiif import CONTEXT
from app.services.exports.schema import Scope
from app.services.exports.snapshot.write import export_snapshot

router = APIRouter(tags=["exports"])
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
    publication: Annotated[Name | None, Query()] = None,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
    edition: Annotated[int | None, Query(ge=1, le=MOST)] = None,
) -> Scope:
    return Scope(publication, first, last, edition)


Wanted = Annotated[Scope, Depends(_scope)]
TableName = Annotated[str | None, Query(max_length=64, description="one table alone")]


@router.get("/exports", operation_id="list_exports")
def get_exports(home: Home) -> dict[str, Any]:
    """Say what can be taken away: formats, filters, and what every column of every table means."""
    return {
        "recipe": home.recipe.id,
        "formats": {
            "csv": "all tables in a ZIP file, or one with ?table=",
            "json": "the same as JSON Lines",
            "parquet": "the same as Parquet",
            "coco": "photos, persons, things and enrolled figures as COCO JSON",
            "iiif": "IIIF Presentation 3: a manifest with ?edition=, or a collection",
            "snapshot": "a ZIP file to cite, which can be imported again",
        },
        "filters": ["publication", "from", "to", "edition"],
        **dictionary_document(),
    }


@router.get("/exports/csv", operation_id="export_csv", response_class=StreamingResponse)
def get_csv(home: Home, wanted: Wanted, table: TableName = None) -> StreamingResponse:
    """Return tables as CSV."""
    return _tables(home, wanted, TableFormat.CSV, table)


@router.get("/exports/json", operation_id="export_json", response_class=StreamingResponse)
def get_json(home: Home, wanted: Wanted, table: TableName = None) -> StreamingResponse:
    """Return tables as JSON Lines: one object a line."""
    return _tables(home, wanted, TableFormat.JSON, table)


@router.get("/exports/parquet", operation_id="export_parquet", response_class=StreamingResponse)
def get_parquet(home: Home, wanted: Wanted, table: TableName = None) -> StreamingResponse:
    """Return tables as Parquet."""
    return _tables(home, wanted, TableFormat.PARQUET, table)


@router.get("/exports/coco", operation_id="export_coco", response_class=StreamingResponse)
def get_coco(home: Home, wanted: Wanted) -> StreamingResponse:
    """Return photos, persons, things and enrolled figures as COCO JSON."""
    return _sent(home, lambda folder: export_coco(home, wanted, folder))


@router.get("/exports/snapshot", operation_id="export_snapshot", response_class=StreamingResponse)
def get_snapshot(
    home: Home,
    wanted: Wanted,
    author: Annotated[list[Name] | None, Query(max_length=50)] = None,
) -> StreamingResponse:
    """Return a ZIP file to cite, which can be imported again; of complete editions only."""
    authors = tuple(author or ())
    return _sent(home, lambda folder: export_snapshot(home, wanted, folder, authors=authors))


@router.get("/exports/iiif", operation_id="export_iiif")
def get_iiif(home: Home, request: Request, wanted: Wanted) -> JSONResponse:
    """Return the IIIF manifest of an edition, or a collection of editions."""
    base = _base(request)
    if wanted.edition is None:
        query = f"?{request.url.query}" if request.url.query else ""
        return _iiif(edition_collection(home, wanted, base, query))
    if wanted != Scope(edition=wanted.edition):
        raise InvalidRequest("a manifest is of one edition: give edition alone")
    return _iiif(edition_manifest(home, wanted.edition, base))


@router.get("/editions/{edition_id}/manifest.json", operation_id="get_manifest")
def get_manifest(home: Home, request: Request, edition_id: Id) -> JSONResponse:
    """Return the IIIF Presentation 3 manifest of an edition, with annotations."""
    return _iiif(edition_manifest(home, edition_id, _base(request)))


@router.get("/pages/{page_id}/annotations.json", operation_id="get_page_annotations")
def get_annotations(home: Home, request: Request, page_id: Id) -> JSONResponse:
    """Return what was seen on a page as W3C annotations."""
    return _iiif(page_annotations(home, page_id, _base(request)))


def _base(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/api/v1"


def _iiif(document: dict[str, Any]) -> JSONResponse:
    return JSONResponse(document, media_type=IIIF_TYPE)


def _tables(
    home: Installation, wanted: Scope, kind: TableFormat, table: str | None
) -> StreamingResponse:
    return _sent(home, lambda folder: export_tables(home, wanted, kind, folder, table=table))


def _sent(home: Installation, make: Callable[[Path], Made]) -> StreamingResponse:
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
