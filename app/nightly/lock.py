"""One night at a time: a lock that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from app.db.session import explain_errors
from app.installation import Installation

LOCK_FILE = "nightly.lock"
KEY = 0x70726573736C656E  # "presslen": the numbers of other programs' locks are not ours
"""The number of the lock on PostgreSQL, where a database has one of each."""


@contextmanager
def night_lock(home: Installation) -> Iterator[bool]:
    """Hold the lock of an installation's nights; give whether it was free.

    PostgreSQL holds it for a connection, so that it is one for all machines. With SQLite it is held
    on a file of the data folder: as a record lock, which child processes don't inherit.
    """
    if home.database.engine.dialect.name == "postgresql":
        with _connection_lock(home) as free:
            yield free
    else:
        with _file_lock(home) as free:
            yield free


@contextmanager
def _connection_lock(home: Installation) -> Iterator[bool]:
    engine = home.database.engine
    with explain_errors(engine):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with explain_errors(engine):
            taken = text("SELECT pg_try_advisory_lock(:key)")
            free = bool(connection.scalar(taken, {"key": KEY}))
        yield free
    finally:
        connection.invalidate()  # the server gives the lock back when the connection ends
        connection.close()


@contextmanager
def _file_lock(home: Installation) -> Iterator[bool]:
    with (home.settings.data_dir / LOCK_FILE).open("w") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
