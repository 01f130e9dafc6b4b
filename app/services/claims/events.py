"""Stores events: what happened on a day, shown beside the numbers of the newspaper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from presslens.app.db.claims import EventRow, event_concerns
from presslens.app.db.publications import find_publication
from presslens.app.db.queries import BATCH, Key, Listing, every, paginate
from presslens.app.db.tables import PublicationRow
from presslens.app.db.upsert import insert_new
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.platform.questions import Name, ask
from presslens.app.platform.text import LONGEST_NAME, LONGEST_TEXT, one_line
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.pipelines.result import Served, named


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be stored."""

    day: date
    title: str  # the event in one line
    place: str | None = None
    leader_attended: bool | None = None  # whether the leader attended; None: not known
    publication: str | None = None  # name of the newspaper that the event is about; None: of none
    source: str = ""


@dataclass(frozen=True, slots=True)
class EventState(Served):
    """A stored event; ``seeded`` if it comes with the program."""

    id: int
    day: Annotated[date, named("date")]
    title: str
    place: str | None
    leader_attended: bool | None
    publication: str | None
    source: str
    seeded: bool


class EventFilter(EditionQuery):
    """A selection of events; None means any. Events of no newspaper belong to each."""

    publication: Name | None = ask(description="events of this newspaper, or of none")

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions for an ``EventRow`` joined with its ``PublicationRow``, if any.

        Raises:
            InvalidRequest: The first day lies after the last.
        """
        yield from self.scope.days(EventRow.event_date.expression)
        if self.publication is not None:
            yield event_concerns(self.publication)


def add_event(home: Installation, event: NewEvent) -> tuple[int, bool]:
    """Store an event; return its id and whether it is new. The same again is the same event.

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
    home: Installation, criteria: EventFilter, *, limit: int, start: str | None = None
) -> Listing[EventState]:
    """Return events by date.

    Args:
        limit: Largest number of events.
        start: The cursor of the listing before; None for the first one.

    Raises:
        InvalidRequest: The cursor is not one of this list.
    """
    query = _events().where(*criteria.conditions())
    keys = [Key(EventRow.event_date, date), Key(EventRow.id, int)]
    with home.database.read() as session:
        page = paginate(session, query, keys, limit=limit, start=start)
    return Listing([_state(row.EventRow, row.name) for row in page.items], page.next_cursor)


def iterate_events(home: Installation, criteria: EventFilter) -> Iterator[EventState]:
    """Yield all selected events by date."""
    return every(lambda start: list_events(home, criteria, limit=BATCH, start=start))


def find_event(home: Installation, event_id: int) -> EventState:
    """Return an event.

    Raises:
        NotFound: There is none with this id.
    """
    with home.database.read() as session:
        row = session.execute(_events().where(EventRow.id == event_id)).one_or_none()
    if row is None:
        raise NotFound("there is no such event")
    return _state(row.EventRow, row.name)


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
    newspaper = find_publication(session, name)
    if newspaper is None:
        raise InvalidRequest(f"no newspaper is called {name!r}")
    return newspaper.id


def _events() -> Select[Any]:
    columns: tuple[Any, ...] = (EventRow, PublicationRow.name)
    return select(*columns).outerjoin(PublicationRow, PublicationRow.id == EventRow.publication_id)


def _state(event: EventRow, publication: str | None) -> EventState:
    return EventState.from_attributes(event, day=event.event_date, publication=publication)
