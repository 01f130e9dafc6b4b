"""Numbers that change whenever a statistic may: what they were read for is still true.

They are raised in the transaction that changes what statistics are made of, whoever does so, for
statements are inspected and not callers. A worker that observes pages or interprets photos raises
neither: editions are added up when they are complete.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import Table

TOUCHED = "presslens_touched"
"""Names in the ``info`` of a connection the numbers that its transaction must raise."""

_SUMMARIES = frozenset({"edition_flags", "edition_measure", "edition_share", "edition_summary"})
_CHANGED = _SUMMARIES | {
    "edit", "event", "figure", "label", "page_mark", "page_review", "publication",
    "publication_alias", "recipe", "reference", "reference_face", "sample_item", "sample_stratum",
    "sampled_photo", "settled_answer",
}  # fmt: skip
_TABLES = {
    # Captions, headlines and folios are read later where no reader was there.
    "UPDATE": _CHANGED | {"edition", "caption", "folio", "headline"},
    "INSERT INTO": _CHANGED | {"edition", "page", "reprint"},
    # Settled answers go with their photos.
    "DELETE FROM": _CHANGED | {"edition", "page", "photo", "outcome"},
}

_WRITES = re.compile(r'\s*(INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


class RevisionRow(Table):
    """The numbers; one row.

    ``number`` changes whenever a statistic may. ``answers`` changes with it unless no more than
    summaries were written and pages were added, also of a new newspaper: what was read of
    people's answers, samples, figures and labels is still true while ``answers`` is the same.
    """

    __tablename__ = "revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    answers: Mapped[int] = mapped_column(server_default="1")


_WORK = {("INSERT INTO", "publication"), ("INSERT INTO", "edit")}
"""What comes in with an edition: its newspaper, and the entry in the log."""


def note_change(connection: Connection, cursor: Any, statement: str, *_rest: Any) -> None:
    """Note that a statement has changed what statistics are made of."""
    match = _WRITES.match(statement)
    if match is None:
        return
    verb, table = match[1].upper(), match[2].lower()
    changed = verb == "INSERT INTO" or cursor.rowcount != 0 or "RETURNING" in statement
    if table in _TABLES[verb] and changed:
        work = (verb != "DELETE FROM" and table not in _CHANGED) or (verb, table) in _WORK
        answers = set() if work or table in _SUMMARIES else {"answers"}
        connection.info[TOUCHED] = connection.info.get(TOUCHED, set()) | {"number"} | answers


def forget_change(connection: Connection) -> None:
    """Forget what a transaction has changed that is rolled back."""
    if not connection.invalidated:  # it is lost, with all that it knew
        connection.info.pop(TOUCHED, None)
