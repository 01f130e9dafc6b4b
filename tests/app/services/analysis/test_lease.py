"""Leases keep workers apart; without them nothing would be wrong, only slow."""

import os
import platform
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from presslens.app.db.columns import JobKind
from presslens.app.db.tables import LeaseRow, OutcomeRow
from presslens.app.services.analysis.jobs import JOBS, MOST_ATTEMPTS
from presslens.app.services.analysis.lease import (
    FORGOTTEN,
    LeasedKey,
    WorkList,
    fail,
    finish,
    free_keys,
    lease_keys,
    let_run_out,
    new_owner,
    release,
    renew,
    take_over,
)
from presslens.app.services.analysis.record import leased_page, record
from presslens.app.services.analysis.workload import workload
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.ingest.unpack import unpack
from presslens.pipelines.task import PageResult, PageTask

from ...first_states import made_once
from ...flaky_engine import DROPPED

pytestmark = pytest.mark.both_databases


@pytest.fixture
@made_once
def unpacked(home, put, scans, sandbox, now):
    edition = put(scans).edition_id
    unpack(home, edition, sandbox, now=now)


def leases(home):
    with home.database.read() as session:
        return session.scalars(select(LeaseRow).order_by(LeaseRow.key)).all()


def lease_one(home, owner, *, now, kind=JobKind.OBSERVE):
    """Lease one free key as a worker does; None if there is none."""
    with home.database.read() as session:
        work = JOBS[kind].waiting(session, home.recipe)
        keys = free_keys(session, work, now=now, most=20)
    leased = lease_keys(home, work, keys, owner, now=now)
    return leased[0] if leased else None


def lease_page(home, owner, *, now):
    found = lease_one(home, owner, now=now)
    return None if found is None else leased_page(home, *found)


def test_each_page_is_leased_once(home, unpacked, now):
    found = [lease_page(home, "a/1/x", now=now) for _ in range(4)]
    assert [page.source for page in found[:3]] == ["page_1.png", "page_2.png", "page_3.png"]
    assert found[3] is None


def test_a_lease_ends_unless_it_is_renewed(home, unpacked, now):
    lease = timedelta(seconds=home.settings.lease_seconds)
    for _ in range(3):
        lease_page(home, "a/1/x", now=now)
    assert lease_page(home, "b/1/x", now=now + lease) is None
    late = now + lease + timedelta(seconds=1)
    renew(home, "a/1/x", now=now + lease)
    assert lease_page(home, "b/1/x", now=late) is None
    again = lease_page(home, "b/1/x", now=late + lease)
    assert (again.source, again.attempts) == ("page_1.png", 2)


def test_what_is_released_is_free(home, unpacked, now):
    page = lease_page(home, "a/1/x", now=now)
    release(home, "a/1/x")
    assert leases(home) == []
    assert lease_page(home, "b/1/x", now=now) == page


def test_a_page_over_which_a_worker_was_lost_is_leased_alone_and_last(home, unpacked, now):
    late = now + timedelta(seconds=home.settings.lease_seconds + 1)
    lost = lease_one(home, "a/1/x", now=now)
    with home.database.read() as session:
        work = JOBS[JobKind.OBSERVE].waiting(session, home.recipe)
        keys = free_keys(session, work, now=late, most=20)
    assert keys[-1] == lost.key
    fresh = lease_keys(home, work, keys, "b/1/x", now=late, most=3)
    assert [c.attempts for c in fresh] == [1, 1]
    assert lease_keys(home, work, keys, "b/1/x", now=late, most=3) == [LeasedKey(lost.key, 2)]


def test_work_that_is_given_up_is_leased_no_more(home, unpacked, now):
    with home.database.read() as session:
        keys = JOBS[JobKind.OBSERVE].waiting(session, home.recipe).keys
    work = WorkList(JobKind.INTERPRET, "v", keys, most_attempts=2)
    times = [now + timedelta(days=i) for i in range(3)]
    leased = [len(lease_keys(home, work, [1], "a/1/x", now=time)) for time in times]
    assert leased == [1, 1, 0]
    assert len(lease_keys(home, replace(work, version="w"), [1], "a/1/x", now=now)) == 1


def failed(home, key, owner, *, now, pause=2.0):
    """Fail a page's lease as its worker does; return its failures."""
    lease = JobKind.OBSERVE, home.recipe.observation_id
    with home.database.write() as session:
        return fail(session, *lease, key, owner, now=now, pause=pause)


def test_failed_work_is_tried_again_after_a_pause_and_not_renewed(home, unpacked, now):
    found = lease_one(home, "a/1/x", now=now)
    version = home.recipe.observation_id
    assert failed(home, found.key, "a/1/x", now=now) == 1
    assert failed(home, 99, "a/1/x", now=now) is None
    renew(home, "a/1/x", now=now)
    take_over(home, now=now)
    leased = [lease_one(home, "b/1/x", now=now) for _ in range(3)]
    assert leased[-1] is None
    after = now + timedelta(seconds=4.5)
    leased[-1] = lease_one(home, "b/1/x", now=after)
    assert leased[-1] == LeasedKey(found.key, 2)
    with home.database.write() as session:
        finish(session, JobKind.OBSERVE, version, [c.key for c in leased], "b/1/x")
    assert leases(home) == []


def test_the_pause_grows_with_each_failure_up_to_the_longest(home, unpacked, now):
    pauses = []
    for _ in range(7):
        key = lease_one(home, "a/1/x", now=now).key
        lease_one(home, "b/1/x", now=now)
        lease_one(home, "b/1/x", now=now)
        failed(home, key, "a/1/x", now=now)
        (until,) = [lease.until_at for lease in leases(home) if lease.key == key]
        pauses.append((until - now).total_seconds())
        renew(home, "b/1/x", now=until + timedelta(seconds=1))
        now = until + timedelta(seconds=1)
    assert pauses == [4, 8, 16, 32, 60, 60, 60]


def test_a_late_worker_ends_no_lease_of_another(home, unpacked, engine, now):
    page = lease_page(home, "a/1/x", now=now)
    for _ in range(2):
        lease_page(home, "c/1/x", now=now)
    late = now + timedelta(seconds=home.settings.lease_seconds + 1)
    renew(home, "c/1/x", now=late)
    assert lease_page(home, "b/1/x", now=late).scan_id == page.scan_id
    before = [(lease.owner, lease.until_at, lease.failures) for lease in leases(home)]
    version = home.recipe.observation_id
    assert record(home, page, PageResult("1", failure=DROPPED), "a/1/x", now=late) is None
    with home.database.write() as session:
        let_run_out(session, JobKind.OBSERVE, version, [page.scan_id], "a/1/x")
        finish(session, JobKind.OBSERVE, version, [page.scan_id], "a/1/x")
    assert [(lease.owner, lease.until_at, lease.failures) for lease in leases(home)] == before
    assert workload(home).outcomes == {}


@pytest.mark.parametrize(
    ("owner", "free"),
    [
        (f"{platform.node()}/{2**22 + 1}/x", True),
        (f"{platform.node()}/{os.getpid()}/x", False),
        ("elsewhere/1/x", False),
    ],
    ids=["dead", "alive", "elsewhere"],
)
def test_only_what_the_dead_hold_is_taken_over(home, unpacked, put, make, now, owner, free):
    lease_page(home, owner, now=now)
    put({"a.png": make(tint=1)})
    edition = lease_one(home, owner, now=now, kind=JobKind.UNPACK)
    take_over(home, now=now)
    second = lease_page(home, "b/1/x", now=now)
    third = lease_page(home, "b/1/x", now=now)
    fourth = lease_page(home, "b/1/x", now=now)
    assert [w.source for w in (second, third)] == ["page_2.png", "page_3.png"]
    assert (fourth is not None) is free
    again = lease_one(home, "b/1/x", now=now, kind=JobKind.UNPACK)
    assert again == (LeasedKey(edition.key, 2) if free else None)


def test_leases_that_ended_long_ago_are_deleted(home, unpacked, now):
    lease_page(home, "elsewhere/1/x", now=now)
    take_over(home, now=now + FORGOTTEN)
    assert len(leases(home)) == 1
    take_over(home, now=now + 2 * FORGOTTEN)
    assert leases(home) == []


def test_many_at_once_get_different_pages(home, put, make, sandbox, now):
    files = {f"{i}.png": make(tint=i) for i in range(24)}
    unpack(home, put(files).edition_id, sandbox, now=now)
    found = []

    def work():
        owner = new_owner()
        while (page := lease_one(home, owner, now=now)) is not None:
            found.append(page.key)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(set(found)) == 24


def test_a_double_lease_is_harmless(home, unpacked, engine, now):
    page = lease_page(home, "a/1/x", now=now)
    task = PageTask("1", home.storage.scan(page.sha256), page.sha256, 0, page.source)
    results = list(engine.run([task, task, task]))
    record(home, page, results[0], "a/1/x", now=now)
    once = canonical_dump(home)
    threads = [
        threading.Thread(target=record, args=(home, page, result, "a/1/x"), kwargs={"now": now})
        for result in results[1:]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    record(home, page, PageResult("1", failure=DROPPED), "a/1/x", now=now)
    assert canonical_dump(home) == once


def test_a_page_that_failed_is_tried_again_and_then_given_up(home, worker, engine, put, scans):
    engine.failures = {"page_1.png": 1, "page_2.png": 99}
    put(scans)
    worker.drain()
    with home.database.read() as session:
        rows = session.scalars(select(OutcomeRow).order_by(OutcomeRow.scan_id)).all()
        assert [row.status.value for row in rows] == ["done", "failed", "empty"]
        assert rows[1].detail == "it was dropped"
    assert engine.runs.count("page_1.png") == 2
    assert engine.runs.count("page_2.png") == 3
    assert leases(home) == []
    assert not worker.round()


def test_a_page_that_kills_its_workers_is_given_up(home, worker, unpacked, engine, now):
    long_ago = now - timedelta(days=1)
    with home.database.write() as session:
        for scan_id in (1, 2):
            session.add(
                LeaseRow(
                    kind=JobKind.OBSERVE,
                    key=scan_id,
                    version=home.recipe.observation_id,
                    owner="gone/1/x",
                    until_at=long_ago,
                    attempts=MOST_ATTEMPTS - scan_id + 1,
                    failures=2 - scan_id + 1,
                )
            )
    worker.drain()
    assert "page_1.png" not in engine.runs
    assert workload(home).outcomes == {"failed": 1, "done": 1, "empty": 1}


def test_a_clock_that_is_put_back_keeps_no_work_from_being_done(home, unpacked, now):
    elsewhere = "another machine/1/0"
    tomorrow = now + timedelta(days=1)
    assert lease_page(home, elsewhere, now=tomorrow) is not None
    held = leases(home)[0].key
    renew(home, new_owner(), now=tomorrow)
    assert lease_page(home, elsewhere, now=now).scan_id != held
    renew(home, new_owner(), now=now)  # a worker's heartbeat
    with home.database.read() as session:
        work = JOBS[JobKind.OBSERVE].waiting(session, home.recipe)
        assert held in free_keys(session, work, now=now, most=20)
