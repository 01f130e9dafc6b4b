"""Which figures photos were looked at for: enrolled ones with references that can be used."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import by_request
from presslens.app.db.queries import printed_photos
from presslens.app.db.statistics import EditionShareRow, EditionSummaryRow
from presslens.app.db.tables import EditionRow, InterpretationRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.services.figures.gallery import (
    enrolment,
    figure_roles,
    gallery_version,
    newspaper_of_scan,
)
from presslens.models.faces.gallery import LEADER, Role
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.availability import LookedFor
from presslens.pipelines.statistics.measure import FIGURE


def enrolled_now(session: Session, recipe: Recipe, publication_id: int | None = None) -> LookedFor:
    """Return the figures that faces can be matched with today, and the enrolled ones that can't.

    Args:
        publication_id: The newspaper in which figures have the roles that are returned; None: any.
    """
    return enrolment(session, recipe).looked_for(figure_roles(session, publication_id))


def looked_for_anywhere(
    session: Session, recipe: Recipe, publication_id: int | None = None
) -> LookedFor:
    """Return the figures that photos of some edition were looked at for, or would be today.

    Those of a snapshot have no references, and shares all the same.

    Args:
        publication_id: See ``enrolled_now``.
    """
    now = enrolled_now(session, recipe, publication_id)
    others = (*now.waiting, *now.unusable)
    shared = {name for name in others if session.scalar(_share_of(name, recipe)) is not None}
    return _only(now, now.figures.keys() | shared)


def _share_of(figure: str, recipe: Recipe) -> Select[int]:
    query = select(EditionShareRow.edition_id)
    return query.filter_by(recipe_id=recipe.id, measure=f"{FIGURE}{figure}").limit(1)


def looked_for(session: Session, recipe: Recipe, edition_id: int) -> LookedFor:
    """Return the figures that the photos of an edition were looked at for, with their roles there.

    Photos that were interpreted with other figures or references than today's were looked at for
    those figures that the edition's summary has a share of: so are all of a snapshot, which has no
    references. An edition without photos has no shares; its summary still knows that they show no
    leader, and no figures together.

    Args:
        recipe: The recipe of the interpretations.
    """
    now = enrolled_now(session, recipe, _newspaper(session, edition_id))
    is_today = _is_of_today(session, recipe, edition_id)
    if is_today is None:
        return _only(now, now.figures.keys() | _counted(session, now, recipe, edition_id))
    if is_today:
        return now
    query = select(EditionShareRow.measure).filter_by(recipe_id=recipe.id, edition_id=edition_id)
    shared = set(session.scalars(query.where(EditionShareRow.measure.startswith(FIGURE))))
    return _only(now, {measure.removeprefix(FIGURE) for measure in shared})


def today_gallery(session: Session, recipe: Recipe, edition_id: int) -> str:
    """Return today's version of the gallery for the newspaper of an edition."""
    return gallery_version(session, recipe, _newspaper(session, edition_id))


def summary_gallery(session: Session, recipe: Recipe, edition_id: int) -> str:
    """Return the version of the gallery that an edition's summary is made with.

    It is today's, unless its photos were interpreted with another one and are only counted anew.
    """
    today = today_gallery(session, recipe, edition_id)
    if _is_of_today(session, recipe, edition_id) is not False:
        return today
    query = select(EditionSummaryRow.gallery).filter_by(recipe_id=recipe.id, edition_id=edition_id)
    return session.scalar(query) or today


@by_request
def _newspaper(session: Session, edition_id: int) -> int | None:
    return session.scalar(select(EditionRow.publication_id).filter_by(id=edition_id))


def _counted(session: Session, now: LookedFor, recipe: Recipe, edition_id: int) -> set[str]:
    """Return the enrolled figures whom the plain numbers of an edition's summary are about."""
    columns = EditionSummaryRow.leader_photos, EditionSummaryRow.together_photos
    query = select(*columns).filter_by(recipe_id=recipe.id, edition_id=edition_id)
    leader, together = session.execute(query).first() or (None, None)
    return {
        name
        for name, role in now.enrolled.items()
        if together is not None or (leader is not None and role == LEADER)
    }


def _is_of_today(session: Session, recipe: Recipe, edition_id: int) -> bool | None:
    """Return whether all photos of an edition are interpreted with today's figures; None without.

    Leaders are those of the newspaper of each scan.
    """
    # Photo by photo: joined, SQLite would go through the interpretations of all editions.
    photos = printed_photos(recipe, PhotoRow.id).where(PageRow.edition_id == edition_id)
    read = (
        select(InterpretationRow.gallery, newspaper_of_scan(OutcomeRow.scan_id.expression))
        .join(PhotoRow, PhotoRow.id == InterpretationRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(InterpretationRow.recipe_id == recipe.id, InterpretationRow.photo_id.in_(photos))
        .distinct()
    )
    state = enrolment(session, recipe)
    of_today = [gallery == state.version(paper) for gallery, paper in session.execute(read)]
    return all(of_today) if of_today else None


def _only(now: LookedFor, names: Collection[str]) -> LookedFor:
    """Return the enrolled figures of these names as looked for, and the others as they are.

    A figure that could be matched today, and was not then, waits.
    """
    every: Mapping[str, Role] = {**now.figures, **now.waiting, **now.unusable}
    return LookedFor(
        {name: role for name, role in every.items() if name in names},
        {name: r for name, r in every.items() if name not in names and name not in now.unusable},
        {name: role for name, role in now.unusable.items() if name not in names},
    )
