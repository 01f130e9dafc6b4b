"""Reads what is stored of an edition: its plain numbers, without any estimate."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.db.statistics import EditionSummaryRow
from app.installation import Installation

FACTS = ("pages", "pages_seen", "photos", "leader_photos", "leader_unsure", "front_lead_focus")
"""The numbers that are read; those of the leader are None while nobody is enrolled."""


def stored_summary(home: Installation, edition_id: int) -> dict[str, Any] | None:
    """Return the ``FACTS`` of an edition under today's recipe; None until it is summarised."""
    columns = [getattr(EditionSummaryRow, name) for name in FACTS]
    query = select(*columns).filter_by(edition_id=edition_id, recipe_id=home.recipe.id)
    with home.database.read() as session:
        found = session.execute(query).one_or_none()
    return None if found is None else dict(zip(FACTS, found, strict=True))
