"""Where people say that a figure stands in photos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.models.geometry import Box
from presslens.pipelines.statistics.photo_matching import nearest_photo


def figure_places(
    session: Session, observation_id: str, photo_ids: Collection[int], measures: Collection[str]
) -> dict[int, dict[str, Box]]:
    """Return the places that were given last for figures, in page pixels, by photo and measure.

    Args:
        observation_id: Hash of the rules that the photos were observed under.
        measures: ``leader`` and ``figure:NAME``.
    """
    scans = select(OutcomeRow.scan_id).join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
    given = session.execute(
        select(ReviewRow, ReviewAnswerRow.measure, ReviewAnswerRow.place)
        .join(ReviewAnswerRow, ReviewAnswerRow.review_id == ReviewRow.id)
        .where(
            ReviewRow.withdrawn_at.is_(None),
            ReviewRow.scan_id.in_(scans.where(PhotoRow.id.in_(photo_ids))),
            ReviewAnswerRow.measure.in_(measures),
            ReviewAnswerRow.shows.is_(True),
            ReviewAnswerRow.place.is_not(None),
        )
        .order_by(ReviewRow.id)
    ).all()
    if not given:
        return {}
    rows = session.execute(
        select(PhotoRow, OutcomeRow)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(
            OutcomeRow.scan_id.in_({review.scan_id for review, _, _ in given}),
            OutcomeRow.observation_id == observation_id,
        )
    ).all()
    places: dict[int, dict[str, Box]] = defaultdict(dict)
    for review, measure, place in given:
        here = [(photo, outcome) for photo, outcome in rows if outcome.scan_id == review.scan_id]
        shares = [photo.box.in_shares(outcome.size) for photo, outcome in here]
        index = nearest_photo(Box(review.x0, review.y0, review.x1, review.y1), shares)
        if index is not None and here[index][0].id in photo_ids and place is not None:
            photo, outcome = here[index]
            places[photo.id][measure] = Box(*place).scaled(*outcome.size)
    return dict(places)
