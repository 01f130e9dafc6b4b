"""Answers of statistics that are kept for as long as they are true.

Each is kept with the database's revision from before it was made. While that is the same, asking
again costs one small query; clients that send the ``ETag`` back get 304 and no body.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from app.installation import Installation

MOST_BYTES = 32 * 1024**2
"""So much is kept; what was not asked for longest goes first."""

LARGEST = 4 * 1024**2
"""Longer answers are not kept."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class _Kept:
    revision: int
    body: bytes
    media_type: str | None
    tag: str


@dataclass(slots=True)
class KeptAnswers:
    """Answers by what was asked for."""

    answers: OrderedDict[str, _Kept] = field(default_factory=OrderedDict)
    size: int = 0
    lock: Lock = field(default_factory=Lock)

    def find(self, key: str, revision: int) -> _Kept | None:
        """Return an answer that is still true."""
        with self.lock:
            kept = self.answers.get(key)
            if kept is None or kept.revision != revision:
                return None
            self.answers.move_to_end(key)
            return kept

    def keep(self, key: str, kept: _Kept) -> None:
        """Keep an answer, and let go of others if there are too many."""
        with self.lock:
            old = self.answers.pop(key, None)
            self.size += len(kept.body) - (len(old.body) if old else 0)
            self.answers[key] = kept
            while self.size > MOST_BYTES:
                _, gone = self.answers.popitem(last=False)
                self.size -= len(gone.body)


class KeptRoute(APIRoute):
    """A route whose answers depend on nothing but the request and the database's revision."""

    def get_route_handler(self) -> Handler:
        """Return a handler that looks among the kept answers first."""
        make = super().get_route_handler()

        async def handle(request: Request) -> Response:
            home: Installation = request.app.state.home
            answers: KeptAnswers = request.app.state.kept
            key = "\n".join([str(request.url), request.headers.get("accept", "")])
            revision = await run_in_threadpool(home.database.revision)
            kept = answers.find(key, revision)
            if kept is None:
                response = await make(request)
                if not _can_be_kept(response):
                    return response
                body = bytes(response.body)
                tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
                kept = _Kept(revision, body, response.media_type, tag)
                answers.keep(key, kept)
            headers = {"ETag": kept.tag, "Cache-Control": "no-cache"}
            if request.headers.get("if-none-match") == kept.tag:
                return Response(status_code=304, headers=headers)
            return Response(kept.body, media_type=kept.media_type, headers=headers)

        return handle


def _can_be_kept(response: Response) -> bool:
    return (
        response.status_code == 200
        and not isinstance(response, StreamingResponse)
        and len(response.body) <= LARGEST
    )
