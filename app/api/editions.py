"""Editions: upload, list, progress and composition."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from app import clock
from app.api.csv_response import csv_response, wants_csv
from app.api.params import Cursor, Day, Home, Id, Limit, Name
from app.db.queries import EditionScope
from app.errors import LimitExceeded
from app.installation import Installation
from app.services.catalogue.composition import edition_composition
from app.services.catalogue.editions import (
    EditionState,
    find_edition,
    iterate_editions,
    list_editions,
)
from app.services.catalogue.pages import page_ids
from app.services.catalogue.progress import EditionStatus
from app.services.ingest.upload import Incoming, ingest
from pipelines.document import SCHEMA

router = APIRouter(prefix="/editions", tags=["editions"])
PREFIX = "/api/v1"
EVENT_SECONDS = 1.0
COLUMNS = (
    "id", "publication", "date", "status", "pages", "pages_finished", "photos",
    "done", "empty", "rejected", "failed", "queued",
)  # fmt: skip


@router.post("", status_code=202, operation_id="upload_edition")
def upload_edition(
    home: Home,
    response: Response,
    publication: Annotated[Name, Form()],
    date: Annotated[Day, Form()],
    files: Annotated[list[UploadFile], File()],
) -> dict[str, Any]:
    """Take in the scans of an edition: files in page order, or one PDF, TIFF or ZIP."""
    if len(files) > home.settings.request_files:
        raise LimitExceeded(f"an edition may have {home.settings.request_files} files")
    ingested = ingest(
        home,
        [Incoming(file.filename or "", file.file) for file in files],
        publication=publication,
        edition_date=date,
        now=clock.now(),
    )
    address = f"{PREFIX}/editions/{ingested.edition_id}"
    response.headers["Location"] = address
    state = find_edition(home, ingested.edition_id)
    return {**_document(state), "created": ingested.created, "address": address}


@router.get("", operation_id="list_editions")
@router.get(".csv", operation_id="list_editions_csv")
def get_editions(
    home: Home,
    request: Request,
    publication: Annotated[Name | None, Query()] = None,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
    limit: Limit = 50,
    cursor: Cursor | None = None,
) -> Any:
    """List editions, the latest date first. CSV holds all of them."""
    wanted = EditionScope(publication, first, last)
    if wants_csv(request):
        rows = (_row(state) for state in iterate_editions(home, wanted))
        return csv_response(COLUMNS, rows, name="editions")
    found = list_editions(home, wanted, limit=limit, start=cursor)
    return {
        "recipe": home.recipe.id,
        "editions": [_document(state) for state in found.items],
        "next": found.next_cursor,
    }


@router.get("/{edition_id}", operation_id="get_edition")
def get_edition(home: Home, edition_id: Id) -> dict[str, Any]:
    """Return an edition, how far it is, and the addresses of its pages."""
    state = find_edition(home, edition_id)
    pages = [
        {"id": page_id, "number": number, "address": f"{PREFIX}/pages/{page_id}"}
        for number, page_id in page_ids(home, edition_id)
    ]
    return {"recipe": home.recipe.id, **_document(state), "page_list": pages}


@router.get(
    "/{edition_id}/events",
    operation_id="watch_edition",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def watch_edition(home: Home, edition_id: Id) -> StreamingResponse:
    """Send the progress of an edition as server-sent events, until it is done or failed."""
    state = await run_in_threadpool(find_edition, home, edition_id)
    return StreamingResponse(
        _events(home, state), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def _events(home: Installation, state: EditionState) -> AsyncIterator[str]:
    last = ""
    while True:
        data = json.dumps(_document(state))
        yield f"event: progress\ndata: {data}\n\n" if data != last else ": still there\n\n"
        last = data
        if state.progress.status in (EditionStatus.DONE, EditionStatus.FAILED):
            return
        await asyncio.sleep(EVENT_SECONDS)
        state = await run_in_threadpool(find_edition, home, state.id)


@router.get("/{edition_id}/composition", operation_id="get_composition")
def get_composition(home: Home, edition_id: Id) -> dict[str, Any]:
    """Return an edition's statistics over the pages that are analysed so far.

    Its `figures` count the photos of each enrolled figure.
    """
    edition, found = edition_composition(home, edition_id)
    return {
        "schema": SCHEMA,
        "recipe": home.recipe.id,
        "edition": _document(edition),
        **found.to_json(),
    }


def _document(state: EditionState) -> dict[str, Any]:
    progress = state.progress
    return {
        "id": state.id,
        "publication": state.publication,
        "date": state.edition_date.isoformat(),
        "status": progress.status.value,
        "pages": progress.pages,
        "pages_finished": progress.pages_finished,
        "outcomes": dict(progress.outcomes),
        "photos": progress.photos,
        "photos_interpreted": progress.interpreted,
        "created_at": state.created_at.isoformat(),
    }


def _row(state: EditionState) -> dict[str, Any]:
    outcomes = {name: state.progress.outcomes.get(name, 0) for name in COLUMNS[-5:]}
    return {**_document(state), **outcomes}
