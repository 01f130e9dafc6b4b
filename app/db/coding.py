"""The tables of a team that codes: flags to talk about, own constancy, training.

None of their rows is a review: none settles a photo, and none is in a statistic.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from presslens.app.db.columns import BOX, NAME, SHA, Table
from presslens.app.db.exported import MEASURE, OPEN_SHARE, Exported, exported, exported_key
from presslens.app.db.types import Moment

QUESTION = "what was asked: a measure, or focus"


class PlaceColumns:
    """A table whose rows are about a photo by its scan and box, so that they outlive a recipe."""

    scan_id: Mapped[int] = exported_key(
        ForeignKey("scan.id", ondelete="CASCADE"), adds=True, sort_order=BOX
    )
    x0: Mapped[float] = exported(
        "left edge, share of the page's width", says=OPEN_SHARE, sort_order=BOX
    )
    y0: Mapped[float] = exported(
        "upper edge, share of the page's height", says=OPEN_SHARE, sort_order=BOX
    )
    x1: Mapped[float] = exported(
        "right edge, share of the page's width", says=OPEN_SHARE, sort_order=BOX
    )
    y1: Mapped[float] = exported(
        "lower edge, share of the page's height", says=OPEN_SHARE, sort_order=BOX
    )


class FlagRow(PlaceColumns, Table):
    """A photo that a coder wants to talk about; it changes no answer."""

    __export__ = Exported(
        "flags",
        "A photo that a coder has flagged to talk about, with what is unclear. No answer changes by"
        " it.",
        ("flag_id",),
    )
    __tablename__ = "flag"
    __table_args__ = (Index("ix_flag_scan_id", "scan_id"),)

    id: Mapped[int] = exported("the flag", primary_key=True)
    question: Mapped[str | None] = exported(f"{QUESTION}; missing: the photo as such", NAME)
    coder: Mapped[str] = exported("who has flagged it", NAME)
    note: Mapped[str] = exported("what is unclear, in the coder's words", Text)
    created_at: Mapped[datetime] = exported("when it was flagged", Moment)
    settled_at: Mapped[datetime | None] = exported("when it was settled; missing: open", Moment)
    settled_by: Mapped[str | None] = exported("who settled it", NAME)

    answers: Mapped[list[FlagAnswerRow]] = relationship(
        order_by="FlagAnswerRow.id", cascade="all, delete-orphan", passive_deletes=True
    )


class FlagAnswerRow(Table):
    """What somebody says to a flag."""

    __export__ = Exported("flag_answers", "What somebody says to a flag.", ("flag_answer_id",))
    __tablename__ = "flag_answer"
    __table_args__ = (Index("ix_flag_answer_flag_id", "flag_id"),)

    id: Mapped[int] = exported("the answer", primary_key=True)
    flag_id: Mapped[int] = exported(
        "the flag: joins with flags", ForeignKey("flag.id", ondelete="CASCADE")
    )
    coder: Mapped[str] = exported("who says it", NAME)
    text: Mapped[str] = exported("what they say", Text)
    created_at: Mapped[datetime] = exported("when it was said", Moment)


class RepeatedAnswerRow(Table):
    """What a coder says of an item that the same coder was shown again, for constancy alone."""

    __export__ = Exported(
        "repeated_answers",
        "What a coder said of an item when it was shown to the same coder again, beside the first"
        " answer. It is no second answer, and counts in no share.",
        ("item_id", "coder", "measure"),
    )
    __tablename__ = "repeated_answer"
    __table_args__ = (Index("ix_repeated_answer_client_id", "coder", "client_id"),)

    item_id: Mapped[int] = exported(
        "the item, in sample_items",
        ForeignKey("sample_item.id", ondelete="CASCADE"),
        primary_key=True,
    )
    coder: Mapped[str] = exported("name or code of the coder", NAME, primary_key=True)
    measure: Mapped[str] = exported(MEASURE, NAME, primary_key=True)
    first: Mapped[bool | None] = exported("what the coder had said; missing: can't tell")
    again: Mapped[bool | None] = exported("what the coder said this time; missing: can't tell")
    codebook: Mapped[str] = exported("the codebook that the coder followed", NAME)
    created_at: Mapped[datetime] = exported("when it was said again", Moment)
    client_id: Mapped[str | None] = mapped_column(SHA)


class TrainingRoundRow(Table):
    """Photos with known answers, which one coder answers to learn the codebook."""

    __export__ = Exported(
        "training_rounds",
        "Photos with known answers that a coder answered to learn the codebook.",
        ("training_round_id",),
    )
    __tablename__ = "training_round"
    __table_args__ = (Index("ix_training_round_sample_id", "sample_id"),)

    id: Mapped[int] = exported("the round", primary_key=True)
    sample_id: Mapped[int] = exported(
        "the sample whose questions it asks: joins with samples",
        ForeignKey("sample.id", ondelete="CASCADE"),
    )
    coder: Mapped[str] = exported("who learns", NAME)
    made_by: Mapped[str] = exported("who has made it", NAME)
    created_at: Mapped[datetime] = exported("when it was made", Moment)

    items: Mapped[list[TrainingItemRow]] = relationship(
        order_by="TrainingItemRow.place", cascade="all, delete-orphan", passive_deletes=True
    )


class TrainingItemRow(PlaceColumns, Table):
    """A question about a photo whose answer is known, and what the coder says."""

    __export__ = Exported(
        "training_items",
        "A question about a photo of a training round: the known answer, and the coder's.",
        ("training_item_id",),
    )
    __tablename__ = "training_item"
    __table_args__ = (
        UniqueConstraint("training_round_id", "place"),
        Index("ix_training_item_scan_id", "scan_id"),
    )

    id: Mapped[int] = exported("the question", primary_key=True)
    training_round_id: Mapped[int] = exported(
        "the round: joins with training_rounds", ForeignKey("training_round.id", ondelete="CASCADE")
    )
    place: Mapped[int] = exported("its place in the round, from 0")
    question: Mapped[str] = exported(QUESTION, NAME)
    known: Mapped[str] = exported("the answer that people have settled", NAME)
    answer: Mapped[str | None] = exported("what the coder says; missing: nothing yet", NAME)
    answered_at: Mapped[datetime | None] = exported("when", Moment)
