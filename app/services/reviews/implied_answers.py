"""Finds later answers about the leader that follow from earlier ones about figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from presslens.app.db.edits import EditRow
from presslens.app.db.in_the_way import blocked_by
from presslens.app.db.reviews import ReviewRow
from presslens.app.services.figures.gallery import leader_names
from presslens.app.services.reviews.consensus import active_reviews
from presslens.models.geometry import Box
from presslens.pipelines.statistics.consensus import implied_leader
from presslens.pipelines.statistics.measure import FIGURE
from presslens.pipelines.statistics.photo_matching import SAME_PHOTO


def check_implied_by_none(session: Session, rows: Sequence[ReviewRow]) -> None:
    """Check that no later answer about the leader would not be there without some reviews.

    Args:
        rows: The reviews that are to be withdrawn together.

    Raises:
        Conflict: One would not; the message names its edit.
    """
    figures = [row for row in rows if any(one.measure.startswith(FIGURE) for one in row.answers)]
    if not figures:
        return
    ids = {row.id for row in rows}
    leaders = leader_names(session)
    live = active_reviews(session, sorted({row.scan_id for row in figures}))
    for later in reversed(live):
        gone = [row for row in figures if _precedes(row, later)]
        said = {answer.measure: answer.shows for answer in later.answers}
        if later.id in ids or not gone or "leader" not in said:
            continue
        leader = {"leader": said.pop("leader")}
        before = [row for row in live if _precedes(row, later)]
        stays = [row for row in before if row.id not in ids]
        implied, left = (
            implied_leader({**_answers(of), **said}, leaders) for of in (before, stays)
        )
        edit = session.get(EditRow, later.edit_id) if later.edit_id is not None else None
        if implied == leader != left and edit is not None:
            raise blocked_by(edit)


def _answers(rows: Iterable[ReviewRow]) -> dict[str, bool | None]:
    return {answer.measure: answer.shows for row in rows for answer in row.answers}


def _precedes(row: ReviewRow, later: ReviewRow) -> bool:
    """Return whether a review is an earlier one of the same coder for the same photo."""
    own = (row.scan_id, row.coder, row.adjudicates) == (
        later.scan_id, later.coder, later.adjudicates,
    )  # fmt: skip
    return own and row.id < later.id and _box(row).iou(_box(later)) >= SAME_PHOTO


def _box(row: ReviewRow) -> Box:
    return Box(row.x0, row.y0, row.x1, row.y1)
