"""The tables of claims about editions, and of events."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, Text, UniqueConstraint, false, or_
from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import NAME, SHA, Table, choice
from presslens.app.db.exported import SHARE, Exported, exported, exported_key
from presslens.app.db.publications import is_named
from presslens.app.db.types import Moment
from presslens.pipelines.statistics.claim.quantity import TruthValue


class ClaimRow(Table):
    """A rule over compositions that a source asserts of some editions.

    The rule's text is stored as it was written.
    """

    __export__ = Exported(
        "claims",
        "A rule over compositions that a source asserts of some editions.",
        ("claim", "version"),
    )
    __tablename__ = "claim"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = exported("what it is called", NAME, name="claim")
    version: Mapped[int] = exported(
        "counts the changes of its rule, from 1", says={"low": 1}, default=1
    )
    statement: Mapped[str] = exported("what is claimed, in words", Text)
    rule: Mapped[str] = exported("the same as a rule", Text)
    publication: Mapped[str] = exported("name of the newspaper", NAME)
    first_date: Mapped[date] = exported("first day that it is about")
    last_date: Mapped[date] = exported("last day that it is about")
    source: Mapped[str] = exported("source of the claim", Text, blank=True)
    note: Mapped[str | None] = exported("how the rule reads the source", Text)
    seeded: Mapped[bool] = exported("it came with Presslens", default=False)
    created_at: Mapped[datetime] = exported("when it was entered", Moment)
    draft: Mapped[bool] = exported(
        "it is a question in work: neither kept nor frozen", default=False, server_default=false()
    )
    kept_after: Mapped[int | None] = exported(
        "looks at it as a question before it was kept, or as a draft discarded; missing: neither"
    )


OF_CLAIM = "what the claim is called", "the version of the claim"
"""What the key of a claim says where it is referred to."""


class ClaimRegistrationRow(Table):
    """A version of a claim that was frozen: what was frozen, when, and what was known by then."""

    __export__ = Exported(
        "claim_registrations",
        "A claim that was frozen, before its data came in or after.",
        ("claim", "version"),
    )
    __tablename__ = "claim_registration"

    claim_id: Mapped[int] = exported_key(ForeignKey("claim.id"), *OF_CLAIM, primary_key=True)
    frozen_at: Mapped[datetime] = exported("when it was frozen", Moment)
    sha256: Mapped[str] = exported("hash of the frozen content", SHA)
    document: Mapped[str] = exported("the frozen content: canonical JSON, as it was hashed", Text)
    scans: Mapped[int] = exported("editions of its days that had been uploaded by then")
    first_scan_at: Mapped[datetime | None] = exported(
        "when the first of them was uploaded; missing: there was none", Moment
    )


class ClaimPlanRow(Table):
    """Photos that were planned to be drawn and looked at, so that a question is decided."""

    __export__ = Exported(
        "claim_plans",
        "Photos that were planned to be drawn and looked at, so that a question is decided.",
        ("claim", "version", "stage"),
    )
    __tablename__ = "claim_plan"
    __table_args__ = (Index("ix_claim_plan_sample_id", "sample_id"),)

    claim_id: Mapped[int] = exported_key(ForeignKey("claim.id"), *OF_CLAIM, primary_key=True)
    stage: Mapped[int] = exported(
        "counts the plans of the question, from 1", says={"low": 1}, primary_key=True
    )
    sample_id: Mapped[int] = exported(
        "the sample that has the photos: joins with samples",
        ForeignKey("sample.id", ondelete="CASCADE"),
    )
    photos: Mapped[int] = exported("number of photos planned", says={"low": 1})
    answered_before: Mapped[int] = exported("photos of the sample answered before the plan")
    planned_at: Mapped[datetime] = exported("when it was made", Moment)


class ClaimLookRow(Table):
    """A look at a frozen claim or a question: a verdict that rested on at least one edition.

    ``recipe_id`` refers to no row, as a restored snapshot holds one recipe only. The columns from
    ``stage`` on are those of a scheduled look at a question.
    """

    __export__ = Exported(
        "claim_looks",
        "A look at a frozen claim or a question: a verdict that rested on at least one edition.",
        ("look_id",),
    )
    __tablename__ = "claim_look"
    __table_args__ = (Index("ix_claim_look_claim_id", "claim_id"),)

    id: Mapped[int] = exported(
        "the look, unique in the installation", name="look_id", primary_key=True
    )
    claim_id: Mapped[int] = exported_key(ForeignKey("claim.id"), *OF_CLAIM)
    looked_at: Mapped[datetime] = exported("when", Moment)
    recipe_id: Mapped[str] = exported("the recipe of the verdict", SHA, name="looked_under")
    editions: Mapped[int] = exported("editions that the verdict rested on", says={"low": 1})
    verdict: Mapped[TruthValue] = exported("the verdict", choice(TruthValue, "verdict"))
    stage: Mapped[int | None] = exported(
        "the plan that scheduled it, 0 before any; missing: none did, and it decides no question"
    )
    number: Mapped[int | None] = exported("which of the looks of its plan, from 1", says={"low": 1})
    answered: Mapped[int | None] = exported("photos of its plan that were answered by then")
    risk: Mapped[float | None] = exported(
        "largest probability that its verdict is wrong", says=SHARE
    )
    value: Mapped[float | None] = exported("what was measured", says={"low": None})
    low: Mapped[float | None] = exported(
        "lower end of the interval of what was measured", says={"low": None}
    )
    high: Mapped[float | None] = exported(
        "upper end of the interval of what was measured", says={"low": None}
    )
    against: Mapped[float | None] = exported("what it was compared with", says={"low": None})
    against_low: Mapped[float | None] = exported(
        "lower end of the interval of what it was compared with", says={"low": None}
    )
    against_high: Mapped[float | None] = exported(
        "upper end of the interval of what it was compared with", says={"low": None}
    )


class EventRow(Table):
    """Something that happened on a day, to be shown on timelines."""

    __export__ = Exported(
        "events",
        "Something that happened on a day, to be shown on timelines.",
        ("date", "title"),
        order=("event_date", "id"),
    )
    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("event_date", "title"),
        Index("ix_event_event_date", "event_date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_date: Mapped[date] = exported("the day", name="date")
    title: Mapped[str] = exported("what happened", NAME)
    place: Mapped[str | None] = exported("where", NAME)
    leader_attended: Mapped[bool | None] = exported("a leader was there")
    publication_id: Mapped[int | None] = exported_key(
        ForeignKey("publication.id"),
        "the newspaper it is about; missing: all",
        adds=True,
        says={"joins": None},
    )
    source: Mapped[str] = exported("source of the event", Text, blank=True)
    seeded: Mapped[bool] = exported("it came with Presslens", default=False)


def event_concerns(*newspapers: str) -> ColumnElement[bool]:
    """Return the condition for events of newspapers; those of no newspaper belong to each.

    An ``EventRow`` is joined with its ``PublicationRow``, if any.
    """
    return or_(EventRow.publication_id.is_(None), *map(is_named, newspapers))
