"""The tables of human labels, apart from those of the machine."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from presslens.app.db.columns import NAME, SHA, Table
from presslens.app.db.exported import MEASURE, OPEN_SHARE, PHOTO, Exported, exported, exported_key
from presslens.app.db.types import Moment


class ReviewRow(Table):
    """The review of a photo by one coder. It is withdrawn, never deleted.

    The photo is identified by its scan and its box in shares of the page, so that the review holds
    when the page is observed again under another recipe. Whether the photo was drawn by chance is
    no matter of the review: samples have their own tables. ``seconds`` is the time that the coder
    took, where it was measured. ``client_id`` is the id that the coder's device gave it, if it did:
    what is sent twice under one id is one review.
    """

    __export__ = Exported(
        "reviews",
        "The answers of one coder on a photo, in one go; withdrawn ones too. Coders are named, as"
        " the agreement between them can't be computed otherwise: agree on a name or a code"
        " beforehand.",
        ("review_id",),
    )
    __tablename__ = "review"
    __table_args__ = (
        Index("ix_review_scan_id", "scan_id"),
        Index("ix_review_edit_id", "edit_id"),
        Index("ix_review_client_id", "coder", "client_id", unique=True),
    )

    id: Mapped[int] = exported("the review", primary_key=True)
    scan_id: Mapped[int] = exported_key(ForeignKey("scan.id"), adds=True)
    x0: Mapped[float] = exported(
        "left edge of the photo, share of the page's width", says=OPEN_SHARE
    )
    y0: Mapped[float] = exported(
        "upper edge of the photo, share of the page's height", says=OPEN_SHARE
    )
    x1: Mapped[float] = exported(
        "right edge of the photo, share of the page's width", says=OPEN_SHARE
    )
    y1: Mapped[float] = exported(
        "lower edge of the photo, share of the page's height", says=OPEN_SHARE
    )
    coder: Mapped[str] = exported("name or code of the coder", NAME)
    codebook: Mapped[str] = exported("the codebook that the coder followed", NAME)
    adjudicates: Mapped[bool] = exported("it decides between coders who disagree", default=False)
    note: Mapped[str | None] = exported("remark of the coder", Text)
    created_at: Mapped[datetime] = exported("when it was made", Moment)
    withdrawn_at: Mapped[datetime | None] = exported("when it was withdrawn", Moment)
    edit_id: Mapped[int | None] = exported("the edit that made it", refers="edit")
    seconds: Mapped[float | None]
    client_id: Mapped[str | None] = mapped_column(SHA)

    answers: Mapped[list[ReviewAnswerRow]] = relationship(
        order_by="ReviewAnswerRow.measure", cascade="all, delete-orphan", passive_deletes=True
    )


class ReviewAnswerRow(Table):
    """Whether a photo shows what a measure stands for; NULL: the coder can't tell."""

    __export__ = Exported(
        "review_answers", "The answer of a review on one measure.", ("review_id", "measure")
    )
    __tablename__ = "review_answer"

    review_id: Mapped[int] = exported(
        "the review: joins with reviews",
        ForeignKey("review.id", ondelete="CASCADE"),
        primary_key=True,
    )
    measure: Mapped[str] = exported(MEASURE, NAME, primary_key=True)
    shows: Mapped[bool | None] = exported("the photo shows it; missing: the coder can't tell")
    place: Mapped[list[float] | None] = exported(
        "box [x0, y0, x1, y1] of the person that a yes about a figure means, if it was said",
        JSON(none_as_null=True),
        shape=tuple[float, float, float, float],
        says={"unit": "shares of the page's width and height"},
    )


class SettledAnswerRow(Table):
    """The consensus of a photo's coders, or the adjudicated answer, for one measure.

    Updated for a photo in the transaction that adds or withdraws a review of it, and for the
    photos of a page when it is observed under another recipe. What follows from an answer has rows
    too, a figure's added and taken away with its role; see ``pipelines.statistics.consensus``. No
    row: the machine's answer stands.
    """

    __export__ = Exported(
        "settled_answers",
        "The consensus of a photo's coders, or an adjudicator's answer. No row: the machine's"
        " stands.",
        ("photo_id", "measure"),
        of_recipe=True,
    )
    __tablename__ = "settled_answer"
    __table_args__ = (Index("ix_settled_answer_measure", "measure"),)

    photo_id: Mapped[int] = exported(
        PHOTO, ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    measure: Mapped[str] = exported(MEASURE, NAME, primary_key=True)
    shows: Mapped[bool] = exported("the photo shows it")
    codebook: Mapped[str] = exported(
        "the codebook that the answers follow", NAME, server_default=""
    )
