"""Each thing that keeps the service from its work is named, with what to do."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from presslens.app.db.columns import JobKind
from presslens.app.db.tables import LeaseRow, OutcomeRow
from presslens.app.db.workers import WorkerRow
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis import readiness
from presslens.app.services.analysis.lease import NOBODY
from presslens.app.services.analysis.presence import announce, forget_silent
from presslens.app.services.analysis.readiness import AGEING, check_readiness
from presslens.app.storage.storage import SENTINEL
from presslens.models.recipe import Recipe
from presslens.models.registry import Manifest, Registry, sha256_of


def kinds(home, **options):
    problems = check_readiness(home, **options).problems
    assert all(one.message and one.remedy for one in problems)
    return [one.kind.value for one in problems]


def test_a_quiet_installation_is_ready(home):
    assert kinds(home) == []
    assert kinds(home, own_worker=True) == ["worker_missing"]


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(("long", "words"), [(0.0, "This server itself"), (60.0, "is locked")])
def test_a_lock_of_the_server_is_not_blamed_on_others(home, settings, monkeypatch, long, words):
    monkeypatch.setattr(readiness, "LONG_SECONDS", long)
    file = home.database.engine.url.database
    with (
        open_installation(settings, patience=0.05) as own,
        own.database.read() as session,
        closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as writer,
    ):
        session.execute(select(WorkerRow.owner)).all()
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM worker")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            writer.execute("COMMIT")  # it waits for the reader, and others for it
        locked = check_readiness(own).problems[0]
    assert locked.kind.value == "database_locked"
    assert words in str(locked.message)


@pytest.mark.sqlite_alone
def test_a_worker_that_went_without_a_word_is_named(home):
    announce(home, "machine/1/a")
    assert kinds(home, own_worker=True) == []
    with home.database.write() as session:
        session.execute(update(WorkerRow).values(seen_at=clock.now() - timedelta(minutes=10)))
    assert kinds(home) == ["worker_silent"]
    forget_silent(home)
    assert kinds(home) == []


@pytest.mark.sqlite_alone
def test_a_worker_whose_clock_was_a_year_ahead_is_no_worker(home):
    announce(home, "machine/1/a")
    with home.database.write() as session:
        session.execute(update(WorkerRow).values(seen_at=clock.now() + timedelta(days=365)))
    assert kinds(home, own_worker=True) == ["worker_silent"]
    forget_silent(home)
    assert kinds(home, own_worker=True) == ["worker_missing"]


@pytest.mark.sqlite_alone
def test_the_store_and_its_disk_are_watched(home):
    full = replace(home, storage=replace(home.storage, min_free_bytes=2**62))
    assert kinds(full) == ["disk_low"]
    (home.storage.root / SENTINEL).unlink()
    assert kinds(home) == ["store_missing"]


@pytest.mark.sqlite_alone
def test_weights_are_watched(home, tmp_path, monkeypatch):
    recipe = Recipe.load()
    names = sorted({*recipe.observe.weights, *recipe.interpret.weights})
    entries = []
    for entry in map(Manifest.load().__getitem__, names):
        (tmp_path / entry.file).write_bytes(entry.file.encode())
        sha256 = sha256_of(tmp_path / entry.file)
        entries.append(entry.model_copy(update={"sha256": sha256}))
    registry = Registry(Manifest(weight=tuple(entries)), shipped=tmp_path, packages=tmp_path)
    monkeypatch.setattr(Settings, "load_registry", lambda _: registry)
    home = replace(home, recipe=recipe)
    read = []
    monkeypatch.setattr(
        readiness, "sha256_of", lambda path: (read.append(path), sha256_of(path))[1]
    )
    assert kinds(home) == []
    assert kinds(home) == []
    assert len(read) == len(names)  # read again only where they have changed
    missing, altered = (tmp_path / entry.file for entry in entries[:2])
    missing.unlink()
    altered.write_bytes(bytes([altered.read_bytes()[0] ^ 1]) + altered.read_bytes()[1:])
    problems = check_readiness(home).problems
    assert {one.kind.value for one in problems} == {"weights_missing", "weights_altered"}
    assert {missing.name, altered.name} == {one.message.values["file"] for one in problems}
    altered.unlink()
    assert kinds(home) == ["weights_missing"] * 2


def test_a_queue_that_ages_is_named_unless_it_is_worked_off(
    home, put, worker, scans, make, monkeypatch
):
    now = clock.now()
    put(scans, now=now)
    worker.drain()
    put({"a.png": make(tint=7)}, now=now, day=date(2019, 12, 17))
    assert kinds(home) == []
    monkeypatch.setattr(clock, "now", lambda: now + AGEING + timedelta(minutes=1))
    announce(home, worker.tools.owner)
    assert kinds(home) == ["queue_ageing"]
    with home.database.write() as session:
        session.execute(update(OutcomeRow).values(seen_at=clock.now() - timedelta(minutes=2)))
    assert kinds(home) == []


def test_work_that_fails_again_and_again_is_named(home):
    announce(home, "machine/1/a")
    lease = {"kind": JobKind.OBSERVE, "key": 1, "version": "v", "owner": NOBODY}
    with home.database.write() as session:
        session.add(LeaseRow(**lease, until_at=clock.now(), failures=2))
    assert kinds(home) == []
    with home.database.write() as session:
        session.get_one(LeaseRow, (JobKind.OBSERVE, 1, "v")).failures = 3
    assert kinds(home) == ["work_failing"]
