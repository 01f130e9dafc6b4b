"""A moved database has each row of the other one, however often the move was killed."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import create_engine, text

import presslens.app.preservation.database_move
import presslens.app.preservation.move_state
from presslens.app.db.session import Database
from presslens.app.installation import (
    alone,
    init_installation,
    open_installation,
    upgrade_installation,
)
from presslens.app.platform.errors import (
    Conflict,
    DatabaseLocked,
    InvalidRequest,
    NoDatabase,
    WrongVersion,
)
from presslens.app.platform.settings import Settings
from presslens.app.preservation.database_move import move_database
from presslens.app.preservation.move_state import alone_on, check_reachable, open_target
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.lab.soak.postgresql_server import run_statement

from ..conftest import RECIPE

KILLED = """
import os, signal, sys
import presslens.app.preservation.database_move as move
from presslens.app.platform.settings import Settings

def come(done, total, table):
    if done >= int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

move.BATCH = 2
move.move_database(Settings(), sys.argv[1], progress=come)
"""


@pytest.fixture
def source(filled, tmp_path):
    """Return the settings of an archive on SQLite that nobody has open."""
    settings = Settings(data_dir=tmp_path / "data", recipe=RECIPE, processes=0, min_free_bytes=0)
    shutil.copytree(filled / "data", settings.data_dir)
    return settings


@pytest.fixture
def target(postgresql, tmp_path):
    """Return the URL of an empty PostgreSQL database."""
    name = f"moved_{abs(hash(tmp_path)):x}"
    run_statement(postgresql, f"CREATE DATABASE {name}")
    yield postgresql.replace("/postgres?", f"/{name}?")
    run_statement(postgresql, f"DROP DATABASE {name} WITH (FORCE)")


def file_of(settings):
    return settings.data_dir / "presslens.db"


def tables_of(settings):
    with closing(sqlite3.connect(file_of(settings))) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        names = {name for (name,) in connection.execute(query)} - {"alembic_version"}
        return {n: connection.execute(f"SELECT count(*) FROM {n}").fetchone()[0] for n in names}


def opened(settings):
    with open_installation(settings):
        pass


def execute(url, statement):
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_moved_installation_is_the_same(source, target, make, subtests):
    before = file_of(source).read_bytes()
    with open_installation(source) as home:
        dump = canonical_dump(home)
    counts = []
    moved = move_database(source, target, progress=lambda *count: counts.append(count))
    assert {name: one.rows for name, one in moved.tables.items()} == tables_of(source)
    assert (moved.rows, moved.resumed) == (sum(tables_of(source).values()), False)
    assert "options" not in moved.database_url  # nor anything else that was not given
    assert counts[-1][:2] == (2 * moved.rows, 2 * moved.rows)
    assert file_of(source).read_bytes() == before
    there = source.model_copy(update={"database_url": target})
    with open_installation(there) as home:
        assert canonical_dump(home) == dump
        with home.database.read() as session:
            names = session.scalars(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            )
            assert not [name for name in names if name.startswith("move")]
        with home.database.write() as session, subtests.test("no id is given again"):
            query = "SELECT max(id), nextval(pg_get_serial_sequence('photo', 'id')) FROM photo"
            highest, following = session.execute(text(query)).one()
            assert following > highest
    for other in (target, target.replace("/moved_", "/other_")):
        with pytest.raises(Conflict, match="has moved to postgresql://"):
            move_database(source, other)
    for door in (init_installation, upgrade_installation, opened):
        with subtests.test(door.__name__), pytest.raises(WrongVersion, match="has moved to"):
            door(source)
    file_of(source).with_suffix(".db.moved").unlink()
    with pytest.raises(Conflict, match="in use"):
        move_database(source, target)
    opened(source)
    with pytest.raises(InvalidRequest, match="already"):
        move_database(there, target)


def test_a_move_that_is_killed_goes_on(source, target, tmp_path):
    environment = {**os.environ, "PRESSLENS_DATA_DIR": str(source.data_dir),
                   "PRESSLENS_RECIPE": str(RECIPE)}  # fmt: skip
    total = 2 * sum(tables_of(source).values())
    for part in (0.2, 0.8):
        died = subprocess.run(
            [sys.executable, "-c", KILLED, target, str(int(part * total))], env=environment
        )
        assert died.returncode == -signal.SIGKILL
        there = source.model_copy(update={"database_url": target})
        with pytest.raises(WrongVersion, match="being moved"), open_installation(there):
            pass
    done = subprocess.run(
        [sys.executable, "-m", "presslens", "migrate", "--json"],
        env={**environment, "PRESSLENS_MIGRATE_TO": target},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["resumed"]
    assert {name: one["rows"] for name, one in told["tables"].items()} == tables_of(source)
    file_of(source).with_suffix(".db.moved").unlink()
    with open_installation(source) as home:
        dump = canonical_dump(home)
    with open_installation(there) as home:
        assert canonical_dump(home) == dump


class Ended(Exception):
    """The move ends here."""


def begin(source, target):
    """Move a part, and end."""

    def end(done, _total, _table):
        if done > 40:
            raise Ended

    with pytest.raises(Ended):
        move_database(source, target, progress=end)


def test_a_source_that_changed_meanwhile_is_moved_from_the_beginning(
    source, target, monkeypatch, tmp_path
):
    monkeypatch.setattr(presslens.app.preservation.database_move, "BATCH", 5)
    begin(source, target)
    with closing(sqlite3.connect(file_of(source))) as connection:
        connection.execute("UPDATE publication SET name = 'Tongil Sinbo' WHERE id = 1")
        connection.commit()
    moved = move_database(source, target)
    assert not moved.resumed
    there = source.model_copy(update={"database_url": target})
    with open_installation(there) as home, home.database.read() as session:
        name = session.scalar(text("SELECT name FROM publication WHERE id = 1"))
    assert name == "Tongil Sinbo"


def test_a_part_of_another_installation_is_left_alone(source, target, monkeypatch, tmp_path):
    monkeypatch.setattr(presslens.app.preservation.database_move, "BATCH", 5)
    begin(source, target)
    shutil.copytree(source.data_dir, tmp_path / "other")
    other = Settings(data_dir=tmp_path / "other", recipe=RECIPE)
    with pytest.raises(Conflict, match="another installation"):
        move_database(other, target)
    assert move_database(source, target).resumed


def test_a_row_that_becomes_another_one_is_found(source, target, monkeypatch):
    write = presslens.app.preservation.database_move._write

    def bend(connection, table, rows):
        write(connection, table, rows)
        if table.name == "photo":
            connection.execute(text("UPDATE photo SET x1 = x1 + 1e-9 WHERE id = 2"))

    monkeypatch.setattr(presslens.app.preservation.database_move, "_write", bend)
    with pytest.raises(InvalidRequest, match=r"photo .* the row \(2,\)"):
        move_database(source, target)


def test_a_row_that_postgresql_can_not_have_is_named(source, target):
    with closing(sqlite3.connect(file_of(source))) as connection:
        query = "SELECT edition_id, position FROM upload_file ORDER BY 1 DESC, 2 DESC"
        edition, position = connection.execute(query).fetchone()
        last = f"WHERE edition_id = {edition} AND position = {position}"
        connection.execute(f"UPDATE upload_file SET name = 'a' || char(0) || 'b' {last}")
        connection.commit()
    named = f"upload_file with edition_id {edition}, position {position} can't"
    with pytest.raises(InvalidRequest, match=named):
        move_database(source, target)
    with closing(sqlite3.connect(file_of(source))) as connection:
        connection.execute(f"UPDATE upload_file SET name = 'a', size = {2**40} {last}")
        connection.commit()
    assert not move_database(source, target).resumed


def test_a_target_that_others_have_open_is_left_alone(source, target):
    with closing(Database(target)) as other, other.read() as session:
        session.scalar(text("SELECT 1"))
        with pytest.raises(Conflict, match="stop the servers"):
            move_database(source, target)
    execute(target, "SELECT 1")  # by another program
    assert move_database(source, target).rows


def test_two_moves_do_not_meet(source, target, monkeypatch):
    monkeypatch.setattr(presslens.app.preservation.move_state, "PATIENCE_SECONDS", 0.1)
    with (
        closing(open_target(target)) as other,
        alone_on(other),
        pytest.raises(Conflict, match="another `presslens migrate`"),
    ):
        move_database(source, target)


def test_nobody_has_an_installation_open_that_is_moved(source, target):
    with open_installation(source), pytest.raises(Conflict, match="stop its server"):
        move_database(source, target)
    with (
        closing(Database(source.database_url)) as database,
        alone(database),
        pytest.raises(DatabaseLocked),
        open_installation(source),
    ):
        pass
    with open_installation(source):
        pass


def test_what_can_not_be_moved_to_is_refused(source, target, tmp_path):
    with pytest.raises(InvalidRequest, match="postgresql://"):
        move_database(source, f"sqlite:///{tmp_path}/other.db")
    with pytest.raises(NoDatabase):
        move_database(source, "postgresql://nobody@/nothing?host=/nowhere")
    execute(target, "CREATE TABLE alembic_version (version_num VARCHAR(32))")
    execute(target, "INSERT INTO alembic_version VALUES ('9999')")
    with pytest.raises(WrongVersion):
        move_database(source, target)


@pytest.mark.sqlite_alone
def test_what_is_wrong_with_the_target_is_said_of_the_option():
    for url, why in {
        "postgres://u@h/d": "--to must begin with postgresql://",
        "nonsense": "--to names is no URL",
    }.items():
        with pytest.raises(InvalidRequest, match=why):
            open_target(url)
    with pytest.raises(NoDatabase, match="of --to can't be reached"):
        check_reachable(open_target("postgresql://u@/d?host=/nowhere"))
