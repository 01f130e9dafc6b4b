"""A view of an archive is read once a revision, and follows what is written at once."""

import contextvars
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from threading import Event
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from presslens.app.db import archive_view as archive_view_module
from presslens.app.db.archive_view import (
    LARGE,
    LATELY,
    LONGEST_PAUSE,
    SHARED,
    Revisions,
    Views,
    archive_view,
    by_answers,
    by_revision,
)
from presslens.app.db.claims import EventRow
from presslens.app.db.publications import PublicationRow
from presslens.app.services.catalogue.publications import list_publications, publication_names
from presslens.pipelines.cache import Cache

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


@pytest.fixture
def revisions(monkeypatch):
    """Return revisions of an archive whose results are renewed when a test says so."""
    renewals = []
    monkeypatch.setattr(
        archive_view_module,
        "_BACKGROUND",
        SimpleNamespace(submit=lambda *job: renewals.append(job)),
    )
    revisions = Revisions(Cache(10_000))
    revisions.has_readers = True
    return revisions, renewals


def renew(job):
    """Renew results as the background does, in a context of its own."""
    contextvars.copy_context().run(*job)


def test_in_a_large_archive_a_workers_edition_counts_once_the_latest_results_are_renewed(revisions):
    revisions, renewals = revisions
    follow = partial(revisions.follow, photos=LARGE)
    of_database, computed = [1], []

    def total():
        computed.append("total")
        return of_database[0]

    def ask(number, answers, now=100.0):
        view = follow(number, answers, now)
        return view.number, view.result("total", total)

    assert ask(1, 1) == (1, 1)
    of_database[0] = 2
    assert [ask(2, 1), ask(3, 1)] == [(1, 1), (1, 1)], "nobody waits for what is renewed"
    assert len(renewals) == 1
    renew(renewals.pop())
    assert ask(2, 1) == (2, 2)
    assert computed == ["total", "total"], "one who asks finds it renewed"
    of_database[0] = 4
    assert ask(4, 2) == (4, 4), "what people say counts at once"
    assert ask(5, 2, now=time.monotonic() - LONGEST_PAUSE) == (4, 4)
    assert not renewals, "results are renewed again after a pause"
    assert ask(5, 2, now=time.monotonic() + LONGEST_PAUSE) == (4, 4)
    assert len(renewals) == 1
    of_database[0] = 6
    assert ask(6, 3) == (6, 6)
    renew(renewals.pop())
    assert ask(6, 3) == (6, 6), "what was renewed of before an answer never counts"


def test_what_is_asked_for_meanwhile_and_what_was_asked_for_lately_is_renewed_too(revisions):
    revisions, renewals = revisions
    computed = []

    def ask(number, *names):
        view = revisions.follow(number, 1, time.monotonic() + LONGEST_PAUSE, photos=LARGE)
        for name in names:
            view.result(name, partial(compute, name))

    def compute(name):
        computed.append(name)
        if computed.count("slow") == 2 and name == "slow":
            ask(2, "meanwhile")

    ask(1, "slow", "once")
    ask(2)
    renew(renewals.pop())
    assert computed == ["slow", "once", "slow", "meanwhile", "once", "meanwhile"] or (
        computed == ["slow", "once", "once", "slow", "meanwhile", "meanwhile"]
    )
    computed.clear()
    ask(3, "slow")
    renew(renewals.pop())
    assert sorted(computed) == ["meanwhile", "once", "slow"], "of the revision before too"
    ask(4)
    computed.clear()
    renew(renewals.pop())
    assert computed == ["slow"], "what nobody asks for any more is not"


def test_what_cannot_be_renewed_keeps_no_revision_from_counting(revisions):
    revisions, renewals = revisions
    rows = [1]
    view = revisions.follow(1, 1, 0.0, photos=LARGE)
    assert [view.result(name, lambda: rows[0]) for name in "ab"] == [1, 1]
    rows.clear()
    revisions.follow(2, 1, 1.0, photos=LARGE)
    renew(renewals.pop())
    view = revisions.follow(2, 1, 1.0, photos=LARGE)
    assert view.number == 2
    with pytest.raises(IndexError):
        view.result("a", lambda: rows[0])


def test_in_a_small_archive_a_workers_editions_count_at_once(revisions):
    revisions, renewals = revisions
    numbers = [revisions.follow(n, 1, 0.0, photos=LARGE - 1).number for n in (1, 2, 3, 2)]
    assert (numbers, renewals) == ([1, 2, 3, 2], [])


def test_in_a_large_archive_a_worker_reads_the_latest_revision(revisions):
    revisions, renewals = revisions
    revisions.has_readers = False
    numbers = [revisions.follow(n, 1, 0.0, photos=LARGE).number for n in (1, 2, 3)]
    assert (numbers, renewals) == ([1, 2, 3], [])


def test_a_large_archive_computes_one_result_at_a_time_and_those_within_it(revisions):
    revisions, _ = revisions
    view = revisions.follow(1, 1, 0.0, photos=LARGE)

    def compute():
        with ThreadPoolExecutor(1) as other:
            assert not other.submit(revisions.turn.acquire, blocking=False).result()
        return view.result("part", lambda: 1) + 1

    assert [view.result("whole", compute), view.result("whole", compute)] == [2, 2]


def test_results_that_are_begun_before_an_archive_is_large_wait_for_none_after_it(revisions):
    revisions, _ = revisions
    small = revisions.follow(1, 1, 0.0, photos=LARGE - 1)
    begun, grown = Event(), Event()

    def outer():
        begun.set()
        grown.wait()
        return small.result("inner", lambda: 1)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(small.result, "outer", outer)
        begun.wait()
        large = revisions.follow(1, 1, 0.0, photos=LARGE)
        second = threads.submit(large.result, "outer", lambda: 2)
        while not revisions.turn.locked():
            time.sleep(0.001)
        grown.set()
        assert [first.result(), second.result()] == [1, 1]


def test_a_new_newspaper_of_a_large_archive_is_listed_before_a_revision_counts(
    home, put, scans, monkeypatch
):
    monkeypatch.setattr(archive_view_module, "LARGE", 0)
    monkeypatch.setattr(archive_view_module, "_BACKGROUND", SimpleNamespace(submit=lambda *_: 0))
    home.database.views.revisions.has_readers = True

    def listed(home):
        assert home.database.view().number == counting
        listed = list_publications(home)
        assert publication_names(home) == [paper.name for paper in listed]
        return [(paper.name, paper.editions) for paper in listed]

    counting = home.database.view().number
    assert listed(home.pinned()) == [("Rodong Sinmun", 0)]
    put(scans)
    put(scans, publication="Pyongyang Times")
    assert listed(home.pinned()) == [("Pyongyang Times", 1), ("Rodong Sinmun", 1)]


def test_readers_of_a_large_archive_share_what_moves_until_one_writes(home, monkeypatch):
    monkeypatch.setattr(archive_view_module, "LARGE", 0)
    monkeypatch.setattr(archive_view_module, "LATELY", 1e9)
    home.database.views.revisions.has_readers = True
    progress = partial(next, iter(range(9)))

    def ask(one=None):
        one = one or home.pinned()
        one.database.view()
        return one.database.views.in_request("progress", progress)

    assert [ask(), ask()] == [0, 0]
    writer = home.pinned()
    with writer.database.write() as session:
        session.add(EventRow(event_date=DAY, title="told", source="s"))
    assert [ask(writer), ask()] == [1, 1]


def test_while_one_reads_progress_again_others_get_it_as_it_was(monkeypatch):
    seconds = [0.0]
    monkeypatch.setattr(archive_view_module, "time", SimpleNamespace(monotonic=lambda: seconds[0]))
    cache = Cache(10**6)
    revisions = Revisions(cache)
    revisions.is_large = True
    meanwhile = []

    def ask(answer, took=0.0, meet=None):
        def read():
            seconds[0] += took
            if meet is not None:
                meanwhile.append(meet())
            return answer

        return Views(cache, revisions, pinned=True).in_request("progress", read)

    assert [ask("first", took=1.0), ask("not read")] == ["first", "first"]
    seconds[0] += SHARED - 0.1
    assert ask("not read") == "first"
    seconds[0] += 0.2
    assert ask("second", meet=lambda: ask("not read")) == "second"
    assert meanwhile == ["first"]
    assert ask("not read") == "second"
    seconds[0] += 3 * LATELY
    assert ask("third", meet=revisions.note_write) == "third"
    assert ask("fourth") == "fourth", "what was read beside a writer is not for who comes after"


def test_what_needs_no_transaction_is_read_again_in_the_background(monkeypatch):
    seconds, submitted = [0.0], []
    monkeypatch.setattr(archive_view_module, "time", SimpleNamespace(monotonic=lambda: seconds[0]))
    background = SimpleNamespace(submit=submitted.append)
    monkeypatch.setattr(archive_view_module, "_BACKGROUND", background)
    cache = Cache(10**6)
    revisions = Revisions(cache)
    revisions.is_large = True

    def ask(answer):
        views = Views(cache, revisions, pinned=True)
        return views.in_request("progress", lambda: answer, alone=True)

    assert ask("first") == "first"
    seconds[0] += LATELY + 0.1
    assert [ask("second"), ask("not read")] == ["first", "first"]
    (again,) = submitted
    again()
    assert ask("not read") == "second"
    seconds[0] += LONGEST_PAUSE + 0.1
    assert ask("third") == "third", "nobody gets what is older than a minute"
