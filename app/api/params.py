"""The parameters that routes share: ids, days, names, paging, and the installation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BeforeValidator, StringConstraints

from app.installation import Installation

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOST = 2**31 - 1


def _home(request: Request) -> Installation:
    home: Installation = request.app.state.home
    return home


def _is_day(value: object) -> object:
    if isinstance(value, str) and not DAY.fullmatch(value):
        raise ValueError("a day is written YYYY-MM-DD")
    return value


def _is_plain(value: str) -> str:
    if not value.isprintable():
        raise ValueError("a name is one line of printable characters")
    return value


async def check_query_names(request: Request) -> None:
    """Reject a query parameter that the route doesn't declare: a misspelt filter filters nothing.

    Raises:
        RequestValidationError: There is one; the error names it and those that are allowed.
    """
    route: APIRoute = request.scope["route"]
    declared = sorted(set(_query_names(route.dependant)))
    allowed = ", ".join(declared) or "none"
    errors = [
        {
            "type": "unknown_parameter",
            "loc": ("query", name),
            "msg": f"there is no such parameter; allowed: {allowed}",
        }
        for name in dict.fromkeys(request.query_params)
        if name not in declared
    ]
    if errors:
        raise RequestValidationError(errors)


def _query_names(dependant: Dependant) -> Iterator[str]:
    """Yield the names of the query parameters of a route and of what it depends on."""
    yield from (field.alias for field in dependant.query_params)
    for dependency in dependant.dependencies:
        yield from _query_names(dependency)


Home = Annotated[Installation, Depends(_home)]
Id = Annotated[int, Path(ge=1, le=MOST)]
Day = Annotated[date, BeforeValidator(_is_day)]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=255),
    AfterValidator(_is_plain),
]
Share = Annotated[float, Query(ge=0, le=1)]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(max_length=1000)]
