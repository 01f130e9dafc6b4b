"""Reads the plain numbers of an edition, without any estimate, as people have corrected them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.installation import Installation
from presslens.app.services.statistics.reviewed_numbers import reviewed_editions
from presslens.app.services.statistics.selection import StatEdition

FACTS = ("pages", "pages_seen", "photos", "leader_photos", "leader_unsure", "front_lead_focus")
"""The numbers that are read; those of the leader are None while nobody is enrolled."""


def stored_summary(home: Installation, edition_id: int) -> dict[str, Any] | None:
    """Return the ``FACTS`` of an edition under today's recipe; None until it is summarised."""
    columns = [getattr(EditionSummaryRow, name) for name in (*FACTS, "version")]
    query = select(*columns).filter_by(edition_id=edition_id, recipe_id=home.recipe.id)
    with home.database.read() as session:
        found = session.execute(query).one_or_none()
        if found is None:
            return None
        edition = StatEdition(edition_id, "", date.min, 0, 0, found, found.version)
        [told] = reviewed_editions(session, [edition], home.recipe)
    return {name: getattr(told.row, name) for name in FACTS}
