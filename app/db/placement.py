"""Facts that follow from boxes and page numbers alone: computed once, stored with their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from app.db.tables import PageRow
from models.geometry import Box
from pipelines.statistics.layout import Quadrant, places


class Placement(TypedDict):
    """The stored columns of ``PhotoRow`` that follow from the boxes of a page."""

    area_share: float
    above_fold: bool
    quadrant: Quadrant
    is_lead: bool


def placements(boxes: Sequence[Box], size: tuple[int, int]) -> list[Placement]:
    """Return the stored placement of each photo of a page.

    Args:
        boxes: All photos of the page in reading order, in page pixels.
        size: Width and height of the page in pixels.
    """
    area = size[0] * size[1]
    return [
        Placement(
            area_share=box.area / area if area else 0.0,
            above_fold=place.above_fold,
            quadrant=place.quadrant,
            is_lead=place.lead,
        )
        for box, place in zip(boxes, places(boxes, size, None), strict=True)
    ]


def mark_front_pages(session: Session, edition_ids: Sequence[int] | None = None) -> None:
    """Mark the page with the lowest number of each edition as its front page, and no other.

    Args:
        session: A transaction that has added or renumbered pages.
        edition_ids: Editions whose pages have changed; None marks those of all editions.
    """
    session.flush()
    other = aliased(PageRow)
    lowest = select(func.min(other.number)).where(other.edition_id == PageRow.edition_id)
    is_front = PageRow.number == lowest.correlate(PageRow).scalar_subquery()
    statement = update(PageRow).where(PageRow.is_front != is_front).values(is_front=is_front)
    if edition_ids is not None:
        statement = statement.where(PageRow.edition_id.in_(edition_ids))
    session.execute(statement.execution_options(synchronize_session=False))
