"""The tables of flags: photos that a coder wants to talk about.

None of their rows is a review: none settles a photo, and none is in a statistic.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, relationship

from presslens.app.db.columns import NAME, Table
from presslens.app.db.exported import OPEN_SHARE, Exported, exported, exported_key
from presslens.app.db.types import Moment

QUESTION = "what was asked: a measure, or focus"


class FlagRow(Table):
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
    scan_id: Mapped[int] = exported_key(ForeignKey("scan.id", ondelete="CASCADE"), adds=True)
    x0: Mapped[float] = exported("left edge, share of the page's width", says=OPEN_SHARE)
    y0: Mapped[float] = exported("upper edge, share of the page's height", says=OPEN_SHARE)
    x1: Mapped[float] = exported("right edge, share of the page's width", says=OPEN_SHARE)
    y1: Mapped[float] = exported("lower edge, share of the page's height", says=OPEN_SHARE)

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
