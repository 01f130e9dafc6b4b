"""What requests may hold: ids, days, names, and the installation that they are about."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query, Request
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
