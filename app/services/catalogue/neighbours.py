"""Finds what comes before and after: editions of a newspaper, photos of an edition."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import by_revision
from presslens.app.db.queries import interpretation
from presslens.app.db.superseded import superseded_ids
from presslens.app.db.tables import (
    EditionRow,
    InterpretationRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    PublicationRow,
)
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.editions import find_edition
from presslens.models.recipe import Recipe


class NewspaperIssue(NamedTuple):
    """An edition of a newspaper, as far as others are found beside it."""

    day: date
    issue: int
    id: int
    superseded: bool


@by_revision
def newspaper_issues(
    session: Session, publication: str, recipe: Recipe
) -> Sequence[NewspaperIssue]:
    """Return the editions of a newspaper by day, issue and id.

    Args:
        publication: The newspaper's name, which is no alias.
        recipe: The recipe under which some are superseded.
    """
    query = (
        select(EditionRow.edition_date, EditionRow.issue, EditionRow.id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(PublicationRow.name == publication)
    )
    old = superseded_ids(session, recipe)
    return sorted(NewspaperIssue(*row, row.id in old) for row in session.execute(query))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The editions before and after an edition; None where it is the first or last."""

    before: NewspaperIssue | None
    after: NewspaperIssue | None


def edition_neighbours(home: Installation, edition_id: int) -> Neighbours:
    """Return the nearest editions before and after, by day and issue, without superseded ones.

    Raises:
        NotFound: There is no such edition.
    """
    edition = find_edition(home, edition_id)
    with home.database.read() as session:
        issues = newspaper_issues(session, edition.publication, home.recipe)
    # Of several uploads of an issue, none of which counts, the latest stands for them.
    by_place = {(one.day, one.issue): one for one in issues if not one.superseded}
    places, place = sorted(by_place), (edition.edition_date, edition.issue)
    before, after = bisect_left(places, place), bisect_right(places, place)
    return Neighbours(
        by_place[places[before - 1]] if before else None,
        by_place[places[after]] if after < len(places) else None,
    )


def photos_in_order(home: Installation, edition_id: int) -> dict[int, int]:
    """Return the address of each photo of an edition by id, in the order of pages and of reading.

    They are interpreted, or drawn by people and wait for it.
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
        return dict(session.execute(query).all())


def photos_beside(addresses: Mapping[int, int], photo_id: int) -> tuple[int | None, int | None]:
    """Return the addresses of the photos before and after a photo; None at the ends.

    Args:
        addresses: From ``photos_in_order``, of its edition.

    Raises:
        NotFound: The edition has no such photo under the recipe.
    """
    if photo_id not in addresses:
        raise NotFound("this edition has no such photo")
    at, ids = list(addresses).index(photo_id), list(addresses.values())
    return (
        ids[at - 1] if at > 0 else None,
        ids[at + 1] if at + 1 < len(ids) else None,
    )
