"""What goes on for ever outlives each outage: the database is locked under each thread and loop."""

import ast
import sqlite3
import threading
import time
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from presslens.app import installation as tidying_module
from presslens.app import worker as worker_module
from presslens.app.db.workers import WorkerRow
from presslens.app.installation import open_installation, tidying
from presslens.app.platform.errors import OUTAGES, NoDatabase
from presslens.app.services.analysis import jobs as jobs_module
from presslens.app.services.analysis.lease import hand_back, lease_keys
from presslens.app.services.analysis.presence import live_workers
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.worker import open_worker

APP = Path(__file__).parents[2] / "app"
PATIENCE = 60.0

TRIED_HERE = {"heartbeat", "tidying"}
WITHOUT_A_DATABASE = {"supervisor", "progress", "<lambda>"}
"""They look at a process, a terminal and a socket."""
OF_POSTGRESQL = {"night-lock"}
"""It asks whether a connection is there, and ends for good when that is lost."""


def test_each_thread_of_the_service_is_tried():
    found = {
        name
        for path in APP.rglob("*.py")
        if "drill" not in path.relative_to(APP).parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "threading.Thread"
        for name in [_name(node)]
    }
    assert found == TRIED_HERE | WITHOUT_A_DATABASE | OF_POSTGRESQL


def _name(call):
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if "name" in given:
        return given["name"].value
    return "<lambda>" if isinstance(given["target"], ast.Lambda) else ast.unparse(given["target"])


def await_that(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


@contextmanager
def locked(home):
    """Lock a database as another program does."""
    with closing(sqlite3.connect(home.database.engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


def said(logs, words):
    return sum(one["event"].startswith(words) for one in logs)


@pytest.fixture
def hasty(settings, home):
    """The installation for those who wait shortly, and renew their leases often."""
    settings = settings.model_copy(update={"lease_seconds": 0.3})
    with open_installation(settings, patience=0.05) as opened:
        yield opened


@pytest.fixture
def working(hasty, engine, plain):
    """A worker of such an installation."""
    with open_worker(
        hasty, threading.Event(), engine=lambda _: nullcontext(engine), interpreter=lambda _: plain
    ) as opened:
        yield opened


@pytest.mark.sqlite_alone
def test_the_heartbeat_goes_on_after_a_lock(home, hasty, working):
    with capture_logs() as logs:
        with locked(hasty):
            await_that(lambda: said(logs, "leases not renewed") > 1)
        query = select(WorkerRow.seen_at)
        with home.database.read() as session:  # who looks on has the patience to
            before = session.scalar(query)

        def beats():
            with home.database.read() as session:
                return session.scalar(query) > before

        await_that(beats)
    assert "heartbeat" in {thread.name for thread in threading.enumerate()}
    assert len(live_workers(home)) == 1


@pytest.mark.sqlite_alone
def test_the_worker_goes_on_after_a_lock(home, hasty, working, put, make, monkeypatch):
    monkeypatch.setattr(worker_module, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(worker_module, "LONGEST_PAUSE", 0.02)
    thread = threading.Thread(target=working.run)
    with capture_logs() as logs:
        thread.start()
        try:
            with locked(hasty):
                await_that(lambda: said(logs, "the worker waits"))
            edition = put({"a.png": make()}).edition_id
            await_that(lambda: find_edition(home, edition).status.value == "done")
        finally:
            working.tools.stop.set()
            thread.join()


def test_work_whose_lease_is_stored_and_not_answered_is_done(
    home, engine, plain, put, make, monkeypatch
):
    """The database goes away in the moment of a commit: the heartbeat would renew the lease."""
    monkeypatch.setattr(worker_module, "FIRST_PAUSE", 0.01)
    swallowed, away = [], [NoDatabase("away")]

    def lease(*args, **options):
        leased = lease_keys(*args, **options)
        if leased and not swallowed:
            swallowed.extend(leased)
            raise NoDatabase("away")
        return leased

    def back(*args, **options):
        if away:
            raise away.pop()
        hand_back(*args, **options)

    monkeypatch.setattr(jobs_module, "lease_keys", lease)
    monkeypatch.setattr(worker_module, "hand_back", back)
    edition = put({"a.png": make()}).edition_id
    with open_worker(
        home, threading.Event(), engine=lambda _: nullcontext(engine), interpreter=lambda _: plain
    ) as worker:
        thread = threading.Thread(target=worker.run)
        thread.start()
        try:
            await_that(lambda: find_edition(home, edition).status.value == "done")
        finally:
            worker.tools.stop.set()
            thread.join()
    assert swallowed


def outages():
    """Return an error of each class."""
    return [
        error("UPDATE", {}, Exception("away")) if issubclass(error, DBAPIError) else error("away")
        for error in OUTAGES
    ]


def failing_first(errors, then):
    """Return a function that raises some errors one after the other, and then sets an event."""
    left = list(errors)

    def act(*_args, **_options):
        if left:
            raise left.pop(0)
        then.set()

    return act


def test_the_heartbeat_outlives_each_outage(hasty, engine, plain, monkeypatch):
    renewed = threading.Event()
    monkeypatch.setattr(worker_module, "renew", failing_first(outages(), renewed))
    with open_worker(
        hasty, threading.Event(), engine=lambda _: nullcontext(engine), interpreter=lambda _: plain
    ):
        assert renewed.wait(PATIENCE)


def test_the_tidying_outlives_each_outage(home, monkeypatch):
    tidied = threading.Event()
    monkeypatch.setattr(tidying_module, "TIDYING_SECONDS", 0.01)
    errors = [*outages(), OSError("away")]
    monkeypatch.setattr(tidying_module, "tidy_machine", failing_first(errors, tidied))

    class InBucket(type(home.storage)):
        objects = object()

    storage = InBucket(home.storage.root)
    with tidying(replace(home, storage=storage)):
        assert tidied.wait(PATIENCE)
