"""Adds a validation sample of children to a generated archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from presslens.app.db.samples import (
    SampledPhotoRow,
    SampleEditionRow,
    SampleItemRow,
    SampleKind,
    SampleMeasureRow,
    SampleRow,
    SampleStratumRow,
)
from presslens.app.db.tables import EditionRow, OutcomeRow, PhotoRow
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.sample_item import ItemStatus


def add_sample(
    session: Session, recipe: Recipe, frame: Sequence[int], drawn: Sequence[int], *, at: datetime
) -> None:
    """Add a sample in one stratum, all of whose photos are answered.

    Args:
        session: An open transaction that writes.
        recipe: The recipe of the photos.
        frame: Ids of all photos.
        drawn: Ids of the drawn ones.
        at: The time of the draw.
    """
    sample = SampleRow(
        id=1,
        name="children-1",
        kind=SampleKind.PHOTOS,
        zone=Zone.ALL,
        weight=Weight.COUNT,
        seed=0,
        coders=[],
        second_share=0.0,
        recipe_id=recipe.id,
        codebook=recipe.codebook,
        created_at=at,
        measures=[SampleMeasureRow(measure="children", position=0)],
        strata=[SampleStratumRow(stratum=0, definition="all", size=len(frame), drawn=len(drawn))],
    )
    session.add(sample)
    session.flush()
    editions = session.scalars(select(EditionRow.id))
    _insert(session, SampleEditionRow, [{"edition_id": i, "sizes": [0]} for i in editions])
    boxes = select(
        PhotoRow.id, OutcomeRow.scan_id, PhotoRow.x0, PhotoRow.y0, PhotoRow.x1, PhotoRow.y1,
        OutcomeRow.width, OutcomeRow.height,
    ).join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)  # fmt: skip
    places = list(session.execute(boxes.where(PhotoRow.id.in_(drawn)).order_by(PhotoRow.id)))
    _insert(
        session,
        SampleItemRow,
        [
            {
                "id": number,
                "place": number - 1,
                "stratum": 0,
                "scan_id": row.scan_id,
                "x0": row.x0 / row.width,
                "y0": row.y0 / row.height,
                "x1": row.x1 / row.width,
                "y1": row.y1 / row.height,
                "second": False,
            }
            for number, row in enumerate(places, 1)
        ],
    )
    session.execute(
        insert(SampledPhotoRow),
        [
            {
                "photo_id": row.id,
                "item_id": number,
                "measure": "children",
                "status": ItemStatus.ANSWERED,
                "coded_since": True,
            }
            for number, row in enumerate(places, 1)
        ],
    )


def _insert(session: Session, table: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    session.execute(insert(table), [{"sample_id": 1, **row} for row in rows])
