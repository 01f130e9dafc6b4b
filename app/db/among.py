"""A column among thousands of numbers, given to the database as one value.

As a list each number would be a parameter of its own: a statement holds no more than so many
thousands, and PostgreSQL takes longer to read them than to look them up.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import ColumnElement, any_, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session


def among(
    session: Session, column: InstrumentedAttribute[int], numbers: Sequence[int]
) -> ColumnElement[bool]:
    """Return the condition that a column of integers is one of some numbers."""
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(cast(list(numbers), ARRAY(column.type)))
    listed = func.json_each(json.dumps(list(numbers))).table_valued("value")
    return column.in_(select(listed.c.value))
