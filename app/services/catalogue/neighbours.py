"""Finds what comes before and after: editions of a newspaper, photos of an edition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.tables import EditionRow, InterpretationRow, OutcomeRow, PageRow, PhotoRow
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


def photos_beside(
    home: Installation, edition_id: int, photo_id: int
) -> tuple[int | None, int | None]:
    """Return the ids of the interpreted photos before and after a photo of an edition.

    The order is that of the pages and of reading; None stands at its ends.

    Raises:
        NotFound: The edition has no such photo under the recipe.
    """
    recipe = home.recipe
    query = (
        select(PhotoRow.id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .join(InterpretationRow, InterpretationRow.photo_id == PhotoRow.id)
        .where(
            PageRow.edition_id == edition_id,
            OutcomeRow.observation_id == recipe.observation_id,
            InterpretationRow.recipe_id == recipe.id,
        )
        .order_by(PageRow.number, PhotoRow.position)
    )
    with home.database.read() as session:
        ids = list(session.scalars(query))
    if photo_id not in ids:
        raise NotFound("this edition has no such photo")
    at = ids.index(photo_id)
    return (
        ids[at - 1] if at > 0 else None,
        ids[at + 1] if at + 1 < len(ids) else None,
    )
