"""The tables of nights and of imports through an inbox."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import NAME, SHA, Table, choice
from presslens.app.db.types import Moment


class NightlyRunRow(Table):
    """A run of the night, until ``ended_at``; one without was interrupted, or is at work.

    ``machine`` and ``account`` say where it ran, and under which account of that machine.
    ``document`` is its result, as it was reported in the morning.
    """

    __tablename__ = "nightly_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    machine: Mapped[str] = mapped_column(NAME)
    account: Mapped[str] = mapped_column(NAME)
    exit_code: Mapped[int | None]
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class ImportDecision(StrEnum):
    """What was decided of an edition of an inbox.

    ``known``: an edition of the same files, and of the same day, was there already.
    """

    IMPORTED = "imported"
    ADDED = "added"
    KNOWN = "known"


class InboxImportRow(Table):
    """An edition that was taken from an inbox: under which name, which files, and what for.

    ``content_key`` is the hash of the files' sha256 in page order, by which an edition is known
    again under another name. ``files`` has the name, size and sha256 of each. ``edition_id`` refers
    to no row, as an edition may be deleted, and what came in stays on record.
    """

    __tablename__ = "inbox_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("nightly_run.id"), index=True)
    imported_at: Mapped[datetime] = mapped_column(Moment)
    name: Mapped[str] = mapped_column(NAME)
    publication: Mapped[str] = mapped_column(NAME)
    edition_date: Mapped[date]
    content_key: Mapped[str] = mapped_column(SHA, index=True)
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    edition_id: Mapped[int] = mapped_column(index=True)
    decision: Mapped[ImportDecision] = mapped_column(choice(ImportDecision, "decision"))
    mode: Mapped[str | None] = mapped_column(String(16))
