"""The web application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from app.api import editions, exports, figures, labels, pages, photos, ruler, system
from app.api.headers import SafeAnswers
from app.api.problem import RESPONSES, add_handlers
from app.installation import open_installation
from app.settings import Settings

PREFIX = "/api/v1"


class _Application(FastAPI):
    def build_middleware_stack(self) -> ASGIApp:
        # Outside of everything: the body limit and the last resort answer past other middleware.
        return SafeAnswers(super().build_middleware_stack())


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application; it opens its installation when it starts."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_installation(settings) as home:
            app.state.home = home
            yield

    app = _Application(
        title="Presslens",
        summary="Measures how a newspaper uses photographs.",
        version="1",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        max_body_size=settings.request_bytes,
        responses=RESPONSES,
    )
    add_handlers(app)
    for part in (editions, ruler, pages, photos, figures, labels, exports, system):
        app.include_router(part.router, prefix=PREFIX)
    app.include_router(system.router, include_in_schema=False)
    return app
