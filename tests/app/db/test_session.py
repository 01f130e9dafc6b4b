"""Transactions end whole or not at all, and none waits for whoever reads slowly."""

import ast
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from presslens.app.db.session import Database
from presslens.app.db.tables import PublicationRow, UploadFileRow
from presslens.app.platform.errors import DatabaseLocked


def test_an_error_leaves_nothing_behind(home):
    with pytest.raises(RuntimeError), home.database.write() as session:  # noqa: PT012
        session.add(PublicationRow(name="Minju Joson"))
        session.flush()
        raise RuntimeError
    with home.database.read() as session:
        assert session.scalars(select(PublicationRow.name)).all() == ["Rodong Sinmun"]


def test_foreign_keys_are_kept(home):
    with pytest.raises(IntegrityError), home.database.write() as session:
        session.add(UploadFileRow(edition_id=99, position=0, sha256="0" * 64, size=1, name="a"))


def test_sqlite_is_as_careful_as_it_can_be(home):
    if home.database.engine.dialect.name != "sqlite":
        pytest.skip("about SQLite")
    with home.database.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "delete", "synchronous": 3, "foreign_keys": 1, "busy_timeout": 30000
    }  # fmt: skip


APP = Path(__file__).parents[3] / "app"


def test_no_generator_yields_in_a_transaction():
    """Who leaves a generator where it stands would leave its transaction open."""
    opens = (".read()", ".write(", ".frozen(", "engine.connect", "engine.begin")
    found = [
        f"{path.relative_to(APP)}: {function.name}"
        for path in APP.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and "contextmanager" not in map(ast.unparse, function.decorator_list)
        for block in ast.walk(function)
        if isinstance(block, ast.With)
        and any(each in ast.unparse(item) for item in block.items for each in opens)
        and any(isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(block))
    ]
    assert found == []


@pytest.mark.parametrize("copied", [True, False])
def test_a_frozen_database_stays_as_it_is_and_holds_nobody_up(home, tmp_path, copied):
    def names(database):
        with database.read() as session:
            return session.scalars(select(PublicationRow.name)).all()

    if home.database.engine.dialect.name == "sqlite" and not copied:
        pytest.skip("a reader of SQLite's file holds up who writes")
    with home.database.frozen(tmp_path, copied=copied) as then:
        before = names(then)
        with home.database.write() as session:
            session.add(PublicationRow(name="Minju Joson"))
        assert names(then) == before
        assert list(tmp_path.glob("*.db*")) in ([], [tmp_path / "test.db"])
    assert len(names(home.database)) == len(before) + 1
    assert home.database.engine.pool.checkedout() == 0


@pytest.mark.sqlite_alone
def test_the_age_of_the_oldest_transaction_is_known(home):
    assert home.database.longest_use() == 0
    with home.database.read() as session:
        session.execute(select(PublicationRow.name))
        first = home.database.longest_use()
        with home.database.read() as later:
            later.execute(select(PublicationRow.name))
            assert home.database.longest_use() > first > 0
    assert home.database.longest_use() == 0


@pytest.mark.sqlite_alone
def test_a_locked_database_is_not_copied_for_ever(home, tmp_path, settings):
    impatient = Database(settings.database_url, patience=0.05)
    with closing(sqlite3.connect(tmp_path / "test.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseLocked):
            impatient.copy_file(tmp_path / "copy.db")
    impatient.close()


def test_readers_do_not_wait_for_a_writer(home):
    with home.database.write() as writer:
        writer.add(PublicationRow(name="Minju Joson"))
        writer.flush()
        with home.database.read() as reader:
            assert reader.scalar(select(func.count()).select_from(PublicationRow)) == 1


def test_a_url_that_asks_for_one_setting_of_postgresql_keeps_the_others():
    database = Database("postgresql://u@h/d?options=-c%20lock_timeout%3D60s&connect_timeout=9")
    asked = database.engine.url.query
    first, last = (asked["options"].index(f"lock_timeout={n}s") for n in (30, 60))
    assert first < last  # the server means the last one
    assert "idle_in_transaction_session_timeout=3600s" in asked["options"]
    assert (asked["connect_timeout"], asked["keepalives_idle"]) == ("9", "60")


def test_a_reader_sees_one_moment(home):
    """On SQLite the writer waits for the reader."""

    def names(session):
        return session.scalars(select(PublicationRow.name)).all()

    def write():
        with home.database.write() as session:
            session.add(PublicationRow(name="Between"))

    with ThreadPoolExecutor(1) as threads:
        with home.database.read() as session:
            before = names(session)
            writing = threads.submit(write)
            if home.database.engine.dialect.name == "postgresql":
                writing.result()
            session.expire_all()
            assert names(session) == before
        writing.result()
    with home.database.read() as session:
        assert "Between" in names(session)
