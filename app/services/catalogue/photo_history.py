"""Gathers the interpretations of one photo by recipe; other observations are matched by place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload, selectinload

from presslens.app.db.tables import InterpretationRow, OutcomeRow, PhotoRow, RecipeRow
from presslens.app.installation import Installation
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Moment, Served, digits
from presslens.pipelines.statistics.photo_matching import nearest_photo


@dataclass(frozen=True, slots=True)
class PastReading(Served):
    """What one recipe says of a photo."""

    SERVED: ClassVar[str] = """
        recipe=recipe_id name=recipe_name since current=is_current score focus
        leader facility subjects figures
    """

    recipe_id: str
    recipe_name: str
    since: Moment  # when the recipe was first used
    is_current: bool  # whether the installation works under it
    score: Annotated[float, digits(4)]  # that it is a photo, 0–1
    focus: Focus  # what the photo is composed around
    leader: Annotated[float, digits(4)]  # score of the leader, 0–1
    facility: Annotated[float, digits(4)]  # score of the facility, 0–1
    subjects: dict[str, Annotated[float, digits(4)]]  # the probability of each subject, 0–1
    figures: tuple[str, ...]  # the names of the enrolled figures that are seen


def photo_histories(home: Installation, photo_ids: Collection[int]) -> dict[int, list[PastReading]]:
    """Return the interpretations of photos by recipe, the oldest recipe first, by photo.

    Recipes that observe alike have the very same photo; others the one whose box overlaps it most,
    by half at least. Photos that are not there are omitted.
    """
    query = (
        select(InterpretationRow, RecipeRow, PhotoRow.id, PhotoRow.score)
        .join(RecipeRow, RecipeRow.id == InterpretationRow.recipe_id)
        .join(PhotoRow, PhotoRow.id == InterpretationRow.photo_id)
        .order_by(RecipeRow.created_at, RecipeRow.id)
        .options(
            selectinload(InterpretationRow.readings), selectinload(InterpretationRow.sightings)
        )
    )
    with home.database.read() as session:
        same = _same_photos(session, photo_ids)
        ids = {id_ for of_photo in same.values() for id_ in of_photo}
        readings: dict[int, list[PastReading]] = {photo_id: [] for photo_id in same}
        asking = defaultdict(list)
        for photo_id, of_photo in same.items():
            for one in of_photo:
                asking[one].append(photo_id)
        for row in session.execute(query.where(PhotoRow.id.in_(ids))):
            reading = _reading(row.InterpretationRow, row.RecipeRow, row.score, home.recipe.id)
            for photo_id in asking[row.id]:
                readings[photo_id].append(reading)
        return readings


def _same_photos(session: Session, photo_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the ids of each photo as each observation of its scan has found it."""
    of_photos = (
        select(PhotoRow.id, OutcomeRow.id, OutcomeRow.scan_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(PhotoRow.id.in_(photo_ids))
    )
    asked = session.execute(of_photos).all()
    by_scan: dict[int, list[OutcomeRow]] = defaultdict(list)
    observed = (
        select(OutcomeRow)
        .where(OutcomeRow.scan_id.in_({scan_id for _, _, scan_id in asked}))
        .options(lazyload("*"), selectinload(OutcomeRow.photos).lazyload("*"))
    )
    for outcome in session.scalars(observed):
        by_scan[outcome.scan_id].append(outcome)
    same = {}
    for photo_id, outcome_id, scan_id in asked:
        own = next(one for one in by_scan[scan_id] if one.id == outcome_id)
        photo = next(one for one in own.photos if one.id == photo_id)
        box, same[photo_id] = photo.box.in_shares(own.size), [photo_id]
        for outcome in by_scan[scan_id]:
            if outcome.id == own.id or not outcome.photos:
                continue
            nearest = nearest_photo(
                box, [one.box.in_shares(outcome.size) for one in outcome.photos]
            )
            if nearest is not None:
                same[photo_id].append(outcome.photos[nearest].id)
    return same


def _reading(
    meaning: InterpretationRow, recipe: RecipeRow, score: float, current: str
) -> PastReading:
    return PastReading(
        recipe_id=recipe.id,
        recipe_name=recipe.name,
        since=recipe.created_at,
        is_current=recipe.id == current,
        score=score,
        focus=meaning.verdict,
        leader=meaning.leader,
        facility=meaning.facility,
        subjects={one.subject.value: one.probability for one in meaning.readings},
        figures=tuple(sorted(one.figure.name for one in meaning.sightings)),
    )
