"""The web application."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from presslens.app.api import (
    accounts,
    baseline,
    claims,
    editions,
    edits,
    events,
    exports,
    figures,
    flags,
    iiif,
    iiif_image,
    labels,
    links,
    page_photos,
    page_reviews,
    pages,
    photo_rows,
    photos,
    publications,
    recipes,
    reviews,
    samples,
    share_links,
    stats,
    system,
    trainings,
)
from presslens.app.api.access import PermittedRoute
from presslens.app.api.descriptions import (
    NOUNS,
    OVERVIEW,
    describe,
    describe_access,
    describe_answers,
    describe_forms,
)
from presslens.app.api.link_reach import check_link
from presslens.app.api.middleware import SafeResponses
from presslens.app.api.params import check_field_names
from presslens.app.api.problem import RESPONSES, add_handlers
from presslens.app.api.rate_limits import RateLimits
from presslens.app.api.request_body import PacedBodies
from presslens.app.api.request_guard import RequestGuard
from presslens.app.api.request_log import RequestLog, RequestMetrics
from presslens.app.api.response_cache import ResponseCache
from presslens.app.first_answers import first_answers
from presslens.app.installation import Installation, open_installation, tidying
from presslens.app.platform.settings import Settings
from presslens.app.platform.traces import NoTraces, open_traces
from presslens.app.services.accounts.accounts import check_doors
from presslens.app.web.done_forms import DoneForms
from presslens.app.web.problems import problem_page
from presslens.app.web.site import PAGES
from presslens.app.web.static_files import mount_static

PARTS = (
    editions, publications, edits, pages, page_photos, photos, reviews, page_reviews, flags,
    samples, trainings, figures, labels, stats, photo_rows, baseline, claims, events, recipes,
    exports, iiif, iiif_image, accounts, share_links, system,
)  # fmt: skip
"""The routers, in the order in which the documentation shows them."""

ANSWER_SECONDS = 5.0
"""How long a request waits for a database that is locked."""

SLOW_MODULES = ("scipy.fft", "scipy.sparse.csgraph")
"""What statistics import when they first need it: no request waits for that, nor does a writer for
its transaction."""


FIELD_BYTES = 2**16
"""Size of the largest field of a form that is no file."""

MOST_FIELDS = 100
"""Fields of a form that are no files."""


class _Application(FastAPI):
    def build_middleware_stack(self) -> ASGIApp:
        # Outside of everything: the body limit and the last resort answer past other middleware.
        safe = SafeResponses(super().build_middleware_stack())
        return RequestLog(safe, self.state)

    def openapi(self) -> dict[str, Any]:
        """Return the description of the API, in which each parameter is described."""
        if self.openapi_schema is None:
            schema = super().openapi()
            describe(schema)
            describe_forms(schema)
            describe_answers(schema)
            describe_access(schema, permitted_routes())
        return super().openapi()


def create_app(settings: Settings | None = None, *, own_worker: bool = False) -> FastAPI:
    """Return the application; it opens its installation when it starts.

    Args:
        settings: The settings; None: those of the environment.
        own_worker: A worker runs beside it, without which it isn't ready.
    """
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with (
            open_installation(settings, patience=ANSWER_SECONDS) as home,
            open_traces(settings, "presslens-server") as app.state.traces,
            tidying(home),
        ):
            check_doors(home)
            attach(app, home)
            for module in SLOW_MODULES:
                import_module(module)
            # Modules stay loaded: without this, collections of garbage take 0.2 s.
            gc.freeze()
            async with first_answers(app):
                yield

    app = _Application(
        title="Presslens",
        summary="Measures how a newspaper uses photographs.",
        description=OVERVIEW,
        contact={"name": "Presslens"},
        servers=[{"url": settings.public_url or "/"}],
        openapi_tags=[{"name": name, "description": text} for name, text in NOUNS.items()],
        version="1",
        license_info={"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        openapi_url="/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere; app.web.api_docs is ours
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        max_body_size=settings.request_bytes,
        form_limits={"max_fields": MOST_FIELDS, "max_part_size": FIELD_BYTES},
    )
    app.state.operations = {route.operation: route.permission for _, route in permitted_routes()}
    app.state.request_metrics = RequestMetrics()
    app.state.traces = NoTraces()
    app.state.own_worker = own_worker
    app.add_middleware(PacedBodies)
    app.add_middleware(RequestGuard, settings=settings)
    add_handlers(app, as_page=problem_page)
    # First, as routes are tried in turn: a page loads some twenty of these files.
    mount_static(app, settings)
    app.router.routes.extend(_routes(settings.request_bytes))
    app.add_route(f"{links.ROOT}/openapi.json", _openapi, include_in_schema=False)
    return app


def attach(app: FastAPI, home: Installation) -> None:
    """Let an application answer with an installation that is open."""
    app.state.home = home
    app.state.check_link = check_link
    app.state.rate_limits = RateLimits(home.settings.requests_per_minute)
    app.state.done_forms = DoneForms()
    app.state.stopping = False
    app.state.response_cache = ResponseCache()


@cache
def _routes(max_body_size: int) -> tuple[BaseRoute, ...]:
    """Return the routes of the API and the pages, the same for every application.

    FastAPI takes their functions apart at the first request, which takes 0.3 s.
    """
    everything = APIRouter(responses=RESPONSES, max_body_size=max_body_size)
    checks = [Depends(check_field_names)]
    for part in PARTS:
        everything.include_router(part.router, prefix=links.ROOT, dependencies=checks)
    everything.include_router(system.router, include_in_schema=False, dependencies=checks)
    for page in PAGES:
        everything.include_router(page.router, dependencies=checks)
    return tuple(everything.routes)


def permitted_routes() -> Iterator[tuple[str, PermittedRoute]]:
    """Yield the address of each route of the API and the pages, and the route."""
    included = [(links.ROOT, part) for part in PARTS] + [("", part) for part in (system, *PAGES)]
    for prefix, part in included:
        for route in part.router.routes:
            if isinstance(route, PermittedRoute):
                yield f"{prefix}{route.path}", route


def _openapi(request: Request) -> JSONResponse:
    """Answer the description of the API at its own root too."""
    app: FastAPI = request.app
    return JSONResponse(app.openapi())
