"""Query parameters that a form sends empty where its fields are left empty."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BeforeValidator

from app.api.params import Day, Name
from app.db.queries import EditionScope

T = TypeVar("T")


def _or_none(value: object) -> object:
    """Return None for an empty field."""
    return None if value == "" else value


Blank = Annotated[T | None, BeforeValidator(_or_none)]
"""A value, or None for an empty field: ``Blank[Day]``."""

BlankDay = Blank[Day]
BlankName = Blank[Name]


def scope_query(scope: EditionScope) -> dict[str, str]:
    """Return the query parameters of a scope, those that are given."""
    given = {
        "publication": scope.publication,
        "from": scope.first,
        "to": scope.last,
        "edition": scope.edition,
    }
    return {name: str(value) for name, value in given.items() if value is not None}
