"""Reads the plain numbers of an edition, without any estimate, as people have corrected them."""

from __future__ import annotations

from typing import Any

from presslens.app.installation import Installation
from presslens.app.services.shares.selection import summarised_edition

FACTS = ("pages", "pages_seen", "photos", "leader_photos", "leader_unsure", "front_lead_focus")
"""The numbers that are read; those of the leader are None while nobody is enrolled."""


def stored_summary(home: Installation, edition_id: int) -> dict[str, Any] | None:
    """Return the ``FACTS`` of an edition under today's recipe; None until it is summarised."""
    with home.database.read() as session:
        edition = summarised_edition(session, edition_id, home.recipe)
    return None if edition is None else {name: getattr(edition.row, name) for name in FACTS}
