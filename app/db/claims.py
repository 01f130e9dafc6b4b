"""The tables of claims about editions, and of events."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.columns import NAME, Table
from app.db.types import Moment


class ClaimRow(Table):
    """A rule over compositions that a source asserts of some editions.

    The rule's text is stored as it was written; ``version`` counts its changes, from 1. It is about
    the editions of a publication from ``first_date`` to ``last_date``. ``note`` says how the rule
    reads the source, and what of it can't be tested.
    """

    __tablename__ = "claim"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(NAME)
    version: Mapped[int] = mapped_column(default=1)
    statement: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    publication: Mapped[str] = mapped_column(NAME)
    first_date: Mapped[date]
    last_date: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    seeded: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Moment)


class EventRow(Table):
    """Something that happened on a day, to be shown on timelines."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("event_date", "title"),
        Index("ix_event_event_date", "event_date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_date: Mapped[date]
    title: Mapped[str] = mapped_column(NAME)
    place: Mapped[str | None] = mapped_column(NAME)
    leader_attended: Mapped[bool | None]
    publication_id: Mapped[int | None] = mapped_column(ForeignKey("publication.id"))
    source: Mapped[str] = mapped_column(Text)
    seeded: Mapped[bool] = mapped_column(default=False)
