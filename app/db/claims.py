"""The tables of claims about editions, and of events."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import NAME, SHA, Table, choice
from presslens.app.db.types import Moment
from presslens.pipelines.statistics.claim.quantity import TruthValue


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


class ClaimRegistrationRow(Table):
    """A version of a claim that was frozen: what was frozen, when, and what was known by then.

    ``document`` is the frozen content as canonical JSON, ``sha256`` its hash. ``scans`` editions of
    the days that it is about had been uploaded by then, the first of them at ``first_scan_at``.
    """

    __tablename__ = "claim_registration"

    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), primary_key=True)
    frozen_at: Mapped[datetime] = mapped_column(Moment)
    sha256: Mapped[str] = mapped_column(SHA)
    document: Mapped[str] = mapped_column(Text)
    scans: Mapped[int]
    first_scan_at: Mapped[datetime | None] = mapped_column(Moment)


class ClaimLookRow(Table):
    """A look at a frozen claim: a verdict on it that rested on at least one edition.

    ``recipe_id`` refers to no row, as a restored snapshot holds one recipe only.
    """

    __tablename__ = "claim_look"
    __table_args__ = (Index("ix_claim_look_claim_id", "claim_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    looked_at: Mapped[datetime] = mapped_column(Moment)
    recipe_id: Mapped[str] = mapped_column(SHA)
    editions: Mapped[int]
    verdict: Mapped[TruthValue] = mapped_column(choice(TruthValue, "verdict"))


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
