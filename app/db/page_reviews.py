"""The tables of what people say of the photos that were found on a page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Text, false
from sqlalchemy.orm import Mapped, relationship

from presslens.app.db.columns import BOXES, NAME, Table
from presslens.app.db.exported import SHARE, Exported, exported, exported_key
from presslens.app.db.types import Moment
from presslens.models.geometry import Box


class PageReviewRow(Table):
    """A review of a page's photos by one coder. It is withdrawn, never deleted.

    The page is known by its scan, so that the review holds under another recipe and for each page
    that prints the scan. ``checked``: the coder has looked through the whole page, so that found
    photos without a mark are one photo each, and nothing else is a photo. A coder's later marks
    replace earlier ones of the same place.
    """

    __export__ = Exported(
        "page_reviews",
        "What one coder says of the photos found on a page, in one go; withdrawn ones too.",
        ("page_review_id",),
    )
    __tablename__ = "page_review"
    __table_args__ = (
        Index("ix_page_review_scan_id", "scan_id"),
        Index("ix_page_review_edit_id", "edit_id"),
    )

    id: Mapped[int] = exported("the review", primary_key=True)
    scan_id: Mapped[int] = exported_key(ForeignKey("scan.id"), adds=True)
    coder: Mapped[str] = exported("name or code of the coder", NAME)
    codebook: Mapped[str] = exported("the codebook that the coder followed", NAME)
    checked: Mapped[bool] = exported("the coder has looked through the whole page")
    adjudicates: Mapped[bool] = exported("it decides between coders who disagree", default=False)
    two_editions: Mapped[bool] = exported(
        "the page is of two editions: nothing of it is counted",
        default=False,
        server_default=false(),
    )
    note: Mapped[str | None] = exported("remark of the coder", Text)
    created_at: Mapped[datetime] = exported("when it was made", Moment)
    withdrawn_at: Mapped[datetime | None] = exported("when it was withdrawn", Moment)
    edit_id: Mapped[int | None] = exported("the edit that made it", refers="edit")

    marks: Mapped[list[PageMarkRow]] = relationship(
        order_by="PageMarkRow.position", cascade="all, delete-orphan", passive_deletes=True
    )


class PageMarkRow(Table):
    """How many printed photos stand in a box, in shares of the page.

    On a found photo: 0, it is none; 2 or more, it holds several. Elsewhere: 1, a photo was missed.
    ``boxes`` take the place of what was found; NULL where the coder has counted, and drawn nothing.
    """

    __export__ = Exported(
        "page_marks",
        "How many printed photos stand in a box of a page, as a page review says.",
        ("page_review_id", "position"),
    )
    __tablename__ = "page_mark"

    review_id: Mapped[int] = exported(
        "the page review: joins with page_reviews",
        ForeignKey("page_review.id", ondelete="CASCADE"),
        name="page_review_id",
        primary_key=True,
    )
    position: Mapped[int] = exported(
        "place among the marks of the review, from 0", primary_key=True, autoincrement=False
    )
    x0: Mapped[float] = exported("left edge, share of the page's width", says=SHARE)
    y0: Mapped[float] = exported("upper edge, share of the page's height", says=SHARE)
    x1: Mapped[float] = exported("right edge, share of the page's width", says=SHARE)
    y1: Mapped[float] = exported("lower edge, share of the page's height", says=SHARE)
    photos: Mapped[int] = exported(
        "printed photos there; 0 on a found photo: it is none", says={"unit": "photos"}
    )
    boxes: Mapped[list[list[float]] | None] = exported(
        "these photos, [x0, y0, x1, y1] each, where the coder has drawn them",
        JSON(none_as_null=True),
        shape=BOXES,
        says={"unit": "shares of the page"},
    )

    @property
    def box(self) -> Box:
        """The box, in shares of the page."""
        return Box(self.x0, self.y0, self.x1, self.y1)
