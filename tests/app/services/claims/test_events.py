"""Events are kept once, and found by day and newspaper."""

from dataclasses import replace
from datetime import date

import pytest

from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.claims.events import (
    EventFilter,
    NewEvent,
    add_event,
    find_event,
    iterate_events,
    list_events,
    remove_event,
)

EVENT = NewEvent(date(2019, 12, 16), "A bridge is opened", place="Kaesong", leader_attended=True)


def test_the_same_event_is_kept_once(home):
    event_id, new = add_event(home, EVENT)
    assert new
    assert add_event(home, EVENT) == (event_id, False)
    found = find_event(home, event_id)
    assert (found.place, found.leader_attended, found.publication) == ("Kaesong", True, None)
    with pytest.raises(Conflict):
        add_event(home, replace(EVENT, place="Wonsan"))
    remove_event(home, event_id)
    with pytest.raises(NotFound):
        find_event(home, event_id)


@pytest.mark.parametrize(
    "change",
    [{"title": ""}, {"title": "a\0"}, {"title": "x" * 256}, {"place": "a\nb"},
     {"source": "x" * 4001}, {"publication": "No Such Paper"}],
)  # fmt: skip
def test_what_can_not_be_kept(home, change):
    with pytest.raises(InvalidRequest):
        add_event(home, replace(EVENT, **change))


def test_events_of_a_newspaper_are_its_own_and_those_of_none(home, put, scans):
    put(scans, publication="Minju Choson")
    add_event(home, EVENT)
    add_event(home, replace(EVENT, title="Its issue", publication="Minju Choson"))
    add_event(home, replace(EVENT, title="Their issue", publication="Rodong Sinmun"))
    wanted = EventFilter(first=EVENT.day, last=EVENT.day, publication="Minju Choson")
    assert [event.title for event in iterate_events(home, wanted)] == [EVENT.title, "Its issue"]


def test_the_inaugurations_are_there(home):
    week = EventFilter(first=date(2025, 12, 15), last=date(2025, 12, 19))
    events = list(iterate_events(home, week))
    attended = [event.place for event in events if event.leader_attended]
    assert attended == ["Kangdong County", "Changyon County, South Hwanghae Province"]
    assert len([event for event in events if event.leader_attended is not None]) == 10
    assert {event.publication for event in events} == {"Rodong Sinmun"}
    editions = [str(event.day) for event in events if event.title.startswith("Edition of")]
    assert editions == ["2025-12-16", "2025-12-19"]
    with pytest.raises(Conflict):
        remove_event(home, events[0].id)
    part = list_events(home, week, limit=5)
    rest = list_events(home, week, limit=50, start=part.next_cursor)
    assert [*part.items, *rest.items] == events
