"""The exported table of photos that are prints of one picture."""

from __future__ import annotations

from sqlalchemy import select

from presslens.app.db.queries import EditionScope, RowQuery
from presslens.app.db.reprints import ReprintRow
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.app.services.exports.schema import PHOTO, RECIPE, TableSpec, integer, number
from presslens.app.services.exports.tables.photos import is_read
from presslens.models.recipe import Recipe


def _reprints(scope: EditionScope, recipe: Recipe) -> RowQuery:
    return (
        select(ReprintRow.photo_id, ReprintRow.other_id, ReprintRow.places, ReprintRow.likeness)
        .join(PhotoRow, PhotoRow.id == ReprintRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(
            OutcomeRow.observation_id == recipe.observation_id,
            *(
                condition
                for photo_id in (ReprintRow.photo_id.expression, ReprintRow.other_id.expression)
                for condition in (is_read(photo_id, recipe), *scope.photos(photo_id))
            ),
        )
        .order_by(ReprintRow.photo_id, ReprintRow.other_id)
    )


REPRINTS = TableSpec(
    "reprints",
    "Two photos that are prints of one picture; each pair is there twice, once from either side.",
    ("photo_id", "other_id"),
    (
        PHOTO,
        integer("other_id", "the other print", low=1, joins=("photos", "photo_id")),
        integer("places", "how many places of the two agree"),
        number("likeness", "correlation of the two laid on each other", low=-1, high=1),
        RECIPE,
    ),
    _reprints,
)
