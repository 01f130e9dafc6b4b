"""Who asks, and whether they may: each route names the one permission that it asks for.

The check runs before the body of a request is read, so that nobody who may not upload has a file
stored. Routes are made by ``PermittedRoute``; one whose function names no permission is an error
when the application is made.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from functools import partial
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, ParamSpec, TypeVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic.fields import FieldInfo
from starlette.concurrency import run_in_threadpool

from presslens.app.api.coder import signed_in_as
from presslens.app.api.params import body_fields, query_fields
from presslens.app.api.rate_limits import RateLimits
from presslens.app.api.repeated_requests import answer_once
from presslens.app.api.request_guard import PUBLIC_PATHS
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import NotPermitted, NotSignedIn
from presslens.app.platform.permissions import Permission
from presslens.app.services.accounts.audit import AuditAction, log_audit
from presslens.app.services.accounts.identity import LOOPBACK, NOBODY, Identity, Via
from presslens.app.services.accounts.keys import identify_key
from presslens.app.services.accounts.logins import identify_login
from presslens.app.services.accounts.share_links import identify_link
from presslens.models.message import Message

LOGIN_COOKIE = "__Host-presslens"
"""Browsers take a cookie of this prefix from a secure origin or from loopback alone, and send it to
no other host."""

LINK_COOKIE = "__Host-presslens-link"
"""What a browser keeps that has opened a share link."""

P = ParamSpec("P")
R = TypeVar("R")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_PERMISSION = "permission"
_STRANGERS = "open_to_strangers"
_SECRET = "shows_secret"  # noqa: S105 - the name of an attribute
_LOGGED = "logged"

OWN_REQUEST = "presslens.own_request"
"""Names in its scope, which nobody outside can write, who makes a request of the program's own."""


def needs(
    permission: Permission, *, logged: bool = True
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Name the permission that a route's function asks for.

    Args:
        logged: Of ``Permission.EXPORT``: the answer is an export, and no page about exports.
    """

    def name(endpoint: Callable[P, R]) -> Callable[P, R]:
        endpoint.__dict__[_PERMISSION] = permission
        endpoint.__dict__[_LOGGED] = logged and permission is Permission.EXPORT
        return endpoint

    return name


def open_to_all(endpoint: Callable[P, R]) -> Callable[P, R]:
    """Name a route that asks for no permission."""
    endpoint.__dict__[_PERMISSION] = None
    return endpoint


def open_to_strangers(endpoint: Callable[P, R]) -> Callable[P, R]:
    """Name a route that is open to all, and that answers without finding out who asks."""
    endpoint.__dict__[_STRANGERS] = True
    return open_to_all(endpoint)


def shows_secret(endpoint: Callable[P, R]) -> Callable[P, R]:
    """Name a route whose answer holds a secret: sent again, the request makes another one."""
    endpoint.__dict__[_SECRET] = True
    return endpoint


class PermittedRoute(APIRoute):
    """A route that answers who may ask for it."""

    permission: Permission | None  # what it asks for; None: it is open to all
    has_secret: bool  # its answers hold a secret that is shown once: they are never kept
    logged: bool  # whether it answers with an export, which is logged
    query: dict[str, object]  # type of each query parameter by name
    body: dict[str, FieldInfo]  # kind of each body field by name

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if _PERMISSION not in endpoint.__dict__:
            raise TypeError(f"{path}: {endpoint.__qualname__} names no permission; see needs()")
        self.permission = endpoint.__dict__[_PERMISSION]
        self.has_secret = _SECRET in endpoint.__dict__
        self.logged = endpoint.__dict__.get(_LOGGED, False)
        super().__init__(path, endpoint, **options)
        self.query = dict(query_fields(self.dependant))
        self.body = dict(body_fields(self.dependant))
        # A router that includes it makes these anew, and answers with its own: 20 MB of all routes.
        del self.app, self.dependant, self.body_field, self.response_field

    @property
    def operation(self) -> str:
        """The name of what it does: of the API its operation's id, of a page its function's."""
        return self.operation_id or self.name

    def inner_handler(self) -> Handler:
        """Return the handler of requests that are permitted."""
        return super().get_route_handler()

    def get_route_handler(self) -> Handler:
        """Return a handler that first checks who asks."""
        return partial(self._answer, self.inner_handler())

    async def _answer(self, handle: Handler, request: Request) -> Response:
        is_open = self.permission is None or is_public(request)
        asks_nobody = _STRANGERS in self.endpoint.__dict__
        who = NOBODY if asks_nobody else await _identify(request, is_open=is_open)
        request.state.identity = replace(who, address=address_of(request))
        limits: RateLimits = request.app.state.rate_limits
        with signed_in_as(who.name), limits.admit(who, address_of(request), self.permission):
            if self.permission is not None and not is_open:
                check_permission(who, self.permission)
                if who.via is Via.LINK:
                    await request.app.state.check_link(request, who)
            if self.has_secret:
                response = await handle(request)
            else:
                response = await answer_once(request, who.key, handle)
        if self.logged and who.via is not Via.LOOPBACK:
            await run_in_threadpool(_log_export, request, who)
        return response


def is_public(request: Request) -> bool:
    """Return whether ``PRESSLENS_PUBLIC`` lets everybody read what is asked for."""
    home: Installation = request.app.state.home
    return home.settings.public and PUBLIC_PATHS.fullmatch(request.url.path) is not None


def identity_of(request: Request) -> Identity:
    """Return who asks, as far as a route has found out."""
    who: Identity | None = getattr(request.state, "identity", None)
    return who or _unknown(request)


def may_call(request: Request, operation: str) -> bool:
    """Return whether who asks may call an operation, so that a page may offer it.

    Pages offer to the holder of a share link nothing but what they are made of.

    Raises:
        KeyError: No route has an operation of this name.
    """
    permissions: Mapping[str, Permission | None] = request.app.state.operations
    permission, who = permissions[operation], identity_of(request)
    return permission is None or (who.via is not Via.LINK and who.may(permission))


def check_permission(who: Identity, permission: Permission) -> None:
    """Check that somebody may do what asks for a permission.

    Raises:
        NotSignedIn: It is not known who asks.
        NotPermitted: They may not.
    """
    if who.may(permission):
        return
    if who.via is Via.NOBODY:
        raise NotSignedIn(Message("sign in, or send a key: Authorization: Bearer pl_…"))
    raise NotPermitted(
        Message(
            "%(name)s may not do this: it asks for the permission %(permission)s",
            name=who.label,
            permission=permission.value,
        )
    )


def shown_pages(request: Request) -> frozenset[int] | None:
    """Return the ids of the pages on which a share link shows the photo asked for; None: all."""
    shown: frozenset[int] | None = getattr(request.state, "shown_pages", None)
    return shown


def address_of(request: Request) -> str:
    """Return the network address that a request comes from; of IPv6, the network of 64 bits.

    Whoever has one address of such a network usually has all of them.
    """
    host = request.client.host if request.client else "unknown"
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and not (address.ipv4_mapped or address.is_loopback):
        return str(ip_network((address, 64), strict=False))
    return host


async def _identify(request: Request, *, is_open: bool) -> Identity:
    """Return who asks. On an open route a wrong key is no error.

    Raises:
        NotSignedIn: The key opens nothing.
        TooManyRequests: Too many keys from this address opened nothing.
    """
    own: Identity | None = request.scope.get(OWN_REQUEST)
    if own is not None:
        return own
    home: Installation = request.app.state.home
    unknown = _unknown(request)
    header = request.headers.get("authorization")
    if header is not None:
        try:
            return await run_in_threadpool(_key_holder, request, header)
        except NotSignedIn:
            if not is_open:
                raise
            return unknown
    for name, identify in ((LOGIN_COOKIE, identify_login), (LINK_COOKIE, identify_link)):
        cookie = request.cookies.get(name)
        if cookie and (name == LOGIN_COOKIE or unknown is NOBODY):
            who = await run_in_threadpool(identify, home, cookie, now=clock.now())
            if who is not None:
                return who
    return unknown


def _unknown(request: Request) -> Identity:
    """Return who asks without a key and a login."""
    home: Installation = request.app.state.home
    return NOBODY if home.settings.login_required else LOOPBACK


def _key_holder(request: Request, header: str) -> Identity:
    scheme, _, token = header.partition(" ")
    who = None
    if scheme.lower() == "bearer":
        who = identify_key(request.app.state.home, token.strip(), now=clock.now())
    if who is None:
        limits: RateLimits = request.app.state.rate_limits
        limits.count_failure(address_of(request))
        raise NotSignedIn(
            Message("the key of the request opens nothing: it is wrong, over or revoked")
        )
    return who


def _log_export(request: Request, who: Identity) -> None:
    home: Installation = request.app.state.home
    query = f"?{request.url.query}" if request.url.query else ""
    log_audit(
        home,
        who,
        AuditAction.EXPORT,
        f"{request.url.path}{query}",
        now=clock.now(),
        address=address_of(request),
    )
