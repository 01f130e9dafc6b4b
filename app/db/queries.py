"""Which photos lie in a part of an edition, in the words of SQL; as ``page.counted_photos``."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import aliased

from app.db.tables import OutcomeRow, PageRow, PhotoRow
from app.services.catalogue.photos import is_lead
from pipelines.statistics.measure import Zone


def in_zone(zone: Zone) -> ColumnElement[bool]:
    """Return whether a photo lies in a zone; the query joins its outcome and its page."""
    conditions = {
        Zone.ALL: true,
        Zone.FRONT: is_front,
        Zone.INSIDE: lambda: ~is_front(),
        Zone.ABOVE_FOLD: lambda: PhotoRow.y0 + PhotoRow.y1 < OutcomeRow.height,
        Zone.LEAD: is_lead,
    }
    return conditions[zone]()


def is_front() -> ColumnElement[bool]:
    """Return whether a page is the first of its edition, whatever its number is."""
    other = aliased(PageRow)
    before = select(other.id).where(
        other.edition_id == PageRow.edition_id, other.number < PageRow.number
    )
    return ~before.correlate(PageRow).exists()
