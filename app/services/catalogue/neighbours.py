"""Finds what comes before and after: editions of a newspaper, photos of an edition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from presslens.app.db.queries import interpretation
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import EditionRow, InterpretationRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.trash import missing_edition
from presslens.models.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another edition of the same newspaper."""

    id: int
    day: date


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The editions before and after an edition; None where it is the first or last."""

    before: Neighbour | None
    after: Neighbour | None


def edition_neighbours(home: Installation, edition_id: int) -> Neighbours:
    """Return the nearest editions before and after, by day and issue, without superseded ones.

    Raises:
        NotFound: There is no such edition.
    """
    with home.database.read() as session:
        edition = session.get(EditionRow, edition_id)
        if edition is None:
            raise missing_edition(session, edition_id)
        recipe = home.recipe
        return Neighbours(
            _nearest(session, recipe, edition, later=False),
            _nearest(session, recipe, edition, later=True),
        )


def _nearest(
    session: Session, recipe: Recipe, edition: EditionRow, *, later: bool
) -> Neighbour | None:
    key = EditionRow.edition_date, EditionRow.issue
    place = tuple_(*key), (edition.edition_date, edition.issue)
    query = (
        select(EditionRow.id, EditionRow.edition_date)
        .where(
            EditionRow.publication_id == edition.publication_id,
            place[0] > place[1] if later else place[0] < place[1],
            EditionRow.id.not_in(superseded_editions(recipe)),
        )
        .order_by(*(key if later else (column.desc() for column in key)), EditionRow.id.desc())
        .limit(1)
    )
    found = session.execute(query).first()
    return Neighbour(found.id, found.edition_date) if found else None


def photos_beside(
    home: Installation, edition_id: int, photo_id: int
) -> tuple[int | None, int | None]:
    """Return the addresses of the photos before and after a photo of an edition.

    They are interpreted, or drawn by people and wait for it. The order is that of the pages and of
    reading; None stands at its ends.

    Raises:
        NotFound: The edition has no such photo under the recipe.
    """
    recipe = home.recipe
    query = (
        select(PhotoRow.id, PhotoRow.frame_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .outerjoin(InterpretationRow, interpretation(recipe.id))
        .where(
            PageRow.edition_id == edition_id,
            OutcomeRow.observation_id == recipe.observation_id,
            or_(InterpretationRow.photo_id.is_not(None), PhotoRow.by_hand),
        )
        .order_by(PageRow.number, PhotoRow.position)
    )
    with home.database.read() as session:
        addresses = dict(session.execute(query).all())
    if photo_id not in addresses:
        raise NotFound("this edition has no such photo")
    at, ids = list(addresses).index(photo_id), list(addresses.values())
    return (
        ids[at - 1] if at > 0 else None,
        ids[at + 1] if at + 1 < len(ids) else None,
    )
