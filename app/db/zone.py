"""Which photos lie in a part of an edition, in the words of SQL; as ``page.counted_photos``."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import aliased

from app.db.tables import Outcome, Page, Photo
from app.services.catalogue.photos import is_lead
from pipelines.statistics.measure import Zone


def in_zone(zone: Zone) -> ColumnElement[bool]:
    """Return whether a photo lies in a zone; the query joins its outcome and its page."""
    conditions = {
        Zone.ALL: true,
        Zone.FRONT: is_front,
        Zone.INSIDE: lambda: ~is_front(),
        Zone.ABOVE_FOLD: lambda: Photo.y0 + Photo.y1 < Outcome.height,
        Zone.LEAD: is_lead,
    }
    return conditions[zone]()


def is_front() -> ColumnElement[bool]:
    """Return whether a page is the first of its edition, whatever its number is."""
    other = aliased(Page)
    before = select(other.id).where(other.edition_id == Page.edition_id, other.number < Page.number)
    return ~before.correlate(Page).exists()
