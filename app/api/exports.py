"""Exports: tables, COCO, pages, snapshots. A file is complete before its first byte is sent.

It is of one revision of the archive, and its making ends when the client leaves.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.export_links import ExportLinks, page_image_path
from presslens.app.api.params import Home, read_query
from presslens.app.citations.citation import CitedAuthor
from presslens.app.db.exported import TableShape
from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation, frozen
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Name
from presslens.app.services.catalogue.edition_query import ExportQuery
from presslens.app.services.exports.batches import ReportProgress
from presslens.app.services.exports.edition_pdf import export_pdf
from presslens.app.services.exports.export import (
    PAGE_FORMATS,
    ExportedFile,
    PageFormat,
    export_coco,
    export_pages,
    export_tables,
)
from presslens.app.services.exports.iiif import CanvasOf
from presslens.app.services.exports.iiif_annotations import export_annotations
from presslens.app.services.exports.label_studio import export_label_studio
from presslens.app.services.exports.mets_package import export_mets
from presslens.app.services.exports.snapshot.manifest import Published
from presslens.app.services.exports.snapshot.write import export_snapshot
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.exports.tables.registry import TABLES
from presslens.app.services.statistics.wide_photos import export_photo_table
from presslens.pipelines.result import Keys, Served

router = APIRouter(tags=["exports"], route_class=PermittedRoute)
CHUNK = 2**18
CLIENT_LEFT = 499
"""The status in the log of an export whose client has left; nobody gets it (as of nginx)."""

Make = Callable[[Installation, Path, ReportProgress], ExportedFile]
"""Writes a file of an installation into a folder, and calls the last argument after each batch."""


class ClientLeft(Exception):
    """Nobody waits for an export any more."""


MEDIA_TYPES = {
    ".zip": "application/zip",
    ".csv": "text/csv; charset=utf-8",
    ".ndjson": "application/x-ndjson",
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
    ".pdf": "application/pdf",
}


def export_scope(
    home: Home, query: Annotated[ExportQuery, read_query(ExportQuery)]
) -> EditionScope:
    """Return the editions that are asked for."""
    return query.resolved(home).scope


Scoped = Annotated[EditionScope, Depends(export_scope)]
TableName = Annotated[str | None, Query(max_length=64, description="one table alone")]


@dataclass(frozen=True, slots=True)
class Exports(Served):
    """The formats and filters of exports, and every column of every table."""

    recipe: str
    formats: dict[str, str]  # what each holds, by name
    filters: list[str]
    tables: Sequence[Annotated[TableShape, Keys("name meaning=description key columns")]]


@router.get("/exports", operation_id="list_exports")
@needs(Permission.EXPORT, logged=False)
def get_exports(home: Home) -> Exports:
    """Return the formats and filters of exports, and every column of every table."""
    return Exports(
        home.recipe.id,
        {
            "photos": "one wide table, a row a photo: CSV, or ?format=parquet, ?format=json",
            "csv": "all tables in a ZIP file, or one with ?table=",
            "json": "the same as JSON Lines",
            "parquet": "the same as Parquet",
            "coco": "photos, persons, things and enrolled figures as COCO JSON",
            "label-studio": "pages as tasks for Label Studio in a ZIP file",
            **{name: one.contents for name, one in PAGE_FORMATS.items()},
            "annotations": "W3C annotations in a ZIP file, on the canvases of the library",
            "mets": "editions as METS with MODS, PREMIS and ALTO in a ZIP file",
            "pdf": "the pages of an edition as a PDF: ?edition= is needed",
            "iiif": "IIIF Presentation 3: a manifest with ?edition=, or a collection",
            "snapshot": "a ZIP file to cite, which can be imported again",
        },
        ["publication", "from", "to", "edition"],
        TABLES,
    )


@router.get("/exports/photos", operation_id="export_photos", response_class=StreamingResponse)
@needs(Permission.EXPORT)
async def get_photos_table(
    home: Home,
    request: Request,
    scope: Scoped,
    kind: Annotated[TableFormat, Query(alias="format")] = TableFormat.CSV,
    every: Annotated[
        bool, Query(alias="all", description="superseded and incomplete editions too")
    ] = False,
) -> Response:
    """Return one wide table for R and pandas: a row a photo, all measures, answers and weights."""
    return await _send(home, request, scope, export_photo_table, kind, every=every)


def _add_tables(table_format: TableFormat, words: str) -> None:
    """Add the address of the tables in a format."""

    @router.get(
        f"/exports/{table_format.value}",
        operation_id=f"export_{table_format.value}",
        name=f"get_{table_format.value}",
        response_class=StreamingResponse,
        description=f"Return tables as {words}.",
    )
    @needs(Permission.EXPORT)
    async def get_tables(
        home: Home, request: Request, scope: Scoped, table: TableName = None
    ) -> Response:
        return await _send(home, request, scope, export_tables, table_format, table=table)


_add_tables(TableFormat.CSV, "CSV")
_add_tables(TableFormat.JSON, "JSON Lines: one object a line")
_add_tables(TableFormat.PARQUET, "Parquet")


@router.get("/exports/coco", operation_id="export_coco", response_class=StreamingResponse)
@needs(Permission.EXPORT)
async def get_coco(
    home: Home,
    request: Request,
    scope: Scoped,
    photos_only: Annotated[
        bool, Query(description="neither persons and things nor figures")
    ] = False,
    boxes_only: Annotated[
        bool, Query(description="boxes without polygons, as CVAT takes them")
    ] = False,
    images: Annotated[
        bool, Query(description="a ZIP file with the pictures of the pages too")
    ] = False,
) -> Response:
    """Return photos, persons, things and enrolled figures as COCO JSON."""
    parts = {"photos_only": photos_only, "boxes_only": boxes_only, "images": images}
    how = {"image_path": page_image_path, **parts}
    return await _send(home, request, scope, export_coco, **how)


@router.get(
    "/exports/label-studio",
    operation_id="export_label_studio",
    response_class=StreamingResponse,
)
@needs(Permission.EXPORT)
async def get_label_studio(
    home: Home,
    request: Request,
    scope: Scoped,
    images: Annotated[bool, Query(description="the pictures of the pages too")] = False,
) -> Response:
    """Return pages as tasks for Label Studio in a ZIP file, with what is known as predictions."""
    address = ExportLinks(str(request.base_url)).page_image
    how = {"picture_address": address, "images": images}
    return await _send(home, request, scope, export_label_studio, **how)


def _add_page_format(page_format: PageFormat) -> None:
    """Add the address of a format of documents of pages."""

    @router.get(
        f"/exports/{page_format.name}",
        operation_id=f"export_{page_format.name}",
        response_class=StreamingResponse,
        description=f"Return photos, captions and headlines as {page_format.title} in a ZIP file, "
        "a document a page.",
    )
    @needs(Permission.EXPORT)
    async def get_pages(home: Home, request: Request, scope: Scoped) -> Response:
        return await _send(home, request, scope, export_pages, page_format)


for one in PAGE_FORMATS.values():
    _add_page_format(one)


@router.get(
    "/exports/annotations",
    operation_id="export_annotations",
    response_class=StreamingResponse,
)
@needs(Permission.EXPORT)
async def get_annotation_files(
    home: Home, request: Request, scope: Scoped, on: CanvasOf = CanvasOf.LIBRARY
) -> Response:
    """Return W3C annotations in a ZIP file, a document a page, on the library's own canvases."""
    how = {"links": ExportLinks(str(request.base_url)), "on": on}
    return await _send(home, request, scope, export_annotations, **how)


@router.get("/exports/mets", operation_id="export_mets", response_class=StreamingResponse)
@needs(Permission.EXPORT)
async def get_mets(
    home: Home,
    request: Request,
    scope: Scoped,
    images: Annotated[bool, Query(description="the pictures of the pages too")] = False,
) -> Response:
    """Return editions as METS with MODS, PREMIS and ALTO in a ZIP file, a folder an edition."""
    address = ExportLinks(str(request.base_url)).page_image
    how = {"picture_address": address, "images": images}
    return await _send(home, request, scope, export_mets, **how)


@router.get("/exports/pdf", operation_id="export_pdf", response_class=StreamingResponse)
@needs(Permission.EXPORT)
async def get_pdf(home: Home, request: Request, scope: Scoped) -> Response:
    """Return the pages of an edition as a PDF, for reading and printing; give edition alone."""
    return await _send(home, request, scope, export_pdf)


@router.get("/exports/snapshot", operation_id="export_snapshot", response_class=StreamingResponse)
@needs(Permission.EXPORT)
async def get_snapshot(
    home: Home,
    request: Request,
    scope: Scoped,
    author: Annotated[list[Name] | None, Query(max_length=50)] = None,
) -> Response:
    """Return a ZIP file to cite, which can be imported again; of complete editions only."""
    published = Published(authors=tuple(CitedAuthor.parse(one) for one in author or ()))
    return await _send(home, request, scope, export_snapshot, published=published)


async def _send(
    home: Installation,
    request: Request,
    scope: EditionScope,
    make: Callable[..., ExportedFile],
    *kind: object,
    **how: Any,
) -> Response:
    """Send what is exported of some editions, in a format, with its options."""
    return await send_file(
        home,
        request,
        lambda then, folder, report: make(then, scope, *kind, folder, progress=report, **how),
        copied=how.get("images", False) or scope.edition is None,
    )


async def send_file(
    home: Installation, request: Request, make: Make, *, copied: bool = True
) -> Response:
    """Make a file of the archive as it is now, and send it; stop when the client leaves.

    Args:
        request: The request, which says that the client has left.
        make: Writes the file.
        copied: What is read takes long (see ``Database.frozen``), as pictures do.
    """
    left = threading.Event()

    def heed(_table: str = "", _rows: int = 0) -> None:
        if left.is_set():
            raise ClientLeft

    watching = asyncio.create_task(_note_leaving(request, left))
    try:
        name, handle = await run_in_threadpool(_made, home, make, heed, copied=copied)
    except ClientLeft:
        return Response(status_code=CLIENT_LEFT)
    finally:
        watching.cancel()
    return UnnamedFile(name, handle)


async def _note_leaving(request: Request, left: threading.Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    left.set()


def _made(
    home: Installation, make: Make, heed: Callable[..., None], *, copied: bool
) -> tuple[str, IO[bytes]]:
    """Make a file, and return its name, and the file, which has no name any more: none stays."""
    with home.storage.scratch() as folder, frozen(home, folder, copied=copied, heed=heed) as then:
        made = make(then, folder, heed)
        return made.path.name, made.path.open("rb")


class UnnamedFile(StreamingResponse):
    """A file that has no name any more, and that is gone once it is sent or its client has left."""

    def __init__(self, name: str, handle: IO[bytes]) -> None:
        self._handle = handle
        super().__init__(
            self._chunks(),
            media_type=MEDIA_TYPES[Path(name).suffix],
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Content-Length": str(handle.seek(0, os.SEEK_END)),
            },
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, and close it."""
        with self._handle:
            await super().__call__(scope, receive, send)

    def _chunks(self) -> Iterator[bytes]:
        self._handle.seek(0)
        while chunk := self._handle.read(CHUNK):
            yield chunk
