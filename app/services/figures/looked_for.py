"""Which figures photos were looked at for: enrolled ones with references that can be used."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from presslens.app.db.queries import printed_photos
from presslens.app.db.statistics import EditionShareRow, EditionSummaryRow
from presslens.app.db.tables import InterpretationRow, PageRow, PhotoRow
from presslens.app.services.figures.gallery import enrolment, gallery_version
from presslens.models.faces.gallery import LEADER, Role
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.availability import LookedFor
from presslens.pipelines.statistics.measure import FIGURE


def enrolled_now(session: Session, recipe: Recipe) -> LookedFor:
    """Return the figures that faces can be matched with today, and the enrolled ones that can't."""
    return enrolment(session, recipe).looked_for


def looked_for_anywhere(session: Session, recipe: Recipe) -> LookedFor:
    """Return the figures that photos of some edition were looked at for, or would be today.

    Those of a snapshot have no references, and shares all the same.
    """
    now = enrolled_now(session, recipe)
    others = (*now.waiting, *now.unusable)
    shared = {name for name in others if session.scalar(_share_of(name, recipe)) is not None}
    return _only(now, now.figures.keys() | shared)


def _share_of(figure: str, recipe: Recipe) -> Select[int]:
    query = select(EditionShareRow.edition_id)
    return query.filter_by(recipe_id=recipe.id, measure=f"{FIGURE}{figure}").limit(1)


def looked_for(session: Session, recipe: Recipe, edition_id: int) -> LookedFor:
    """Return the figures that the photos of an edition were looked at for.

    Photos that were interpreted with other figures or references than today's were looked at for
    those figures that the edition's summary has a share of: so are all of a snapshot, which has no
    references. An edition without photos has no shares; its summary still knows that they show no
    leader, and no figures together.

    Args:
        recipe: The recipe of the interpretations.
    """
    now = enrolled_now(session, recipe)
    read = set(session.scalars(_galleries(recipe, edition_id)))
    if not read:
        return _only(now, now.figures.keys() | _counted(session, now, recipe, edition_id))
    if read == {gallery_version(session, recipe)}:
        return now
    query = select(EditionShareRow.measure).filter_by(recipe_id=recipe.id, edition_id=edition_id)
    shared = set(session.scalars(query.where(EditionShareRow.measure.startswith(FIGURE))))
    return _only(now, {measure.removeprefix(FIGURE) for measure in shared})


def summary_gallery(session: Session, recipe: Recipe, edition_id: int) -> str:
    """Return the version of the gallery that an edition's summary is made with.

    It is today's, unless its photos were interpreted with another one and are only counted anew.
    """
    today = gallery_version(session, recipe)
    if set(session.scalars(_galleries(recipe, edition_id))) <= {today}:
        return today
    query = select(EditionSummaryRow.gallery).filter_by(recipe_id=recipe.id, edition_id=edition_id)
    return session.scalar(query) or today


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


def _galleries(recipe: Recipe, edition_id: int) -> Select[str]:
    # Photo by photo: joined, SQLite would go through the interpretations of all editions.
    photos = printed_photos(recipe, PhotoRow.id).where(PageRow.edition_id == edition_id)
    return (
        select(InterpretationRow.gallery)
        .where(InterpretationRow.recipe_id == recipe.id, InterpretationRow.photo_id.in_(photos))
        .distinct()
    )


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
