"""One night at a time: a lock that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from presslens.app.db.session import explain_errors
from presslens.app.installation import Installation

LOCK_FILE = "nightly.lock"
KEY = 0x70726573736C656E  # "presslen": the numbers of other programs' locks are not ours
"""The number of the lock on PostgreSQL, where a database has one of each."""

PROBE_SECONDS = 30.0
"""Seconds after which the connection that holds the lock is asked whether it is there still."""

# A server may end connections that are idle for long; PostgreSQL 13 has no such setting.
STAY = text(
    "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'"
)

log = structlog.get_logger()


@contextmanager
def night_lock(
    home: Installation, lost: threading.Event, *, interval: float = PROBE_SECONDS
) -> Iterator[bool]:
    """Hold the lock of an installation's nights; give whether it was free.

    PostgreSQL holds it for a connection, so that it is one for all machines. With SQLite it is held
    on a file of the data folder: as a record lock, which child processes don't inherit.

    Args:
        lost: Is set if the connection ends before: another night may begin then.
        interval: Seconds after which the connection is asked again.
    """
    if home.database.engine.dialect.name == "postgresql":
        with _connection_lock(home, lost, interval) as free:
            yield free
    else:
        with _file_lock(home) as free:
            yield free


@contextmanager
def _connection_lock(home: Installation, lost: threading.Event, interval: float) -> Iterator[bool]:
    engine = home.database.engine
    with explain_errors(engine):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with explain_errors(engine):
            connection.execute(STAY)
            taken = text("SELECT pg_try_advisory_lock(:key)")
            free = bool(connection.scalar(taken, {"key": KEY}))
        if free:
            with _watched(connection, lost, interval):
                yield True
        else:
            yield False
    finally:
        connection.invalidate()  # the server gives the lock back when the connection ends
        connection.close()


@contextmanager
def _watched(connection: Connection, lost: threading.Event, each: float) -> Iterator[None]:
    """Ask a connection now and then whether it is there, in a thread; set an event if it isn't."""
    ended = threading.Event()

    def ask() -> None:
        while not ended.wait(each):
            try:
                connection.execute(text("SELECT 1"))
            except DBAPIError:
                log.exception("the lock of the night is lost")
                lost.set()
                return

    thread = threading.Thread(target=ask, name="night-lock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def _file_lock(home: Installation) -> Iterator[bool]:
    with (home.settings.data_dir / LOCK_FILE).open("w") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
