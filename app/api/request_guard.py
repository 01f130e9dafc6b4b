"""Rejects requests that a page on another site has made a browser send.

The server trusts whoever reaches it, and on a researcher's own machine every page that is open in
the browser can. Four rules close that way; scripts, which send none of these headers, pass:

- ``Host`` must be one host and port, and name this installation. Otherwise a foreign name that
  resolves to this machine (DNS rebinding) would make a foreign page "same origin".
- A request that changes something must come from a page of this installation, by
  ``Sec-Fetch-Site`` where the browser sends it, else by ``Origin``.
- A request that a proxy has passed on is refused until the proxy is named: it would look like one
  of this machine, whoever has sent it.
- A page on another site reads nothing either, but for what ``PRESSLENS_PUBLIC`` makes public.
  People may still follow a link to here: the page that has the link does not see the answer.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from presslens.app.api.problem import problem_response
from presslens.app.platform.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
DEFAULT_PORTS = {"http": 80, "https": 443}

PASSED_ON = re.compile(
    r"forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip"
    r"|cf-connecting-ip"
)
"""Headers that reverse proxies add."""

CONTROL = re.compile(r"[\x00-\x1f\x7f]")

NO_QUERY = re.compile(rb"[\x00-\x20\x7f#]")
"""What no query holds unescaped: a part that reads it up to a ``#``, and another that reads all of
it, would take one request for two."""

UNREADABLE = "the address of this request can't be understood"

HOST = re.compile(
    r"(?P<name>(?!-)[\w-]{1,63}(?<!-)(?:\.(?!-)[\w-]{1,63}(?<!-))*\.?|\[(?P<v6>[0-9a-f:.]+)\])"
    r"(?::(?P<port>[0-9]{1,5})?)?",
    re.ASCII | re.IGNORECASE,
)
"""``host [":" port]`` of RFC 9110, in the letters that names and addresses of machines have."""

HIGHEST_PORT = 65_535

PUBLIC_PATHS = re.compile(
    r"/api/v1/(?:exports/iiif|editions/\d+/(?:manifest|annotations|search(?:-1)?|autocomplete)\.json"
    r"|pages/\d+/annotations\.json|pages/\d+/image(?:\.jpg)?|iiif/.+)"
)
"""What ``PRESSLENS_PUBLIC`` makes public: IIIF resources, and the page pictures that they name."""

FOREIGN_HOST = (
    "this installation is not known by the name in the Host header; "
    "PRESSLENS_ALLOWED_HOSTS lists the names that are allowed"
)
MALFORMED_HOST = "the Host header of this request is not one host with its port"
UNNAMED_PROXY = (
    "this request came through a proxy that is not named: PRESSLENS_PROXIES lists the addresses of "
    "those that are"
)
FOREIGN_SITE = "a page on another site can't make this request"


class RequestGuard:
    """Middleware that refuses foreign hosts (421), other sites (403) and unnamed proxies (400).

    A ``Host`` that is malformed, or comes twice, is refused with 400, as RFC 9112 asks.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = _Hosts(settings.host, settings.allowed_hosts)
        self._public = settings.public
        self._has_proxy = bool(settings.proxies.strip())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reject a request, or pass it on with the headers that keep its answer on this site."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        public = self._public and PUBLIC_PATHS.fullmatch(scope["path"]) is not None
        names = [_hostname(host) for host in headers.getlist("host")]
        if len(names) > 1 or "" in names:
            await problem_response(HTTPStatus.BAD_REQUEST, MALFORMED_HOST)(scope, receive, send)
        elif not all(map(self._hosts.allow, names)):
            await problem_response(HTTPStatus.MISDIRECTED_REQUEST, FOREIGN_HOST)(
                scope, receive, send
            )
        elif CONTROL.search(scope["path"]) or NO_QUERY.search(scope["query_string"]):
            await problem_response(HTTPStatus.BAD_REQUEST, UNREADABLE)(scope, receive, send)
        elif not self._has_proxy and any(map(PASSED_ON.fullmatch, headers.keys())):
            await problem_response(HTTPStatus.BAD_REQUEST, UNNAMED_PROXY)(scope, receive, send)
        elif not _from_here(scope["method"], headers, public=public):
            rejection = problem_response(HTTPStatus.FORBIDDEN, FOREIGN_SITE)
            await rejection(scope, receive, send)
        else:
            await self._app(scope, receive, _sharing(send, public=public))


class _Hosts:
    """The hosts that requests may name: loopback, the bound one, and those of the settings."""

    def __init__(self, bound: str, allowed: str) -> None:
        names = [bound, *allowed.split(",")]
        self._names = {_plain(name) for name in names} - {""}
        self._every_address = any(_is_unspecified(name) for name in self._names)

    def allow(self, name: str) -> bool:
        """Return whether the host of a Host header is this installation.

        An address can't be rebound, so a server on all of them answers to each.
        """
        if name in self._names or name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            address = ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self._every_address


def _from_here(method: str, headers: Headers, *, public: bool) -> bool:
    """Return whether a request comes from a page of this installation, or from no page at all."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    same_origin = origin is not None and _is_origin(origin, headers.get("host", ""))
    if method in SAFE_METHODS and (public or _is_navigation(headers)):
        return True
    if site is None:
        return origin is None or same_origin
    # Another port of this host is the same site, and another program.
    return site in ("same-origin", "none") or (site == "same-site" and same_origin)


def _is_navigation(headers: Headers) -> bool:
    """Return whether a request opens a link in a window, which other pages can't read."""
    return (
        headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    )


def _is_origin(origin: str, host: str) -> bool:
    """Return whether an Origin header and a Host header mean the same server.

    Schemes are not compared: behind a proxy with TLS the one here differs from the browser's.
    """
    try:
        theirs, ours = urlsplit(origin), urlsplit(f"//{host}")
        default = DEFAULT_PORTS[theirs.scheme]
        names = theirs.hostname, theirs.port or default
        same = names == (ours.hostname, ours.port or default)
    except (KeyError, ValueError):
        return False
    return same


def _hostname(header: str) -> str:
    """Return the host in a Host header, without port; "" if the header is malformed."""
    match = HOST.fullmatch(header)
    if match is None or int(match["port"] or 0) > HIGHEST_PORT:
        return ""
    if match["v6"]:
        try:
            IPv6Address(match["v6"])
        except ValueError:
            return ""
    return _plain(match["name"])


def _plain(name: str) -> str:
    return name.strip().lower().strip("[]").removesuffix(".")


def _is_unspecified(name: str) -> bool:
    try:
        return ip_address(name).is_unspecified
    except ValueError:
        return False


def _sharing(send: Send, *, public: bool) -> Send:
    """Return a ``send`` that adds which sites may read the response: all, or only this one."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Cross-Origin-Resource-Policy"] = "cross-origin" if public else "same-origin"
            if public:
                # No cookie and no password that a browser adds goes into these answers.
                headers["Access-Control-Allow-Origin"] = "*"
        await send(message)

    return send_with_headers
