"""The outermost layer: safe headers on every response, and one shape for every error."""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from presslens.app.api.problem import problem_response
from presslens.app.platform.settings import is_loopback

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
}

OWN = "private, no-cache"
"""The Cache-Control of an answer that names none: no cache that others share stores it, and a
browser asks again."""

WHO_ASKS = ("Authorization", "Cookie")
VARIES = ("Accept", "Accept-Language", *WHO_ASKS)
"""What answers depend on: the format, the language, and who asks; pictures on the last alone."""

ONLY_HTTPS = "max-age=31536000"
"""Browsers that have come by HTTPS ask for it for a year; never on loopback, which others share."""


class SafeResponses:
    """Middleware that adds ``HEADERS``, and replaces the plain text of the body limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and complete its response."""
        replaced = False

        async def send_safely(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                if _is_plain_error(message):
                    replaced = True
                    answer = problem_response(HTTPStatus(message["status"]))
                    await answer(scope, receive, send_with_headers)
                else:
                    await send_with_headers(message)
            elif not replaced:
                await send(message)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                _name_cache(headers)
                if _is_public_https(scope):
                    headers.setdefault("Strict-Transport-Security", ONLY_HTTPS)
            await send(message)

        await self._app(scope, receive, send_safely)


def _name_cache(headers: MutableHeaders) -> None:
    """Say which caches may store an answer, and for whom; what anybody may have says so itself."""
    is_public = "access-control-allow-origin" in headers
    headers.setdefault("Cache-Control", "no-cache" if is_public else OWN)
    if not headers["Cache-Control"].startswith("public"):
        named = [name.strip() for name in headers.get("vary", "").split(",") if name.strip()]
        varying = {name.lower() for name in named}
        on = WHO_ASKS if headers.get("content-type", "").startswith("image/") else VARIES
        headers["Vary"] = ", ".join([*named, *(name for name in on if name.lower() not in varying)])


def _is_plain_error(message: Message) -> bool:
    kind = MutableHeaders(scope=message).get("content-type", "")
    return message["status"] >= HTTPStatus.BAD_REQUEST and kind.startswith("text/plain")


def _is_public_https(scope: Scope) -> bool:
    host = Headers(scope=scope).get("host", "")
    return scope.get("scheme") == "https" and not is_loopback(host.rsplit(":", 1)[0].strip("[]"))
