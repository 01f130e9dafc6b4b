"""Finds the editions before and after an edition of the same newspaper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.tables import EditionRow
from app.errors import NotFound
from app.installation import Installation


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another edition of the same newspaper."""

    id: int
    day: date


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The editions of the days before and after an edition; None where it is the first or last."""

    before: Neighbour | None
    after: Neighbour | None


def edition_neighbours(home: Installation, edition_id: int) -> Neighbours:
    """Return the editions of the nearest days before and after; of several uploads the latest.

    Raises:
        NotFound: There is no such edition.
    """
    with home.database.read() as session:
        edition = session.get(EditionRow, edition_id)
        if edition is None:
            raise NotFound("there is no such edition")
        return Neighbours(
            _nearest(session, edition, later=False), _nearest(session, edition, later=True)
        )


def _nearest(session: Session, edition: EditionRow, *, later: bool) -> Neighbour | None:
    day = EditionRow.edition_date
    query = (
        select(EditionRow.id, day)
        .where(
            EditionRow.publication_id == edition.publication_id,
            day > edition.edition_date if later else day < edition.edition_date,
        )
        .order_by(day if later else day.desc(), EditionRow.id.desc())
        .limit(1)
    )
    found = session.execute(query).first()
    return Neighbour(found.id, found.edition_date) if found else None
