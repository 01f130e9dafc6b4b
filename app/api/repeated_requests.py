"""Requests with an ``Idempotency-Key``: sent again, they have no second effect.

The answer to a request that has succeeded is kept for a day, and given again to the same request
with the same key. The same key with another request is refused (422), and while the first is worked
on, so is the second (409). What fails is not kept: sent again, it is tried again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Protocol

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message as Event
from starlette.types import Receive, Scope

from presslens.app.api.problem import RETRY_SECONDS, problem_response
from presslens.app.db.repeated_requests import FirstAnswer, RepeatedRequest
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest, MalformedRequest
from presslens.models.message import Message

KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")
"""What a key may be: up to 255 printable letters of ASCII."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

NO_KEY = Message("An Idempotency-Key is 1 to 255 printable letters of ASCII.")
OTHER_REQUEST = Message("This Idempotency-Key was used for another request; take a new one.")
UNANSWERED = Message("The first request with this Idempotency-Key is still worked on.")


async def answer_once(request: Request, person: str, handle: Handler) -> Response:
    """Answer a request, or as it was answered before if its key was used then.

    Args:
        request: The request, of which nothing is read yet.
        person: Who makes it: keys of different people are different keys.
        handle: Answers it.
    """
    key = request.headers.get("idempotency-key")
    if key is None or request.method not in {"POST", "PATCH"}:
        return await handle(request)
    if not KEY.fullmatch(key):
        raise MalformedRequest(NO_KEY)
    body = _HashedBody(request.scope, request.receive)
    repeated = RepeatedRequest(request.app.state.home.database, person, key)
    begun = await run_in_threadpool(repeated.begin, clock.now())
    if begun is True:
        return await _answer_first(repeated, Request(request.scope, body.receive), body, handle)
    if begun is False:
        wait = {"Retry-After": str(RETRY_SECONDS)}
        return problem_response(HTTPStatus.CONFLICT, UNANSWERED, headers=wait)
    if await body.digest_all() != begun.digest:
        raise InvalidRequest(OTHER_REQUEST)
    return Response(begun.body, begun.status, {**begun.headers, "Idempotency-Replayed": "true"})


async def _answer_first(
    repeated: RepeatedRequest, request: Request, body: _HashedBody, handle: Handler
) -> Response:
    """Answer a request for the first time, and keep the answer before anybody has it."""
    answer = None
    try:
        answer = await handle(request)
    finally:
        content = getattr(answer, "body", None)
        if answer is None or answer.status_code >= HTTPStatus.MULTIPLE_CHOICES or content is None:
            await run_in_threadpool(repeated.forget)
    if answer.status_code < HTTPStatus.MULTIPLE_CHOICES and content is not None:
        headers = {k: v for k, v in answer.headers.items() if k != "content-length"}
        first = FirstAnswer(body.digest, answer.status_code, headers, bytes(content))
        await run_in_threadpool(repeated.keep, first)
    return answer


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class _HashedBody:
    """The body of a request, hashed while it is read; the boundaries of forms don't count."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._hash: _Digest = hashlib.sha256()
        self._complete = False
        headers = Headers(scope=scope)
        for part in (scope["method"], scope["path"], scope["query_string"].decode("latin-1")):
            self._hash.update(part.encode() + b"\0")
        kind, options = parse_options_header(headers.get("content-type", ""))
        boundary = options.get(b"boundary")
        form = kind == b"multipart/form-data" and boundary
        self._write = _form_hasher(boundary, self._hash) if form and boundary else self._hash.update

    @property
    def digest(self) -> str:
        """The sha256 of what was read so far, with the method and the address."""
        return self._hash.hexdigest()

    async def receive(self) -> Event:
        """Return the next message of the request."""
        message = await self._receive()
        if message["type"] == "http.request":
            with suppress(FormParserError):  # which the form's own parser tells the client
                self._write(message.get("body", b""))
            self._complete = not message.get("more_body", False)
        return message

    async def digest_all(self) -> str:
        """Read the body to its end, and return its hash."""
        while not self._complete and (await self.receive())["type"] == "http.request":
            pass
        return self.digest


def _form_hasher(boundary: bytes, digest: _Digest) -> Callable[[bytes], Any]:
    """Return what takes the bytes of a form, and adds its parts to a hash."""

    def add(data: bytes, start: int, end: int) -> None:
        digest.update(data[start:end])

    parser = MultipartParser(
        boundary,
        {
            "on_header_field": add,
            "on_header_value": add,
            "on_part_data": add,
            "on_header_end": lambda: digest.update(b"\0"),
            "on_part_end": lambda: digest.update(b"\0\0"),
        },
    )
    return parser.write
