"""What people have said, for the canonical dump: reviews, what they settle, claims and events."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.claims import Claim, Event
from app.db.reviews import Review, SettledAnswer
from app.db.tables import Outcome, Photo, Scan


def said_content(session: Session) -> dict[str, list[Any]]:
    """Return what people have said, sorted by content, without ids or times."""
    return {
        "reviews": sorted(
            (_review(session, row) for row in session.scalars(select(Review))), key=str
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
            for c in session.scalars(select(Claim))
        ),
        "events": sorted(
            [str(event.event_date), event.title, event.place or "", event.source]
            for event in session.scalars(select(Event))
        ),
    }


def _review(session: Session, row: Review) -> dict[str, Any]:
    scan = session.get_one(Scan, row.scan_id)
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
        select(Scan, Outcome.observation_id, Photo.position, SettledAnswer)
        .join(Outcome, Outcome.scan_id == Scan.id)
        .join(Photo, Photo.outcome_id == Outcome.id)
        .join(SettledAnswer, SettledAnswer.photo_id == Photo.id)
    )
    return [
        [scan.sha256, scan.frame, observation, position, row.measure, row.shows, row.drawn]
        for scan, observation, position, row in session.execute(query)
    ]
