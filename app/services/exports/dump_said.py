"""What people have said, for the canonical dump: reviews, what they settle, claims and events."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.claims import ClaimRow, EventRow
from app.db.reviews import ReviewRow, SettledAnswerRow
from app.db.tables import OutcomeRow, PhotoRow, ScanRow


def said_content(session: Session) -> dict[str, list[Any]]:
    """Return what people have said, sorted by content, without ids or times."""
    return {
        "reviews": sorted(
            (_review(session, row) for row in session.scalars(select(ReviewRow))), key=str
        ),
        "settled": sorted(_settled(session)),
        "claims": sorted(
            [
                c.key,
                c.version,
                c.rule,
                c.statement,
                c.publication,
                str(c.first_date),
                str(c.last_date),
            ]
            for c in session.scalars(select(ClaimRow))
        ),
        "events": sorted(
            [str(event.event_date), event.title, event.place or "", event.source]
            for event in session.scalars(select(EventRow))
        ),
    }


def _review(session: Session, row: ReviewRow) -> dict[str, Any]:
    scan = session.get_one(ScanRow, row.scan_id)
    return {
        "key": [scan.sha256, scan.frame, row.x0, row.y0, row.x1, row.y1],
        "coder": row.coder,
        "answers": [[answer.measure, answer.shows] for answer in row.answers],
        "drawn_for": row.drawn_for,
        "drawn_from": row.drawn_from,
        "adjudicates": row.adjudicates,
        "withdrawn": row.withdrawn_at is not None,
        "note": row.note,
    }


def _settled(session: Session) -> list[list[Any]]:
    query = (
        select(ScanRow, OutcomeRow.observation_id, PhotoRow.position, SettledAnswerRow)
        .join(OutcomeRow, OutcomeRow.scan_id == ScanRow.id)
        .join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
        .join(SettledAnswerRow, SettledAnswerRow.photo_id == PhotoRow.id)
    )
    return [
        [scan.sha256, scan.frame, observation, position, row.measure, row.shows, row.drawn]
        for scan, observation, position, row in session.execute(query)
    ]
