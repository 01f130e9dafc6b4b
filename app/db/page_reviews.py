"""The tables of what people say of the photos that were found on a page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.columns import NAME, Table
from app.db.types import Moment
from models.geometry import Box


class PageReviewRow(Table):
    """A review of a page's photos by one coder. It is withdrawn, never deleted.

    The page is known by its scan, so that the review holds under another recipe and for each page
    that prints the scan. ``checked``: the coder has looked through the whole page, so that found
    photos without a mark are one photo each, and nothing else is a photo. A coder's later marks
    replace earlier ones of the same place; an adjudication settles what coders disagree on.
    """

    __tablename__ = "page_review"
    __table_args__ = (Index("ix_page_review_scan_id", "scan_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"))
    coder: Mapped[str] = mapped_column(NAME)
    codebook: Mapped[str] = mapped_column(NAME)
    checked: Mapped[bool]
    adjudicates: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)

    marks: Mapped[list[PageMarkRow]] = relationship(
        order_by="PageMarkRow.position", cascade="all, delete-orphan", passive_deletes=True
    )


class PageMarkRow(Table):
    """How many printed photos stand in a box, in shares of the page.

    On a found photo: 0, it is none; 2 or more, it holds several. Elsewhere: 1, a photo was missed.
    """

    __tablename__ = "page_mark"

    review_id: Mapped[int] = mapped_column(
        ForeignKey("page_review.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    x0: Mapped[float]
    y0: Mapped[float]
    x1: Mapped[float]
    y1: Mapped[float]
    photos: Mapped[int]

    @property
    def box(self) -> Box:
        """The box, in shares of the page."""
        return Box(self.x0, self.y0, self.x1, self.y1)
