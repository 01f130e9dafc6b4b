"""How the bodies of requests are read: at a pace, and while there is room for them."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from presslens.app.api.problem import OUTAGES, problem_response
from presslens.app.platform.errors import DiskFull
from presslens.app.storage.storage import Storage
from presslens.models.message import Message

GRACE_SECONDS = 30.0
"""How long a body may keep the server waiting, beside what its bytes allow."""

LOOK_SECONDS = 0.5
"""How often the server looks whether it stops, while it waits for a body."""

LEAST_PACE = 16 * 2**10
"""Bytes of a body that allow for another second of waiting."""

SMALL = 2**20
"""Bytes of a body that is kept in memory; larger ones are spooled in the data folder."""

TOO_SLOW = Message("The request came too slowly, and was given up.")
NO_ROOM = OUTAGES[DiskFull]

STOPPING = Message("The server is being stopped; send this again in a moment.")


class PacedBodies:
    """Middleware that gives up bodies that come too slowly (408) or that the disk can't take (507).

    Only what the server waits for counts, so that its own load makes no client slow.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request whose body has no room, or read its body under watch."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive, scope["app"])
        try:
            body.check_room(_declared(scope))
        except DiskFull:
            refusal = problem_response(HTTPStatus.INSUFFICIENT_STORAGE, NO_ROOM, headers=CLOSE)
            await refusal(scope, receive, send)
        else:
            await self._app(scope, body.receive, send)


CLOSE = {"Connection": "close"}
"""What is left of a body that was given up is not read."""


class _Body:
    """The body of one request."""

    def __init__(self, receive: Receive, app: Starlette) -> None:
        self._receive = receive
        self._app = app
        self._size = 0
        self._waited = 0.0
        self._complete = False

    async def receive(self) -> Event:
        """Return the next message of the request.

        Raises:
            HTTPException: It came too slowly, there is no more room for it, or the server stops.
        """
        if self._complete:  # what follows is the end of the connection
            return await self._receive()
        message = await self._next()
        before, self._size = self._size, self._size + len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if before // SMALL != self._size // SMALL:
            try:
                self.check_room(self._size - before)
            except DiskFull:
                raise HTTPException(HTTPStatus.INSUFFICIENT_STORAGE, NO_ROOM, CLOSE) from None
        return message

    async def _next(self) -> Event:
        loop = asyncio.get_running_loop()
        while True:
            left = GRACE_SECONDS + self._size / LEAST_PACE - self._waited
            began = loop.time()
            try:
                async with asyncio.timeout(max(0.0, min(left, LOOK_SECONDS))):
                    return await self._receive()
            except TimeoutError:
                if self._app.state.stopping:
                    status = HTTPStatus.SERVICE_UNAVAILABLE
                    raise HTTPException(status, STOPPING, CLOSE) from None
                if left <= LOOK_SECONDS:
                    raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW, CLOSE) from None
            finally:
                self._waited += loop.time() - began

    def check_room(self, coming: int) -> None:
        """Check that there is room for bytes that come: they are spooled first, then stored.

        Raises:
            DiskFull: There isn't.
        """
        if self._size + coming >= SMALL:
            storage: Storage = self._app.state.home.storage
            storage.check_room(2 * coming)


def _declared(scope: Scope) -> int:
    """Return the size that a body is said to have, in bytes; 0 where nothing usable is said."""
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdecimal() and length.isascii() and len(length) < 20 else 0
