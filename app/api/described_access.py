"""What each operation asks for, for the description of the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from presslens.app.api.access import LOGIN_COOKIE, PermittedRoute

SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "a key, `pl_…`: see `POST /api/v1/keys` or `presslens keys add`",
    },
    "login": {
        "type": "apiKey",
        "in": "cookie",
        "name": LOGIN_COOKIE,
        "description": "the login of a browser, at `/login`",
    },
}
EITHER: list[dict[str, list[str]]] = [{}, {"key": []}, {"login": []}]
"""Without any of them where the installation asks for none: on loopback, unless it is told to."""


def describe_access(schema: dict[str, Any], routes: Iterable[tuple[str, PermittedRoute]]) -> None:
    """Say of each operation of an OpenAPI schema which permission it asks for.

    Args:
        routes: The addresses of routes, and the routes.
    """
    schema.setdefault("components", {})["securitySchemes"] = SCHEMES
    for address, route in routes:
        path = address.removesuffix(route.path) + route.path_format
        operations = schema["paths"].get(path, {})
        for method in {name.upper() for name in operations} & (route.methods or set()):
            if route.permission is not None:
                operations[method.lower()] |= {
                    "security": EITHER,
                    "x-permission": route.permission.value,
                }
