"""A view of an archive is read once a revision, and follows what is written at once."""

from datetime import date
from functools import partial

from sqlalchemy import select

from presslens.app.db.archive_view import (
    LARGE,
    LONGEST_PAUSE,
    PAUSES,
    Pace,
    archive_view,
    by_answers,
    by_revision,
)
from presslens.app.db.claims import EventRow
from presslens.app.db.publications import PublicationRow

DAY = date(2025, 12, 1)


def test_an_archive_is_asked_once_a_revision_and_once_in_what_people_say(home, put, scans):
    asked = []

    @by_answers
    def events(session):
        asked.append("events")
        return session.scalars(select(EventRow.title)).all()

    @by_revision
    def newspapers(session, letter):
        asked.append(letter)
        return session.scalars(select(PublicationRow.name)).all()

    def ask(database=home.database):
        with database.read() as session:
            return events(session), newspapers(session, "a"), newspapers(session, "b")

    ask()
    assert asked == ["events", "a", "b"]
    ask()
    assert asked == ["events", "a", "b"]
    put(scans)  # editions, no answers: but a newspaper may be new
    with home.database.read() as session:
        assert archive_view(session) is archive_view(session)
    asked.clear()
    with home.database.write() as session:
        session.add(EventRow(event_date=DAY, title="told", source="s"))
        assert "told" in events(session), "a transaction sees what it has written"
        assert "told" in events(session)
    assert asked == ["events", "events"]
    asked.clear()
    assert "told" in ask()[0]
    assert asked == ["events", "a", "b"]


def test_a_request_reads_the_revision_once_until_it_writes(home):
    pinned = home.pinned()
    before = pinned.database.view()
    with home.database.write() as session:
        session.add(EventRow(event_date=DAY, title="told", source="s"))
    assert pinned.database.view() is before
    assert home.database.view().number > before.number
    assert home.pinned().database.view().number > before.number
    progress = iter(range(9))
    in_request = partial(pinned.database.views.in_request, "progress", partial(next, progress))
    assert [in_request(), in_request()] == [0, 0]
    with pinned.database.write() as session:
        session.add(EventRow(event_date=DAY, title="again", source="s"))
    assert pinned.database.view().number == before.number + 2
    assert in_request() == 1
    assert [home.database.views.in_request("progress", partial(next, progress)) for _ in "ab"] == [
        2,
        3,
    ]


def test_what_was_computed_of_an_earlier_revision_fills_no_memory(home):
    for title in "abc":
        with home.database.write() as session:
            session.add(EventRow(event_date=DAY, title=title, source="s"))
        home.database.view().result(("result", title), lambda: bytes(900))
        home.database.view().once(("once", title), lambda: bytes(900), answers=True)
        assert home.database.view().cache.bytes < 10_000


def test_who_reads_a_frozen_archive_drops_nothing_of_later_revisions(home, tmp_path):
    with home.database.frozen(tmp_path) as frozen:
        before = frozen.view().number
        with home.database.write() as session:
            session.add(EventRow(event_date=DAY, title="a", source="s"))
        home.database.view().result("result", lambda: 1)
        assert frozen.view().result("other", lambda: 2) == 2
        assert frozen.view().number == before
    assert home.database.view().result("result", lambda: 3) == 1


def test_in_a_large_archive_a_workers_editions_count_after_a_pause():
    pace = Pace()
    follow = partial(pace.follow, photos=LARGE)
    assert follow(1, 1, now=100.0) == 1
    pace.spend(4.0)
    assert follow(2, 1, now=101.0) == 1
    assert follow(3, 1, now=100.0 + 4 * PAUSES) == 3
    assert follow(4, 1, now=100.1 + 4 * PAUSES) == 4  # nothing was made of it yet
    pace.spend(1000.0)
    assert follow(5, 1, now=130.0) == 4
    assert follow(6, 2, now=130.0) == 6  # what people say counts at once
    pace.spend(1000.0)
    assert follow(7, 2, now=130.0 + LONGEST_PAUSE) == 7


def test_in_a_small_archive_a_workers_editions_count_at_once():
    pace = Pace()
    assert pace.follow(1, 1, now=100.0, photos=LARGE - 1) == 1
    pace.spend(1000.0)
    assert pace.follow(2, 1, now=100.0, photos=LARGE - 1) == 2
