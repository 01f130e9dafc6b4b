"""Where a list goes on: the sort values of its last row, as text that is safe in a URL."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, or_

from presslens.app.platform.errors import InvalidRequest

Value: TypeAlias = date | int | float


@dataclass(frozen=True, slots=True)
class Key:
    """A sort column of a list, and the type of its values."""

    column: Any
    kind: type[Value]


def encode(values: Sequence[Value]) -> str:
    """Return a cursor that stands behind a row with these sort values."""
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode()


def decode(cursor: str, kinds: Sequence[type[Value]]) -> list[Value]:
    """Return the sort values of a cursor.

    Args:
        cursor: From ``encode``.
        kinds: What the values must be.

    Raises:
        InvalidRequest: It is not a cursor of a list sorted like this.
    """
    try:
        values = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(kinds):
            raise InvalidRequest("this cursor is of a list that is sorted otherwise")
        return [_value(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (binascii.Error, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidRequest("this is not a cursor that this list has given out") from error


def _value(value: object, kind: type[Value]) -> Value:
    if kind in (date, datetime) and isinstance(value, str):
        return kind.fromisoformat(value)
    if kind is float and isinstance(value, (int, float)):
        return float(value)
    if kind is int and type(value) is int and abs(value) < 2**31:
        return value
    raise TypeError(kind)


def after(
    columns: Sequence[ColumnElement[Any]], values: Sequence[Value], *, descending: bool
) -> ColumnElement[bool]:
    """Return the condition for rows behind these sort values; together they are unique."""
    alternatives = []
    for i, column in enumerate(columns):
        same = [c == v for c, v in zip(columns[:i], values[:i], strict=True)]
        beyond = column < values[i] if descending else column > values[i]
        alternatives.append(and_(*same, beyond))
    return or_(*alternatives)
