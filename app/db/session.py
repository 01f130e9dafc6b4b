"""The database: one engine, and two kinds of transaction.

On SQLite a write begins with ``BEGIN IMMEDIATE``, so that two writers queue up instead of failing
in the middle, under the rollback journal with ``synchronous=EXTRA``: what is committed stays, over
a power cut as well (``FULL`` does not sync the folder from which the journal was deleted, and a
journal that comes back undoes the last transaction). Under that journal a commit waits for each
open reader: transactions are short, none is open while bytes are sent, and what reads for long
reads a copy (``Database.frozen``; docs/reference/reliability.md says why the journal is no WAL).
"""

from __future__ import annotations

import copy
import logging
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, select, text, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from presslens.app.db.archive_view import VIEWS, WRITES, ArchiveView, Views, archive_view
from presslens.app.db.revision import TOUCHED, RevisionRow, forget_change, note_change
from presslens.app.db.types import CIPHER
from presslens.app.platform.errors import DatabaseLocked, DiskFull, NoDatabase
from presslens.models.errors import PresslensError
from presslens.pipelines.failpoints import Failpoint, WhenStruck, around, reach

if TYPE_CHECKING:
    from presslens.app.db.cipher import EmbeddingCipher

# The standard library's, which writes to stderr in a command whose stdout is for programs, too.
log = logging.getLogger(__name__)

BUSY_SECONDS = 30.0
"""How long a transaction waits for another one on SQLite, where nobody waits for an answer."""
READ_ONLY = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "25006")
"""How the codes of errors begin that a database gives which can only be read."""
LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "57014")
"""... of a database, or a part of one, that somebody holds or keeps too busy."""
FULL = ("SQLITE_FULL", "53100")
"""... of a database whose disk is full."""
APPLICATION = "presslens"
"""What a session on a PostgreSQL server is called; its URL may say something else."""
CONNECT_SECONDS = 5
"""How long a connection to a PostgreSQL server may take; its URL may say something else."""
STATEMENT_SECONDS = 300
"""How long a statement may take on a PostgreSQL server where somebody waits for an answer."""
IDLE_SECONDS = 3600
"""How long a transaction may do nothing there before the server ends it, with its locks."""
KEEPALIVE = {"keepalives_idle": "60", "keepalives_interval": "10", "keepalives_count": "6"}
"""Asked after so many seconds of silence, so often: a machine that died is noticed in 2 minutes."""
STEP_PAGES = 2048
"""Pages of SQLite's file that are copied before others may write: 8 MB."""
MOST_COPIES = 3
"""So often does a copy begin anew before others have to wait for it."""
LONG_SECONDS = 5.0
"""A transaction on SQLite that is open for longer is logged: requests wait no longer for it."""
GONE = ("08", "57P", "53300", "SQLITE_IOERR")
"""... of a database that can't be reached, stops, starts, or takes no more connections."""


class Database:
    """Opens transactions. Commit is the end of the ``with`` block; an error rolls back."""

    def __init__(
        self,
        url: str,
        cipher: EmbeddingCipher | None = None,
        *,
        patience: float = BUSY_SECONDS,
    ) -> None:
        """Prepare a database; nothing is opened yet.

        Args:
            url: Its SQLAlchemy URL.
            cipher: What embeddings are encrypted and decrypted with.
            patience: Seconds that a transaction waits for another one.

        Raises:
            NoDatabase: The URL can't be used.
        """
        self.engine = _connect(url, patience)
        self._cipher, self._patience = cipher, patience
        if cipher is not None:
            setattr(self.engine.dialect, CIPHER, cipher)
        self._since: dict[int, float] = {}
        # Of a file that nobody else has open, no transaction is too long.
        self.is_waited_for = self.engine.dialect.name == "sqlite"
        event.listen(self.engine, "after_cursor_execute", self._note_use)
        event.listen(self.engine, "checkin", self._note_return)
        self.views = Views()
        self._open_sessions(self.engine)

    def _open_sessions(self, bind: Engine | Connection) -> None:
        info = {VIEWS: self.views}
        # All statements of a reader see one moment, as on SQLite.
        one_moment = isinstance(bind, Engine) and bind.dialect.name == "postgresql"
        options = {"isolation_level": "REPEATABLE READ"} if one_moment else {}
        self._reading = sessionmaker(bind.execution_options(**options), info=info)
        writing = self.engine.execution_options(presslens_writes=True)
        self._writing = sessionmaker(writing, info=info | {WRITES: True})

    def pinned(self) -> Database:
        """Return the same database for one request, which reads the revision once."""
        request = copy.copy(self)
        request.views = self.views.pinned()
        request._open_sessions(self.engine)
        return request

    def unchanging(self) -> Database:
        """Return the same database for who knows that nobody changes it: its revision is one."""
        alone = copy.copy(self)
        alone.views = self.views.frozen()
        alone._open_sessions(self.engine)
        return alone

    def view(self) -> ArchiveView:
        """Return the view of the latest revision."""
        with self.read() as session:
            return archive_view(session)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction that changes nothing.

        Raises:
            NoDatabase: The database can't be reached, or is locked for too long.
        """
        with explain_errors(self.engine), self._reading() as session:
            yield session

    @contextmanager
    def write(self, *, erasing: bool = False) -> Iterator[Session]:
        """Open a transaction that may change rows.

        Args:
            erasing: SQLite overwrites what is deleted, in place of leaving it in its file until
                the space is used again. PostgreSQL does so at the next ``VACUUM FULL``.

        Raises:
            NoDatabase: The database can only be read or not reached, or is locked for too long.
            DiskFull: Its disk is full.
        """
        with (
            self.views.written(),
            explain_errors(self.engine),
            self._writing.begin() as session,
        ):
            if erasing and self.engine.dialect.name == "sqlite":
                session.execute(text("PRAGMA secure_delete = ON"))
            yield session
            with around(Failpoint.DATABASE_FLUSH):
                session.flush()
                if touched := session.connection().info.pop(TOUCHED, None):
                    raised = {name: getattr(RevisionRow, name) + 1 for name in touched}
                    session.execute(update(RevisionRow).values(raised))
            reach(Failpoint.DATABASE_COMMIT, WhenStruck.BEFORE)
        reach(Failpoint.DATABASE_COMMIT, WhenStruck.AFTER)

    @contextmanager
    def frozen(
        self, scratch: Path, *, copied: bool = True, heed: Callable[[], None] = lambda: None
    ) -> Iterator[Database]:
        """Give the database as it is now, to be read however long it takes, in one thread.

        Nobody waits for it: PostgreSQL's writers wait for no reader, and SQLite's file is copied
        while they may write. The copy has no name, so that it ends with its process.

        Args:
            scratch: A folder with room for a copy.
            copied: SQLite's file is copied; False where what is read takes no second.
            heed: Called while it is copied; what it raises ends the copying.

        Raises:
            NoDatabase: The database can't be reached, or is locked for too long.
        """
        sqlite = self.engine.dialect.name == "sqlite"
        options = {} if sqlite else {"isolation_level": "REPEATABLE READ"}
        source = self
        if sqlite and copied:
            file = scratch / "frozen.db"
            self.copy_file(file, heed)
            source = Database(f"sqlite:///{file}", self._cipher, patience=self._patience)
            source.is_waited_for = False
        try:
            with explain_errors(source.engine), source.engine.connect() as connection:
                if source is not self:
                    file.unlink()
                with connection.execution_options(**options).begin():
                    frozen = copy.copy(source)
                    frozen.views = source.views.frozen()
                    frozen._open_sessions(connection)
                    yield frozen
        finally:
            if source is not self:
                source.close()

    def copy_file(self, target: Path, heed: Callable[[], None] = lambda: None) -> None:
        """Copy SQLite's file as it is at one moment.

        It is copied in steps, between which others may write; SQLite begins anew then. Where they
        write all the time it is copied at once, and they wait.

        Args:
            target: The file of the copy.
            heed: Called after each step; what it raises ends the copying.

        Raises:
            DatabaseLocked: It is locked for too long.
        """
        with (
            explain_errors(self.engine),
            self.engine.connect() as original,
            closing(sqlite3.connect(target)) as written,
        ):
            driver: Any = original.connection.driver_connection
            for pages in (STEP_PAGES, -1):
                watch = _CopyWatch(heed, self._patience)
                with suppress(_Overtaken):
                    driver.backup(written, pages=pages, progress=watch, sleep=0.01)
                    return

    def longest_use(self) -> float:
        """Return the age in seconds of the oldest transaction that others wait for; 0: none."""
        now = time.monotonic()
        return now - min(list(self._since.values()), default=now)

    def _note_use(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        # The first statement has the lock; one that still waits for it holds nobody up.
        if self.is_waited_for and not statement.startswith("BEGIN"):
            self._since.setdefault(id(connection.info), time.monotonic())

    def _note_return(self, _driver: Any, record: Any) -> None:
        now = time.monotonic()
        seconds = now - self._since.pop(id(record.info), now)
        if seconds > LONG_SECONDS:
            log.warning("a transaction was open for %.1f s, and others waited", seconds)

    def revision(self) -> int:
        """Return a number that changes with each transaction that may change a statistic."""
        with self.read() as session:
            return session.scalar(select(RevisionRow.number)) or 0

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


class _Overtaken(Exception):
    """Others have written so often that a copy starts over again and again."""


@dataclass(slots=True)
class _CopyWatch:
    """Watches a copy in the making: who waits for it, and what it waits for."""

    heed: Callable[[], None]
    patience: float
    left: int = sys.maxsize
    begun_anew: int = 0
    moved_at: float = field(default_factory=time.monotonic)

    def __call__(self, status: int, left: int, _of: int) -> None:
        """Note how many pages are left."""
        self.heed()
        if status != sqlite3.SQLITE_BUSY:
            self.begun_anew += left > self.left
            self.left, self.moved_at = left, time.monotonic()
        elif time.monotonic() - self.moved_at > self.patience:
            raise DatabaseLocked("the database is locked: it can't be copied now")
        if self.begun_anew > MOST_COPIES:
            raise _Overtaken


@contextmanager
def explain_errors(engine: Engine) -> Iterator[None]:
    """Raise NoDatabase or DiskFull, saying what to do, where the database is the cause of an error.

    Other errors, of statements for instance, stay what they are.
    """
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseLocked(
            "the database answers too slowly: too much is asked at once"
        ) from error
    except DBAPIError as error:
        explained = _explain(engine, error)
        if explained is None:
            raise
        raise explained from error


def _explain(engine: Engine, error: DBAPIError) -> PresslensError | None:
    cause = error.orig
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or ""
    which = "see PRESSLENS_DATABASE_URL"
    if engine.dialect.name == "sqlite":
        file = (engine.url.database or "").removeprefix("file:")
        which = f"its folder is {Path(file).parent}"
    if code.startswith(READ_ONLY):
        return NoDatabase(f"the database can't be written to: {which}")
    if code.startswith(LOCKED):
        return DatabaseLocked(
            f"the database is locked: end other programs that have it open; {which}"
        )
    if code.startswith(FULL):
        return DiskFull(f"the disk of the database is full: free some; {which}")
    # Where no connection was made, psycopg has no code.
    lost = isinstance(error, OperationalError | InterfaceError) and not code
    if code.startswith(GONE) or error.connection_invalidated or lost:
        return NoDatabase(f"the database can't be reached: start it again, or {which}")
    return None


def _connect(url: str, patience: float) -> Engine:
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (SQLAlchemyError, ValueError) as error:
        raise NoDatabase("PRESSLENS_DATABASE_URL is no URL of a database") from error
    if parsed.get_backend_name() == "postgresql":
        server = parsed.set(drivername="postgresql+psycopg")
        ours = {
            "connect_timeout": str(CONNECT_SECONDS),
            "application_name": APPLICATION,
            **KEEPALIVE,
        }
        given = server.normalized_query.get("options", ())
        options = " ".join([_server_options(patience), *given])  # the last of a name is meant
        server = server.update_query_dict({**ours, **server.query, "options": options})
        engine = create_engine(
            server, pool_pre_ping=True, hide_parameters=True, pool_timeout=patience
        )
        event.listen(engine, "after_cursor_execute", note_change)
        event.listen(engine, "rollback", forget_change)
        return engine
    # Errors are logged: with their parameters the log would hold embeddings.
    engine = create_engine(
        parsed, connect_args={"timeout": patience}, hide_parameters=True, pool_timeout=patience
    )
    event.listen(engine, "do_connect", _make_private)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "after_cursor_execute", note_change)
    event.listen(engine, "rollback", forget_change)
    return engine


def _server_options(patience: float) -> str:
    """Return the settings of a session on a PostgreSQL server; its URL may say something else.

    The server must notice too when a client's machine has died: it holds locks for it.
    """
    settings = {
        "lock_timeout": f"{patience:.0f}s",
        "statement_timeout": f"{STATEMENT_SECONDS if patience < BUSY_SECONDS else 0}s",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        **{f"tcp_{name}": value for name, value in KEEPALIVE.items()},
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _make_private(_dialect: Any, _record: Any, args: Any, _named: Any) -> None:
    """Make the file of a new database, which holds embeddings and hashes, for its owner alone."""
    file = str(args[0])
    if file and file != ":memory:" and not file.startswith("file:"):
        # Never open a file that is there: closing it would drop SQLite's locks of this process.
        with suppress(OSError):
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    """Leave transactions to ``_begin``; the driver would start them too late."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")  # the file may be a backup from elsewhere


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("presslens_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
