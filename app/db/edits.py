"""The table of edits: each change that a person has made, and what is needed to undo it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, Session, mapped_column

from presslens.app.db.columns import NAME, Table, choice
from presslens.app.db.exported import FIXED, ColumnType, Exported, exported
from presslens.app.db.types import Moment
from presslens.models.message import Message, dump_message, join_messages

UNNAMED = "unnamed"
"""The coder of an edit whose maker gave no name."""


RESTORED = "restored"
"""In ``change``: it is of before the archive was restored from a snapshot, without what undoing it
needs beyond the rows that name it."""


class Action(StrEnum):
    """What an edit did."""

    REVIEW = "review"
    REVIEW_MANY = "review many"
    REVIEW_PAGE = "review page"
    CHANGE_PHOTOS = "change photos"
    ANNOTATE = "annotate"
    UPLOAD = "upload"
    ADD_PAGES = "add pages"
    CHANGE_EDITION = "change edition"
    DELETE_EDITION = "delete edition"
    RESTORE_EDITION = "restore edition"
    CHANGE_PAGE = "change page"
    REPLACE_SCAN = "replace scan"
    CHANGE_NEWSPAPER = "change paper"
    MERGE_NEWSPAPERS = "merge papers"
    ENROL = "enrol"
    ADD_REFERENCE = "add reference"
    REMOVE_REFERENCE = "remove reference"
    VOUCH = "vouch"
    CHANGE_FIGURE = "change figure"
    CHANGE_LABEL = "change label"
    DRAW_SAMPLE = "draw sample"
    ADD_CLAIM = "add claim"
    ASK = "ask"
    KEEP_CLAIM = "keep claim"
    FREEZE_CLAIM = "freeze claim"
    REMOVE_CLAIM = "remove claim"
    ASSIGN = "assign items"
    ASK_AGAIN = "ask again"
    ERASE = "erase"


class EditRow(Table):
    """A change that a person has made. It is undone, never deleted.

    ``text`` is a dumped ``Message`` for readers; ``change`` is what undoing needs, by action. No
    column refers to rows, which may go.
    """

    __export__ = Exported(
        "edits",
        "A change that a person has made: who, when and what; undone ones too. What it is about may"
        " be gone since.",
        ("edit_id",),
    )
    __tablename__ = "edit"
    __table_args__ = (Index("ix_edit_target", "target", "target_id"),)

    id: Mapped[int] = exported("the edit", primary_key=True)
    created_at: Mapped[datetime] = exported("when it was made", Moment)
    coder: Mapped[str] = exported("name or code of who made it", NAME)
    action: Mapped[Action] = exported("what it did", choice(Action, "action", checked=False))
    target: Mapped[str] = exported(
        "the kind of what it is about: photo, page, edition, ...", NAME, says=FIXED
    )
    target_id: Mapped[int]
    edition_id: Mapped[int | None] = exported("the edition that it belongs to", says={"low": 1})
    text: Mapped[Any] = exported(
        "what was done: a sentence (template) and its values in it",
        JSON,
        says={"type": ColumnType.OBJECT},
    )
    change: Mapped[dict[str, Any]] = mapped_column(JSON)
    codebook: Mapped[str] = exported("the codebook of that time", NAME)
    undone_at: Mapped[datetime | None] = exported("when it was undone", Moment)
    undone_by: Mapped[str | None] = exported("who undid it", NAME)


class Author(NamedTuple):
    """The maker of an edit, with the codebook and the time of it."""

    coder: str | None  # None: nobody gave a name
    codebook: str
    now: datetime


def add_edit(
    session: Session,
    by: Author,
    action: Action,
    target: tuple[str, int],
    text: str,
    change: dict[str, Any] | None = None,
    *,
    edition_id: int | None = None,
) -> EditRow:
    """Log an edit in the transaction that makes it, and return its row, which has an id.

    Args:
        action: What is done.
        target: The kind and the id of the row that it is about.
        text: What is done, for readers; a ``Message`` with its values.
        change: What undoing needs.
        edition_id: The edition that it belongs to.
    """
    kind, target_id = target
    row = EditRow(
        created_at=by.now,
        coder=by.coder or UNNAMED,
        action=action,
        target=kind,
        target_id=target_id,
        edition_id=edition_id,
        text=dump_message(text if isinstance(text, Message) else join_messages([text])),
        change=change or {},
        codebook=by.codebook,
    )
    session.add(row)
    session.flush()
    return row
