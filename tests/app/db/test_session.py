"""Transactions end whole or not at all."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.db.session import Database
from app.db.tables import PublicationRow, UploadFileRow


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
