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
from presslens.app.db.edits import Action

TOUCHED = "presslens_touched"
"""Names in the ``info`` of a connection the numbers that its transaction must raise."""

_SUMMARIES = frozenset({"edition_flags", "edition_measure", "edition_share", "edition_summary"})
_CHANGED = _SUMMARIES | {
    "edit", "event", "figure", "figure_role", "label", "page_mark", "page_review", "publication",
    "publication_alias", "recipe", "reference", "reference_face", "sample_item", "sample_stratum",
    "sampled_photo", "settled_answer",
}  # fmt: skip
_TABLES = {
    # Captions, headlines and folios are read later where no reader was there.
    # Photos are compared with others after their edition is added up.
    "UPDATE": _CHANGED | {"edition", "caption", "folio", "headline", "photo_fingerprint"},
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


_UPLOADS = {Action.UPLOAD, Action.ADD_PAGES}
"""Edits that come in with an edition; others are what people say."""


def note_change(
    connection: Connection,
    cursor: Any,
    statement: str,
    _parameters: Any,
    context: Any,
    _executemany: bool,
) -> None:
    """Note that a statement has changed what statistics are made of."""
    match = _WRITES.match(statement)
    if match is None:
        return
    verb, table = match[1].upper(), match[2].lower()
    changed = verb == "INSERT INTO" or cursor.rowcount != 0 or "RETURNING" in statement
    if table in _TABLES[verb] and changed:
        work = (verb != "DELETE FROM" and table not in _CHANGED) or (
            verb == "INSERT INTO" and (table == "publication" or _is_upload(table, context))
        )
        answers = set() if work or table in _SUMMARIES else {"answers"}
        connection.info[TOUCHED] = connection.info.get(TOUCHED, set()) | {"number"} | answers


def _is_upload(table: str, context: Any) -> bool:
    """Return whether the entries that a statement adds to the log are of uploads alone."""
    rows = getattr(context, "compiled_parameters", None) or ()
    return table == "edit" and bool(rows) and all(row.get("action") in _UPLOADS for row in rows)


def forget_change(connection: Connection) -> None:
    """Forget what a transaction has changed that is rolled back."""
    if not connection.invalidated:  # it is lost, with all that it knew
        connection.info.pop(TOUCHED, None)
