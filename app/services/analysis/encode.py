"""Which photos a user's image encoder has not seen yet, and what it has made of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from presslens.app.db.among import among
from presslens.app.db.rows import encoding_row
from presslens.app.db.tables import (
    OutcomeRow,
    PageRow,
    PhotoEncodingRow,
    PhotoFeaturesRow,
    PhotoRow,
)
from presslens.app.db.upsert import insert_new
from presslens.app.installation import Installation
from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Encoding, Frame


def unencoded_photos(recipe: Recipe) -> list[Select[int]]:
    """Return the query of a page's photos that wait for the recipe's encoder; none without one."""
    if recipe.encoding_id is None:
        return []
    encoded = exists().where(
        PhotoEncodingRow.photo_id == PhotoRow.id, PhotoEncodingRow.encoder == recipe.encoding_id
    )
    return [
        select(PhotoRow.id)
        .join(PhotoFeaturesRow, PhotoFeaturesRow.photo_id == PhotoRow.id)
        .where(PhotoRow.outcome_id == OutcomeRow.id, ~encoded)
    ]


def unencoded_scans(recipe: Recipe) -> Select[int]:
    """Return the query of the printed scans with photos that wait for the recipe's encoder."""
    printed = select(PageRow.id).where(PageRow.scan_id == OutcomeRow.scan_id)
    return select(OutcomeRow.scan_id).where(
        OutcomeRow.observation_id == recipe.observation_id,
        *(photos.correlate(OutcomeRow).exists() for photos in unencoded_photos(recipe)),
        printed.correlate(OutcomeRow).exists(),
    )


def waiting_photos(home: Installation, scan_id: int) -> dict[int, Frame]:
    """Return the frames of a scan's photos that wait for the recipe's encoder, by their ids."""
    with home.database.read() as session:
        (photos,) = unencoded_photos(home.recipe)
        of_scan = photos.join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id).where(
            OutcomeRow.scan_id == scan_id,
            OutcomeRow.observation_id == home.recipe.observation_id,
        )
        rows = session.scalars(
            select(PhotoRow).where(PhotoRow.id.in_(of_scan)).order_by(PhotoRow.position)
        )
        return {row.id: Frame(Box(row.x0, row.y0, row.x1, row.y1), row.score) for row in rows}


def store_encodings(home: Installation, encodings: Mapping[int, Encoding]) -> None:
    """Store encodings by the ids of their photos; those that are there already stay."""
    with home.database.write() as session:
        there = set(session.scalars(select(PhotoRow.id).where(PhotoRow.id.in_(encodings))))
        for photo_id in there:
            row = encoding_row(encodings[photo_id])
            values = {"encoder": row.encoder, "vector": row.vector}
            insert_new(session, PhotoEncodingRow, photo_id=photo_id, **values)


def stored_encodings(
    session: Session, encoder: str, photo_ids: Sequence[int]
) -> dict[int, Encoding]:
    """Return the encodings of photos by their ids."""
    rows = session.execute(
        select(PhotoEncodingRow.photo_id, PhotoEncodingRow.vector).where(
            PhotoEncodingRow.encoder == encoder,
            among(session, PhotoEncodingRow.photo_id, photo_ids),
        )
    )
    return {photo_id: Encoding(encoder, vector) for photo_id, vector in rows}
