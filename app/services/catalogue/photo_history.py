"""Gathers the interpretations of one photo by recipe; other observations are matched by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload, selectinload

from presslens.app.db.tables import InterpretationRow, OutcomeRow, PhotoRow, RecipeRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.models.geometry import Box
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


def photo_history(home: Installation, photo_id: int) -> list[PastReading]:
    """Return the interpretations of a photo by recipe, the oldest recipe first.

    Recipes that observe alike have the very same photo; others the one whose box overlaps it most,
    by half at least.

    Raises:
        NotFound: There is no photo with this id.
    """
    with home.database.read() as session:
        photo = session.get(PhotoRow, photo_id, options=[lazyload("*")])
        if photo is None:
            raise NotFound("there is no such photo")
        rows = session.execute(
            select(InterpretationRow, RecipeRow, PhotoRow.score)
            .join(RecipeRow, RecipeRow.id == InterpretationRow.recipe_id)
            .join(PhotoRow, PhotoRow.id == InterpretationRow.photo_id)
            .where(PhotoRow.id.in_(_same_photos(session, photo)))
            .order_by(RecipeRow.created_at, RecipeRow.id)
            .options(
                selectinload(InterpretationRow.readings), selectinload(InterpretationRow.sightings)
            )
        )
        return [
            _reading(row.InterpretationRow, row.RecipeRow, row.score, home.recipe.id)
            for row in rows
        ]


def _same_photos(session: Session, photo: PhotoRow) -> Sequence[int]:
    """Return the ids of the photo as each observation of its scan has found it."""
    scan = select(OutcomeRow.scan_id).filter_by(id=photo.outcome_id).scalar_subquery()
    outcomes = session.scalars(
        select(OutcomeRow)
        .where(OutcomeRow.scan_id == scan)
        .options(lazyload("*"), selectinload(OutcomeRow.photos).lazyload("*"))
    ).all()
    own = next(one for one in outcomes if one.id == photo.outcome_id)
    box, ids = _in_shares(photo.box, own), [photo.id]
    for outcome in outcomes:
        if outcome.id == own.id or not outcome.photos:
            continue
        nearest = nearest_photo(box, [_in_shares(one.box, outcome) for one in outcome.photos])
        if nearest is not None:
            ids.append(outcome.photos[nearest].id)
    return ids


def _in_shares(box: Box, outcome: OutcomeRow) -> Box:
    """Return a box in shares of its page: observations may decode a scan at other sizes."""
    width, height = outcome.width or 1, outcome.height or 1
    return Box(box.x0 / width, box.y0 / height, box.x1 / width, box.y1 / height)


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
