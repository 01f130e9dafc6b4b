"""Keeps events: what happened on a day, to be shown beside the numbers of the newspaper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.orm import Session

from app.db import cursor
from app.db.claims import EventRow
from app.db.tables import PublicationRow
from app.db.upsert import insert_new
from app.errors import Conflict, InvalidRequest, NotFound
from app.installation import Installation
from app.text import LONGEST_NAME, LONGEST_TEXT, one_line


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be kept.

    Attributes:
        day: When.
        title: What, in one line.
        place: Where.
        leader_attended: Whether the leader was there; None: not known.
        publication: Name of the newspaper that it is about; None: of none.
        source: Who says so.
    """

    day: date
    title: str
    place: str | None = None
    leader_attended: bool | None = None
    publication: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class EventState:
    """An event that is kept; ``seeded`` if it comes with the program."""

    id: int
    day: date
    title: str
    place: str | None
    leader_attended: bool | None
    publication: str | None
    source: str
    seeded: bool

    def to_json(self) -> dict[str, Any]:
        """Return the event as it is served."""
        return {
            "id": self.id,
            "date": self.day.isoformat(),
            "title": self.title,
            "place": self.place,
            "leader_attended": self.leader_attended,
            "publication": self.publication,
            "source": self.source,
            "seeded": self.seeded,
        }


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; None means any. Those of no newspaper are of each."""

    first: date | None = None
    last: date | None = None
    publication: str | None = None


@dataclass(frozen=True, slots=True)
class EventList:
    """Some events by date, and the cursor of the next ones."""

    events: list[EventState]
    next_cursor: str | None


def add_event(home: Installation, event: NewEvent) -> tuple[int, bool]:
    """Keep an event, and return its id, and whether it is new; the same again is the same event.

    Raises:
        InvalidRequest: A text is too long or not printable, or the newspaper is not known.
        Conflict: There is another event of this day with this title.
    """
    title = one_line(event.title, "a title", LONGEST_NAME)
    values: dict[str, Any] = {
        "place": one_line(event.place or "", "a place", LONGEST_NAME, empty=True) or None,
        "leader_attended": event.leader_attended,
        "source": one_line(event.source, "a source", LONGEST_TEXT, empty=True),
    }
    with home.database.write() as session:
        values["publication_id"] = _publication(session, event.publication)
        new = insert_new(
            session, EventRow, event_date=event.day, title=title, seeded=False, **values
        )
        row = session.scalars(select(EventRow).filter_by(event_date=event.day, title=title)).one()
        if any(getattr(row, name) != value for name, value in values.items()):
            raise Conflict(f"{event.day} has another event with this title")
        return row.id, new


def list_events(
    home: Installation, wanted: EventFilter, *, limit: int, start: str | None = None
) -> EventList:
    """Return events by date.

    Raises:
        InvalidRequest: The cursor is not one of this list.
    """
    columns: list[ColumnElement[Any]] = [EventRow.event_date.expression, EventRow.id.expression]
    query = _events().where(*_conditions(wanted)).order_by(*columns)
    if start is not None:
        values = cursor.decode(start, (date, int))
        query = query.where(cursor.after(columns, values, descending=False))
    with home.database.read() as session:
        rows = session.execute(query.limit(limit + 1)).all()
    more, rows = len(rows) > limit, rows[:limit]
    states = [_state(row) for row in rows]
    end = cursor.encode((states[-1].day, states[-1].id)) if more else None
    return EventList(states, end)


def iterate_events(home: Installation, wanted: EventFilter) -> Iterator[EventState]:
    """Yield all events that are wanted, by date."""
    start = None
    while True:
        found = list_events(home, wanted, limit=200, start=start)
        yield from found.events
        if (start := found.next_cursor) is None:
            return


def find_event(home: Installation, event_id: int) -> EventState:
    """Return an event.

    Raises:
        NotFound: There is none with this id.
    """
    with home.database.read() as session:
        row = session.execute(_events().where(EventRow.id == event_id)).one_or_none()
    if row is None:
        raise NotFound("there is no such event")
    return _state(row)


def remove_event(home: Installation, event_id: int) -> None:
    """Remove an event.

    Raises:
        NotFound: There is none with this id.
        Conflict: It comes with the program.
    """
    with home.database.write() as session:
        row = session.get(EventRow, event_id)
        if row is None:
            raise NotFound("there is no such event")
        if row.seeded:
            raise Conflict("this event comes with Presslens and can't be removed")
        session.delete(row)


def _publication(session: Session, name: str | None) -> int | None:
    if name is None:
        return None
    found = session.scalar(select(PublicationRow.id).filter_by(name=name))
    if found is None:
        raise InvalidRequest(f"no newspaper is called {name!r}")
    return found


def _events() -> Select[EventRow, str]:
    return select(EventRow, PublicationRow.name).outerjoin(
        PublicationRow, PublicationRow.id == EventRow.publication_id
    )


def _conditions(wanted: EventFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.first is not None:
        yield EventRow.event_date >= wanted.first
    if wanted.last is not None:
        yield EventRow.event_date <= wanted.last
    if wanted.publication is not None:
        yield or_(EventRow.publication_id.is_(None), PublicationRow.name == wanted.publication)


def _state(row: Row[EventRow, str]) -> EventState:
    event, publication = row
    return EventState(
        event.id,
        event.event_date,
        event.title,
        event.place,
        event.leader_attended,
        publication,
        event.source,
        event.seeded,
    )
