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
from app.api import links
from app.api.csv_response import csv_response, wants_csv
from app.api.params import Cursor, Day, Home, Id, Limit, Name
from app.db.queries import EditionScope
from app.errors import LimitExceeded
from app.installation import Installation
from app.services.catalogue.editions import (
    COLUMNS,
    EditionState,
    find_edition,
    iterate_editions,
    list_editions,
)
from app.services.catalogue.pages import page_ids
from app.services.catalogue.progress import EditionStatus
from app.services.ingest.upload import Incoming, ingest, read_page_numbers
from app.services.statistics.edition_composition import edition_composition
from pipelines.scans.page_numbers import MOST_PAGES

router = APIRouter(prefix="/editions", tags=["editions"])
EVENT_SECONDS = 1.0
"""Seconds between two queries of the progress of a watched edition."""


@router.post("", status_code=202, operation_id="upload_edition")
def upload_edition(
    home: Home,
    response: Response,
    publication: Annotated[Name, Form()],
    date: Annotated[Day, Form()],
    files: Annotated[list[UploadFile], File()],
    pages_expected: Annotated[int | None, Form(ge=1, le=MOST_PAGES)] = None,
    page_numbers: Annotated[str | None, Form(max_length=4000)] = None,
) -> dict[str, Any]:
    """Upload the scans of an edition: files in page order, or one PDF, TIFF or ZIP.

    `pages_expected` is the number of pages that the edition had, if some are missing;
    `page_numbers` numbers those that are there, `1,3,5-8` for instance. Without it the names of
    the files tell their numbers, `page_03.jpg` for instance, or else their order.
    """
    if len(files) > home.settings.request_files:
        raise LimitExceeded(f"an edition may have {home.settings.request_files} files")
    ingested = ingest(
        home,
        [Incoming(file.filename or "", file.file) for file in files],
        publication=publication,
        edition_date=date,
        now=clock.now(),
        pages_expected=pages_expected,
        page_numbers=None if page_numbers is None else read_page_numbers(page_numbers),
    )
    address = links.edition(ingested.edition_id)
    response.headers["Location"] = address
    state = find_edition(home, ingested.edition_id)
    return {**state.to_json(), "created": ingested.created, "address": address}


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
    scope = EditionScope(publication, first, last)
    if wants_csv(request):
        rows = (state.row() for state in iterate_editions(home, scope))
        return csv_response(COLUMNS, rows, name="editions")
    return list_editions(home, scope, limit=limit, start=cursor).to_json()


@router.get("/{edition_id}", operation_id="get_edition")
def get_edition(home: Home, edition_id: Id) -> dict[str, Any]:
    """Return an edition, its progress, and the addresses of its pages."""
    state = find_edition(home, edition_id)
    pages = [
        {"id": page_id, "number": number, "address": links.page(page_id)}
        for number, page_id in page_ids(home, edition_id)
    ]
    return {"recipe": home.recipe.id, **state.to_json(), "page_list": pages}


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
        data = json.dumps(state.to_json())
        yield f"event: progress\ndata: {data}\n\n" if data != last else ": still there\n\n"
        last = data
        if state.progress.status in (EditionStatus.DONE, EditionStatus.FAILED):
            return
        await asyncio.sleep(EVENT_SECONDS)
        state = await run_in_threadpool(find_edition, home, state.id)


@router.get("/{edition_id}/composition", operation_id="get_composition")
def get_composition(home: Home, edition_id: Id) -> dict[str, Any]:
    """Return an edition's composition over the pages that are analysed so far.

    Its `figures` count the photos of each enrolled figure.
    """
    return edition_composition(home, edition_id).to_json()
