"""HTTP connections that keep their times: a slow or silent client costs a socket, for a while."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from presslens.app.api.middleware import HEADERS
from presslens.app.api.problem import RETRY_SECONDS, problem_response
from presslens.models.message import Message

REQUEST_SECONDS = 15.0
"""A request whose headers are not there so long after its connection is given up."""

TAKING_SECONDS = 60.0
"""A client that takes nothing of an answer for so long is given up."""

MOST_CONNECTIONS = 500
"""Open connections above which new ones are answered with 503."""


class TimedConnection(H11Protocol):
    """A connection that is closed when a request, or the reading of an answer, takes too long.

    What a body may take is ``BodyPace``'s; how long an idle connection is kept is uvicorn's.
    """

    _deadline: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the headers of the first request."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self.app = _answer_crowded
        self._await_request()

    def data_received(self, data: bytes) -> None:
        """Take bytes, and stop waiting once the headers of a request are complete."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._deadline is None:
            self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the times of the connection."""
        self._stop_waiting()
        if self._stalled is not None:
            self._stalled.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to wait for a client that doesn't take what is sent."""
        super().pause_writing()
        self._stalled = self.loop.call_later(TAKING_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on with a client that has taken what was sent."""
        if self._stalled is not None:
            self._stalled.cancel()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words
        """Answer what is no HTTP with a problem, as all errors are, unless an answer has begun."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            status = HTTPStatus.BAD_REQUEST
            answer = problem_response(status, headers={**HEADERS, "Connection": "close"})
            head = h11.Response(
                status_code=status, headers=answer.raw_headers, reason=status.phrase.encode()
            )
            for event in (head, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _await_request(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None


async def _answer_crowded(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request of a connection that is one too many."""
    headers = {"Retry-After": str(RETRY_SECONDS), "Connection": "close"}
    words = Message("Too many connections are open; try again in a moment.")
    answer = problem_response(HTTPStatus.SERVICE_UNAVAILABLE, words, headers=headers)
    await answer(scope, receive, send)
