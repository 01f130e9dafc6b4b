"""Computes what readers of a large archive ask for first, before the server says it is ready.

The first answer of each kind takes seconds there: the pages are asked for as a reader would ask.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import quote

import httpx2
import structlog
from fastapi import FastAPI
from sqlalchemy import func, select
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from presslens.app.api.access import OWN_REQUEST
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform.memory import release_memory
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.catalogue.front_pages import front_pages
from presslens.app.services.figures.figures import list_figures

PAGES = (
    "/", "/gallery?part=filter", "/gallery", "/timeline", "/compare", "/review",
    "/review/new?measure=children", "/figures", "/claims", "/runs", "/api/v1/stats/composition",
    "/api/v1/stats?metric=photos&by=edition",
)  # fmt: skip
"""Pages and answers that are not of one newspaper or figure."""

log = structlog.get_logger()


@asynccontextmanager
async def first_answers(app: FastAPI) -> AsyncIterator[None]:
    """Compute the first answers of a large archive while the application serves others."""
    home: Installation = app.state.home
    if (revisions := home.database.views.revisions) is not None:
        revisions.has_readers = True
    home.database.view()
    app.state.is_starting = home.database.views.is_large
    computing = asyncio.create_task(_compute(app, home)) if app.state.is_starting else None
    yield
    if computing is not None:
        computing.cancel()
        with suppress(asyncio.CancelledError):
            await computing


async def _compute(app: FastAPI, home: Installation) -> None:
    """Ask the application for its first pages, one after the other."""

    async def own(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, OWN_REQUEST: SHELL}, receive, send)

    try:
        transport = httpx2.ASGITransport(own, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            for address in await run_in_threadpool(lambda: list(_addresses(home))):
                await client.get(address)
        await run_in_threadpool(_settle, home)
    except Exception as error:
        log.warning("first answers were not computed", error=repr(error))
    finally:
        app.state.is_starting = False


def _settle(home: Installation) -> None:
    """Keep of what computing has left behind no more than the results."""
    gc.collect()
    if (revisions := home.database.views.revisions) is not None:
        revisions.map_results()
    release_memory()


def _addresses(home: Installation) -> Iterator[str]:
    yield from PAGES
    latest = (
        select(PublicationRow.name, func.max(EditionRow.id))
        .join(EditionRow, EditionRow.publication_id == PublicationRow.id)
        .where(EditionRow.unpacked_at.is_not(None))
        .group_by(PublicationRow.name)
    )
    with home.database.read() as session:
        newspapers = session.execute(latest).all()
    fronts = front_pages(home, [edition for _, edition in newspapers])
    for name, edition in newspapers:
        yield f"/timeline?publication={quote(name)}"
        yield f"/editions/{edition}"
        if edition in fronts:
            yield f"/pages/{fronts[edition].id}"
    for figure in list_figures(home):
        yield f"/figures/{figure.id}"
