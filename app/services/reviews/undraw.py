"""Takes a drawn sample away again, as long as nobody has answered anything that it asks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.edits import EditRow
from presslens.app.db.samples import SampleRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict
from presslens.app.services.reviews.consensus import update_scans_consensus
from presslens.app.services.reviews.sample_reviews import answers_of_sample
from presslens.app.services.samples.samples import sample_items
from presslens.models.message import Message


def undo_draw(
    home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Delete the sample that an edit has drawn; no plain number of an edition changes.

    Raises:
        Conflict: Somebody has answered what the sample asks, after the draw.
    """
    row = session.scalars(
        select(SampleRow).filter_by(id=edit.target_id).with_for_update()
    ).one_or_none()
    if row is None:
        return ()
    items = sample_items(session, home.recipe, row)
    answers = answers_of_sample(session, home.recipe, row, items)
    if answers:
        raise Conflict(
            Message(
                "the sample %(name)s stays: people have answered it (answers: %(n)s), and without"
                " it nobody would know by which chance their photos were drawn. Undo the answers"
                " first",
                name=row.name,
                n=len(answers),
            )
        )
    scans = sorted({item.scan_id for item in items}) if row.measures else []
    session.delete(row)
    session.flush()
    update_scans_consensus(session, scans)
    return ()
