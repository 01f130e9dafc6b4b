"""Finds who has built on a page review since: its photos would stay, were it withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from presslens.app.db.edits import EditRow
from presslens.app.db.in_the_way import blocked_by
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.platform.errors import Conflict
from presslens.app.services.catalogue.page_checks import found_photos, page_mark, review_rows
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.page_places import PageMark, same_box

BLIND = "blind"
"""In ``change`` of an edit: its coder has not seen what others had drawn, and so builds on none."""


def check_not_held(session: Session, recipe: Recipe, rows: Sequence[PageReviewRow]) -> None:
    """Check that no later review says anew where the photos are that some reviews have drawn.

    Such a review was made on the page as they had left it, so that their photos would stay where
    it has them, and the removed ones away. One that only counts says so by itself.

    Args:
        session: A transaction.
        recipe: The recipe, which says which photos were found.
        rows: The reviews that are to be withdrawn together.

    Raises:
        Conflict: One does; the message names the latest.
    """
    ids = {row.id for row in rows}
    scans = sorted({row.scan_id for row in rows})
    found = found_photos(session, recipe.observation_id, scans)
    later = review_rows(scans).where(
        PageReviewRow.withdrawn_at.is_(None), PageReviewRow.id > min(ids, default=0)
    )
    for other in reversed(session.scalars(later).all()):
        if other.id in ids:
            continue
        own = [photo.box for photo in found.get(other.scan_id, ())]
        said = _drawn(other, own)
        before = (row for row in rows if row.scan_id == other.scan_id and row.id < other.id)
        drawn = [box for row in before for box in _drawn(row, own)]
        restated = any(same_box(box, one) for box in said for one in drawn)
        if restated and not _is_blind(session, other):
            raise _held_by(session, other)


def _drawn(row: PageReviewRow, found: Sequence[Box]) -> list[Box]:
    """Return the places whose photos a review has drawn, but for found ones that it leaves."""
    return [
        mark.box
        for mark in map(page_mark, row.marks)
        if mark.boxes is not None
        and not (_leaves(mark) and any(same_box(mark.box, box) for box in found))
    ]


def _leaves(mark: PageMark) -> bool:
    return mark.boxes is not None and len(mark.boxes) == 1 and same_box(mark.box, mark.boxes[0])


def _is_blind(session: Session, row: PageReviewRow) -> bool:
    edit = session.get(EditRow, row.edit_id) if row.edit_id is not None else None
    return edit is not None and bool(edit.change.get(BLIND))


def _held_by(session: Session, row: PageReviewRow) -> Conflict:
    edit = session.get(EditRow, row.edit_id) if row.edit_id is not None else None
    if edit is not None:
        return blocked_by(edit)
    return Conflict(
        Message(
            "page review %(review)s of %(coder)s says anew where these photos are: withdraw that"
            " first",
            review=row.id,
            coder=row.coder,
        )
    )
