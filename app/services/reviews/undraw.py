"""Takes a drawn sample away again, as long as nobody has answered anything that it asks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.edits import EditRow
from app.db.page_reviews import PageReviewRow
from app.db.reviews import ReviewRow
from app.db.samples import SampleRow
from app.errors import Conflict
from app.installation import Installation
from app.services.reviews.coding import item_answers
from app.services.reviews.consensus import update_scans_consensus
from app.services.reviews.questions import measures_of, questions
from app.services.samples.documents import SampleItem
from app.services.samples.samples import sample_items
from models.message import Message
from models.recipe import Recipe


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
    answers = _answers_since(session, home.recipe, row, items)
    if answers:
        raise Conflict(
            Message(
                "the sample %(name)s stays: people have answered it (answers: %(n)s), and without"
                " it nobody would know by which chance their photos were drawn. Undo the answers"
                " first",
                name=row.name,
                n=answers,
            )
        )
    scans = sorted({item.scan_id for item in items}) if row.measures else []
    session.delete(row)
    session.flush()
    update_scans_consensus(session, scans)
    return ()


def _answers_since(
    session: Session, recipe: Recipe, row: SampleRow, items: Collection[SampleItem]
) -> int:
    """Return how many answers in force were given to the items of a sample after its draw."""
    if not row.measures:
        query = select(func.count()).where(
            PageReviewRow.scan_id.in_([item.scan_id for item in items]),
            PageReviewRow.withdrawn_at.is_(None),
            PageReviewRow.created_at >= row.created_at,
        )
        return session.scalar(query) or 0
    asked = questions(one.measure for one in row.measures)
    measures = {measure for question in asked for measure in measures_of(question)}
    given = item_answers(session, recipe, list(items)).values()
    ids = {one.review for of_item in given for one in of_item if one.measure in measures}
    made = session.scalars(
        select(ReviewRow.id).where(
            ReviewRow.created_at >= row.created_at, ReviewRow.id >= min(ids, default=0)
        )
    )
    return len(ids.intersection(made))
