"""The newspapers by name."""

from __future__ import annotations

from sqlalchemy import select

from app.db.tables import PublicationRow
from app.installation import Installation


def publication_names(home: Installation) -> list[str]:
    """Return the names of all newspapers, in order."""
    with home.database.read() as session:
        return list(session.scalars(select(PublicationRow.name).order_by(PublicationRow.name)))
