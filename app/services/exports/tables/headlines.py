"""The exported tables of headlines and the photos under them."""

from __future__ import annotations

from sqlalchemy import func

from presslens.app.db.queries import EditionScope, RowQuery
from presslens.app.db.tables import HeadlinePhotoRow, HeadlineRow, OutcomeRow, PageRow
from presslens.app.services.exports.schema import RECIPE, TableSpec, boolean, box, integer, string
from presslens.app.services.exports.tables.editions import PAGE, POSITION, pages_of
from presslens.models.recipe import Recipe


def _headlines(scope: EditionScope, recipe: Recipe) -> RowQuery:
    read = HeadlineRow.text.is_not(None)
    return (
        pages_of(
            scope,
            recipe,
            PageRow.id,
            HeadlineRow.position,
            read,
            func.nullif(HeadlineRow.text, ""),
            HeadlineRow.x0,
            HeadlineRow.y0,
            HeadlineRow.x1,
            HeadlineRow.y1,
        )
        .join(HeadlineRow, HeadlineRow.outcome_id == OutcomeRow.id)
        .order_by(HeadlineRow.position)
    )


HEADLINES = TableSpec(
    "headlines",
    "A headline above photos of a page.",
    ("page_id", "position"),
    (
        PAGE,
        POSITION,
        boolean("read", "its text was read"),
        string("text", "what it says; missing: not read, or nothing made out", nullable=True,
            free_text=True),
        *box("the text"),
        RECIPE,
    ),
    _headlines,
)  # fmt: skip


def _headline_photos(scope: EditionScope, recipe: Recipe) -> RowQuery:
    return (
        pages_of(scope, recipe, PageRow.id, HeadlineRow.position, HeadlinePhotoRow.photo_position)
        .join(HeadlineRow, HeadlineRow.outcome_id == OutcomeRow.id)
        .join(HeadlinePhotoRow, HeadlinePhotoRow.headline_id == HeadlineRow.id)
        .order_by(HeadlineRow.position, HeadlinePhotoRow.photo_position)
    )


HEADLINE_PHOTOS = TableSpec(
    "headline_photos",
    "A photo that stands under a headline.",
    ("page_id", "position", "photo_position"),
    (
        PAGE,
        integer("position", "of the headline: joins with headlines"),
        integer("photo_position", "of the photo on its page: joins with photos"),
        RECIPE,
    ),
    _headline_photos,
)
