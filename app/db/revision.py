"""A number that changes whenever a statistic may: answers that it was read for are still true.

It is raised in the transaction that changes what statistics are made of, whoever does so, for
statements are inspected and not callers. A worker that observes pages or interprets photos does
not raise it: editions are added up when they are complete.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Mapped, mapped_column

from app.db.columns import Table

TOUCHED = "presslens_touched"
"""Set in the ``info`` of a connection whose transaction must raise the number."""

_CHANGED = frozenset(
    {
        "edition_measure", "edition_share", "edition_summary", "event", "figure", "label",
        "page_mark", "page_review", "publication", "recipe",
        "sample_item", "sample_stratum", "sampled_photo", "settled_answer",
    }
)  # fmt: skip
_TABLES = {
    "UPDATE": _CHANGED,
    # An edition is updated when it is unpacked; its pages are inserted in the same transaction.
    "INSERT INTO": _CHANGED | {"edition", "page"},
    # Settled answers go with their photos.
    "DELETE FROM": _CHANGED | {"edition", "page", "photo", "outcome"},
}

_WRITES = re.compile(r'\s*(INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


class RevisionRow(Table):
    """The number; one row."""

    __tablename__ = "revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]


def note_change(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    """Note that a statement changes what statistics are made of."""
    match = _WRITES.match(statement)
    if match is None:
        return
    if match[2].lower() in _TABLES[match[1].upper()]:
        connection.info[TOUCHED] = True


def forget_change(connection: Connection) -> None:
    """Forget what a transaction has changed that is rolled back."""
    connection.info.pop(TOUCHED, None)
