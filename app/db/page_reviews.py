"""The tables of what people say of the photos that were found on a page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from presslens.app.db.columns import NAME, Table
from presslens.app.db.types import Moment
from presslens.models.geometry import Box


class PageReviewRow(Table):
    """A review of a page's photos by one coder. It is withdrawn, never deleted.

    The page is known by its scan, so that the review holds under another recipe and for each page
    that prints the scan. ``checked``: the coder has looked through the whole page, so that found
    photos without a mark are one photo each, and nothing else is a photo. A coder's later marks
    replace earlier ones of the same place; an adjudication settles what coders disagree on.
    ``two_editions``: the scan shows pages of two editions, so that nothing of it is counted.
    ``edit_id`` is the edit that made the review.
    """

    __tablename__ = "page_review"
    __table_args__ = (
        Index("ix_page_review_scan_id", "scan_id"),
        Index("ix_page_review_edit_id", "edit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"))
    coder: Mapped[str] = mapped_column(NAME)
    codebook: Mapped[str] = mapped_column(NAME)
    checked: Mapped[bool]
    adjudicates: Mapped[bool] = mapped_column(default=False)
    two_editions: Mapped[bool] = mapped_column(default=False, server_default=false())
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    edit_id: Mapped[int | None]

    marks: Mapped[list[PageMarkRow]] = relationship(
        order_by="PageMarkRow.position", cascade="all, delete-orphan", passive_deletes=True
    )


class PageMarkRow(Table):
    """How many printed photos stand in a box, in shares of the page.

    On a found photo: 0, it is none; 2 or more, it holds several. Elsewhere: 1, a photo was missed.
    ``boxes`` are the photos that take the place of what was found, each in shares of the page; NULL
    where the coder has counted, and drawn nothing.
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
    boxes: Mapped[list[list[float]] | None] = mapped_column(JSON(none_as_null=True))

    @property
    def box(self) -> Box:
        """The box, in shares of the page."""
        return Box(self.x0, self.y0, self.x1, self.y1)
