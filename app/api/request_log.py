"""Each request is logged, counted and timed, under an id that its answer bears."""

from __future__ import annotations

import re
import secrets
import time
from http import HTTPStatus

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders, State
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from presslens.app.api.links import ROOT
from presslens.app.platform.logs import hide_secrets
from presslens.app.platform.traces import Traces

log = structlog.get_logger()

ID_HEADER = "X-Request-ID"
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""The ids that are taken over from a proxy; others are replaced."""

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""The ends of the addresses that machines ask all the time: they are counted, and not logged."""

UNMATCHED = "unmatched"
"""The route of addresses that there are none of, which anybody may invent."""

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
"""The methods that are counted by name: anybody may invent others."""

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The upper bounds of the histogram of requests."""


class RequestMetrics:
    """The metrics of the requests of one server.

    Attributes:
        registry: Holds them.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "presslens_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "presslens_request_seconds",
            "Time from a request to the end of its answer.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )


class RequestLog:
    """Middleware that logs, counts, times and traces requests."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        """Make the middleware.

        Args:
            app: What answers.
            state: The application's, with its ``request_metrics`` and ``traces``.
        """
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note it when its answer has ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(ID_HEADER, "")
        request_id = given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value  # unless an answer is begun
        began = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[ID_HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        path, route = scope["path"], getattr(scope.get("route"), "path", UNMATCHED)
        if path.startswith(ROOT) and route != UNMATCHED:
            route = ROOT + route
        method = scope["method"] if scope["method"] in METHODS else "other"
        metrics: RequestMetrics = self._state.request_metrics
        metrics.requests.labels(method, route, str(status)).inc()
        metrics.seconds.labels(route).observe(seconds)
        traces: Traces = self._state.traces
        traces.record(f"{method} {route}", seconds, status=status)
        if not any(path.endswith(probe) for probe in PROBES):
            log.info(
                "request",
                method=scope["method"],
                path=hide_secrets(path),
                route=route,
                status=status,
                milliseconds=round(1000 * seconds, 1),
                client=scope["client"][0] if scope.get("client") else None,
            )
