"""Which methods an address allows: what RFC 9110 wants to be said with each 405."""

from __future__ import annotations

from fastapi import Request
from starlette.routing import BaseRoute, Match

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def allowed_methods(request: Request) -> str:
    """Return the methods that the address of a request allows, as the header ``Allow`` has them.

    An address may have several routes, one for each method, and a router knows only the first.
    Below a mounted application it is "", for that alone knows.
    """
    routes: list[BaseRoute] = request.app.router.routes
    return ", ".join(
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    )
