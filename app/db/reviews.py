"""The tables of human labels, apart from those of the machine."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from presslens.app.db.columns import NAME, SHA, Table
from presslens.app.db.types import Moment


class ReviewRow(Table):
    """The review of a photo by one coder. It is withdrawn, never deleted.

    The photo is identified by its scan and its box in shares of the page, so that the review holds
    when the page is observed again under another recipe. Whether the photo was drawn by chance is
    no matter of the review: samples have their own tables. An adjudication settles what coders
    disagree on. ``edit_id`` is the edit that made it, alone or with others; ``seconds`` the time
    that the coder took, where it was measured. ``client_id`` is the id that the coder's device gave
    it, if it did: what is sent twice under one id is one review.
    """

    __tablename__ = "review"
    __table_args__ = (
        Index("ix_review_scan_id", "scan_id"),
        Index("ix_review_edit_id", "edit_id"),
        Index("ix_review_client_id", "coder", "client_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"))
    x0: Mapped[float]
    y0: Mapped[float]
    x1: Mapped[float]
    y1: Mapped[float]
    coder: Mapped[str] = mapped_column(NAME)
    codebook: Mapped[str] = mapped_column(NAME)
    adjudicates: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    edit_id: Mapped[int | None]
    seconds: Mapped[float | None]
    client_id: Mapped[str | None] = mapped_column(SHA)

    answers: Mapped[list[ReviewAnswerRow]] = relationship(
        order_by="ReviewAnswerRow.measure", cascade="all, delete-orphan", passive_deletes=True
    )


class ReviewAnswerRow(Table):
    """Whether a photo shows what a measure stands for; NULL: the coder can't tell.

    ``place`` is the box of the person that an answer about a figure means, in shares of the page.
    """

    __tablename__ = "review_answer"

    review_id: Mapped[int] = mapped_column(
        ForeignKey("review.id", ondelete="CASCADE"), primary_key=True
    )
    measure: Mapped[str] = mapped_column(NAME, primary_key=True)
    shows: Mapped[bool | None]
    place: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))


class SettledAnswerRow(Table):
    """The consensus of a photo's coders, or the adjudicated answer, for one measure.

    Updated for a photo in the transaction that adds or withdraws a review of it, and for the
    photos of a page when it is observed under another recipe. ``codebook`` is the one that all of
    its answers follow. What is denied has rows for what that denies too, a figure's added and taken
    away with its role; see ``pipelines.statistics.consensus``. No row: the machine's answer stands.
    """

    __tablename__ = "settled_answer"
    __table_args__ = (Index("ix_settled_answer_measure", "measure"),)

    photo_id: Mapped[int] = mapped_column(
        ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    measure: Mapped[str] = mapped_column(NAME, primary_key=True)
    shows: Mapped[bool]
    codebook: Mapped[str] = mapped_column(NAME, server_default="")
