"""The days of the year on which a newspaper is unlike its usual self."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import extract, select
from sqlalchemy.orm import Session

from presslens.app.db.claims import EventRow, event_concerns
from presslens.app.db.tables import PublicationRow


def anniversaries(session: Session, publication: str, day: date) -> tuple[str, ...]:
    """Return what a day is the anniversary of; nothing on most days.

    They are those of ``seeds/anniversaries.toml`` for the newspaper, and events of earlier years on
    this day of the calendar, the newspaper's or of none.
    """
    titles = [
        str(one["title"])
        for group in _calendar()
        for one in group["days"]
        if publication in group["publications"] and (one["month"], one["day"]) == _day(day)
    ]
    events = (
        select(EventRow.title, EventRow.event_date)
        .outerjoin(PublicationRow, PublicationRow.id == EventRow.publication_id)
        .where(
            extract("month", EventRow.event_date) == day.month,
            extract("day", EventRow.event_date) == day.day,
            EventRow.event_date < day,
            event_concerns(publication),
        )
        .order_by(EventRow.event_date, EventRow.id)
    )
    recorded = [f"{title} ({on.year})" for title, on in session.execute(events)]
    return tuple(dict.fromkeys([*titles, *recorded]))


def _day(day: date) -> tuple[int, int]:
    return day.month, day.day


@cache
def _calendar() -> list[dict[str, Any]]:
    text = (files("presslens.seeds") / "anniversaries.toml").read_text(encoding="utf-8")
    groups: list[dict[str, Any]] = tomllib.loads(text)["anniversary"]
    return groups
