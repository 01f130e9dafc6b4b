"""Events of the calendar, shown beside the numbers of the newspaper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from presslens.app.api import links
from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.csv_response import csv_response, table_of, wants_csv
from presslens.app.api.given import Given
from presslens.app.api.params import Cursor, Home, Id, Limit, read_query
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Day, Name
from presslens.app.services.claims.events import (
    EventFilter,
    EventState,
    NewEvent,
    add_event,
    find_event,
    iterate_events,
    list_events,
    remove_event,
)
from presslens.pipelines.result import Served

router = APIRouter(prefix="/events", tags=["events"], route_class=PermittedRoute)


class EventToAdd(Given):
    """An event of a day."""

    day: Day = Field(alias="date")
    title: Name
    place: Name | None = None
    leader_attended: bool | None = None
    publication: Name | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class EventList(Served):
    """Events by date; ``next`` is the cursor of those that follow."""

    events: Sequence[EventState]
    next: str | None


@router.get("", operation_id="list_events", response_model=EventList)
@router.get(".csv", operation_id="list_events_csv")
@needs(Permission.READ)
def get_events(
    home: Home,
    request: Request,
    event_filter: Annotated[EventFilter, read_query(EventFilter)],
    limit: Limit = 50,
    cursor: Cursor | None = None,
) -> Any:
    """List events by date. CSV holds all of them."""
    event_filter = event_filter.resolved(home)
    events = list_events(home, event_filter, limit=limit, start=cursor)
    if wants_csv(request):
        return csv_response(
            *table_of(EventState, iterate_events(home, event_filter)), name="events"
        )
    return EventList(events.items, events.next_cursor)


@router.post("", status_code=201, operation_id="add_event", max_body_size=2**16)
@needs(Permission.REVIEW)
def post_event(home: Home, event: EventToAdd, response: Response) -> EventState:
    """Store an event; the same again is the same event, and answers 200."""
    event_id, created = add_event(home, NewEvent(**event.model_dump()))
    response.status_code = 201 if created else 200
    response.headers["Location"] = links.event(event_id)
    return find_event(home, event_id)


@router.get("/{event_id}", operation_id="get_event")
@needs(Permission.READ)
def get_event(home: Home, event_id: Id) -> EventState:
    """Return an event."""
    return find_event(home, event_id)


@router.delete("/{event_id}", status_code=204, operation_id="remove_event")
@needs(Permission.REVIEW)
def delete_event(home: Home, event_id: Id) -> None:
    """Remove an event of yours; those that come with Presslens stay."""
    remove_event(home, event_id)
