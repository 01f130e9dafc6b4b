"""Caches the responses of statistics for as long as the database does not change.

Each is stored under the revision that counted before it was computed. While that is the same,
asking again costs one small query; clients that send the ``ETag`` back get 304 and no body. What
many ask for at once is computed once.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from presslens.app.api.access import Handler, PermittedRoute
from presslens.app.installation import Installation
from presslens.pipelines.cache import Cache

MAX_BYTES = 32 * 1024**2
"""Size of all cached responses together, with their keys; the least recently used go first."""

ENTRY_BYTES = 1024
"""What a cached response takes beside its body: its digest, tag and places in the cache."""

MAX_BODY_BYTES = 4 * 1024**2
"""Longer responses are not cached."""


@dataclass(frozen=True, slots=True)
class CacheKey:
    """All that a cached response depends on, and so all who may be answered with it.

    Responses differ by nothing else: who may ask is checked before, and all of them see the same.
    What a response depends on besides must become a field here first.
    """

    host: str  # the Host header, which the response may name
    path: str  # the path of the request, with the suffix that chooses a format
    query: str  # the query as it was sent
    accept: str  # the Accept header, which chooses a format too
    revision: int  # the revision that counts; it moves with each change
    recipe_id: str  # the recipe that the server works under

    @classmethod
    def of(cls, request: Request, *, revision: int, recipe_id: str) -> CacheKey:
        """Return the key of a request's response."""
        headers, url = request.headers, request.url
        host, accept = headers.get("host", ""), headers.get("accept", "")
        return cls(host, url.path, url.query, accept, revision, recipe_id)

    def digest(self) -> bytes:
        """Return the question of the response: 32 bytes, however long the query is."""
        question = self.host, self.path, self.query, self.accept, self.recipe_id
        return hashlib.sha256(repr(question).encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """The body of a response, its media type and its ``ETag``."""

    body: bytes
    media_type: str | None
    tag: str


class ResponseCache:
    """Responses by their keys; safe for threads."""

    def __init__(self) -> None:
        self._responses = Cache(MAX_BYTES)
        self._turns: dict[CacheKey, asyncio.Lock] = {}

    def __len__(self) -> int:
        """Return the number of cached responses."""
        return len(self._responses)

    def find(self, key: CacheKey) -> CachedResponse | None:
        """Return the response that is cached under a key; None if there is none."""
        response: CachedResponse | None = self._responses.get(key.digest(), key.revision)
        return response

    def store(self, key: CacheKey, response: CachedResponse) -> None:
        """Store a response; the least recently used ones make room."""
        size = len(response.body) + ENTRY_BYTES
        self._responses.put(key.digest(), key.revision, response, size)

    @asynccontextmanager
    async def turn(self, key: CacheKey) -> AsyncIterator[None]:
        """Wait until nobody else computes the response of a key; of the server's one loop alone."""
        lock = self._turns.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                yield
        finally:
            if not lock.locked():
                self._turns.pop(key, None)


class CachedRoute(PermittedRoute):
    """A route whose responses depend on nothing but what ``CacheKey`` holds."""

    def inner_handler(self) -> Handler:
        """Return a handler that answers from the cache where it can."""
        compute = super().inner_handler()

        async def handle(request: Request) -> Response:
            home: Installation = request.app.state.home
            cache: ResponseCache = request.app.state.response_cache
            view = await run_in_threadpool(home.database.view)
            key = CacheKey.of(request, revision=view.number, recipe_id=home.recipe.id)
            cached = cache.find(key)
            if cached is None:
                async with cache.turn(key):
                    cached = cache.find(key)
                    if cached is None:
                        response = await compute(request)
                        if not _is_cacheable(response):
                            return response
                        cached = _cached(response)
                        cache.store(key, cached)
            headers = {"ETag": cached.tag}
            if request.headers.get("if-none-match") == cached.tag:
                return Response(status_code=304, headers=headers)
            return Response(cached.body, media_type=cached.media_type, headers=headers)

        return handle


def _cached(response: Response) -> CachedResponse:
    body = bytes(response.body)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return CachedResponse(body, response.media_type, tag)


def _is_cacheable(response: Response) -> bool:
    return (
        response.status_code == 200
        and not isinstance(response, StreamingResponse)
        and len(response.body) <= MAX_BODY_BYTES
    )
