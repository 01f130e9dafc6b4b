"""Moves an SQLite installation to PostgreSQL: table by table, each row compared, resumable.

The target says how far the move has come, in the transactions that store the rows, and that it is
``moving`` until the end: nobody can open it before. Who starts the move again after a crash goes on
there. The source is only read, and nobody may use it meanwhile.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import ARRAY, Connection, Table, bindparam, func, make_url, select, text, tuple_

from presslens.app.db import schema
from presslens.app.db.all_tables import METADATA
from presslens.app.db.moved import mark_moved, moved_mark, moved_to
from presslens.app.db.session import Database, explain_errors
from presslens.app.installation import alone, connect
from presslens.app.platform.errors import Conflict, InvalidRequest, NoDatabase, WrongVersion
from presslens.app.platform.settings import Settings
from presslens.app.preservation.move_state import (
    MoveSource,
    TableState,
    alone_on,
    begin_move,
    check_reachable,
    end_move,
    open_target,
    store_state,
    table_state,
)
from presslens.app.preservation.plain_tables import as_stored, copy_highest_ids, plain_table

BATCH = 500
"""Rows that are in memory at a time, and that one transaction stores."""

OnMoved = Callable[[int, int, str], None]
"""Told how many of how many rows are done, and the name of the table."""

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class MovedTable:
    """A moved table: its number of rows, and the sha256 of all of them, equal on both sides."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class MovedDatabase:
    """The result of a move.

    Attributes:
        database_url: The target, without its password.
        resumed: Part of it was there already, of a move that was interrupted.
        rows: Number of rows.
        tables: The tables by name.
    """

    database_url: str
    resumed: bool
    rows: int
    tables: dict[str, MovedTable]

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return asdict(self)


def move_database(
    settings: Settings, target_url: str, *, progress: OnMoved = lambda _done, _of, _table: None
) -> MovedDatabase:
    """Move an installation's SQLite database to an empty PostgreSQL database.

    Args:
        settings: Of the installation; its SQLite file stays as it is. A mark beside it keeps
            everybody from opening it afterwards.
        target_url: SQLAlchemy URL of the PostgreSQL database.
        progress: Told how many of how many rows are done; each is copied, and then compared.

    Raises:
        InvalidRequest: The source is no SQLite database, the target no PostgreSQL one, or a row
            can't be stored there or has become another one.
        Conflict: The installation is in use, or the target, or has moved to another database.
        WrongVersion: One of them is of another version of the program.
        NoDatabase: One of them can't be reached; the move goes on when it is started again.
    """
    with connect(settings) as home, closing(open_target(target_url)) as target:
        _check_kinds(home.database, target)
        named = make_url(target_url).set(drivername="postgresql")
        url = named.render_as_string(hide_password=True)
        _check_not_moved(home.database, target, url)
        with (
            alone(home.database),
            _frozen(home.database) as (source, name),
            explain_errors(target.engine),
            alone_on(target),
        ):
            resumed = begin_move(target, name)
            move = _Move(source, target, progress)
            move.run()
            mark_moved(home.database, url)  # before anybody can open the target
            with target.engine.begin() as connection:
                end_move(connection)
    rows = sum(table.rows for table in move.moved.values())
    return MovedDatabase(url, resumed, rows, move.moved)


def _check_not_moved(source: Database, target: Database, url: str) -> None:
    moved = moved_to(source)
    if moved in (None, url):
        check_reachable(target)
    # A move that was cut off at its very end goes on.
    if moved and (moved != url or schema.version(target) is schema.Version.CURRENT):
        raise Conflict(
            f"the installation has moved to {moved}: to move it again, delete {moved_mark(source)}"
        )


def _check_kinds(source: Database, target: Database) -> None:
    if source.engine.dialect.name != "sqlite":
        raise InvalidRequest(
            "the installation's database is on PostgreSQL already; `presslens backup` makes an"
            " SQLite copy of it"
        )
    if target.engine.dialect.name != "postgresql":
        raise InvalidRequest("the target must begin with postgresql://")


@contextmanager
def _frozen(database: Database) -> Iterator[tuple[Connection, MoveSource]]:
    """Read one state of an SQLite file, and name it; nobody can commit until the block ends."""
    if schema.version(database) is not schema.Version.CURRENT:
        raise WrongVersion("the tables are of another version: run `presslens upgrade` before")
    file = Path(str(database.engine.url.database)).resolve()
    # Read before the transaction begins: closing the file drops the locks of this process.
    with file.open("rb") as header:
        header.seek(24)
        (changes,) = struct.unpack(">I", header.read(4))  # raised by each transaction
    with explain_errors(database.engine), database.engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM alembic_version"))
        yield connection, MoveSource(str(file), changes)


@dataclass(slots=True)
class _Move:
    """Copies all tables of one database to another one, and compares them."""

    source: Connection
    target: Database
    progress: OnMoved
    moved: dict[str, MovedTable] = field(default_factory=dict)
    _done: int = 0
    _total: int = 0

    def run(self) -> None:
        """Move everything that is not moved yet."""
        counts = {
            table.name: self.source.scalar(select(func.count()).select_from(table)) or 0
            for table in METADATA.sorted_tables
        }
        self._total = 2 * sum(counts.values())
        states = {}
        for table in METADATA.sorted_tables:
            with self.target.engine.connect() as connection:
                states[table.name] = state = table_state(connection, table)
            self._advance(state.rows, table)
            self._copy(table, state)
        self._analyze()
        for table in METADATA.sorted_tables:
            sha256 = self._compare(table, states[table.name], counts[table.name])
            self.moved[table.name] = MovedTable(counts[table.name], sha256)
        with self.target.engine.begin() as connection:
            copy_highest_ids(self.source, connection)

    def _analyze(self) -> None:
        """Tell the target how large its tables are: queries would be planned for empty ones."""
        with self.target.engine.begin() as connection:
            connection.execute(text("ANALYZE"))

    def _advance(self, rows: int, table: Table) -> None:
        self._done += rows
        self.progress(self._done, self._total, table.name)

    def _copy(self, table: Table, state: TableState) -> None:
        """Copy the rows of a table after the last that is there."""
        for rows, last in _batches(self.source, table, state.last_key):
            with self.target.engine.begin() as connection:
                _write(connection, table, rows)
                state.rows, state.last_key = state.rows + len(rows), last
                store_state(connection, table, state)
            self._advance(len(rows), table)

    def _compare(self, table: Table, state: TableState, count: int) -> str:
        """Compare all rows of a table on both sides, and return the sha256 of them.

        Raises:
            InvalidRequest: They differ; the message names the first that does.
        """
        if state.sha256 is not None:
            self._advance(count, table)
            return state.sha256
        digest = hashlib.sha256()
        with self.target.engine.begin() as connection:
            there = connection.scalar(select(func.count()).select_from(table))
            if there != count:
                raise _differs(table, f"{count} rows have become {there}")
            there_too = _SameRows(table)
            for rows, _ in _batches(self.source, table, None):
                there_too.check(connection, rows)
                for row in rows:
                    digest.update(canonical_row(row))
                self._advance(len(rows), table)
            state.sha256 = digest.hexdigest()
            store_state(connection, table, state)
        return state.sha256


def _batches(
    source: Connection, table: Table, after: Sequence[Any] | None
) -> Iterator[tuple[list[Values], list[Any]]]:
    """Yield the rows of a table in the order of its primary key, and the key of each batch's last.

    Args:
        source: The database.
        table: The table.
        after: The key of the row before the first; None: from the beginning.
    """
    plain = plain_table(table)
    key = [plain.columns[column.name] for column in table.primary_key]
    places = [list(plain.columns).index(column) for column in key]
    first = as_stored(plain).order_by(*key).limit(BATCH)
    # One query for all batches: SQLAlchemy would keep what it compiles for each of them.
    last = [bindparam(f"last_{i}", type_=column.type) for i, column in enumerate(key)]
    following = first.where(tuple_(*key) > tuple_(*last))
    while True:
        values = {f"last_{i}": value for i, value in enumerate(after or ())}
        rows = [tuple(row) for row in source.execute(following if values else first, values)]
        if not rows:
            return
        after = [rows[-1][place] for place in places]
        yield rows, after


def _write(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Store rows as they are.

    Raises:
        InvalidRequest: PostgreSQL takes one of them not, which is named.
        NoDatabase: It has gone away.
    """
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    driver: Any = connection.connection.driver_connection
    try:
        with (
            connection.begin_nested(),
            driver.cursor() as cursor,
            cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy,
        ):
            for row in rows:
                copy.write_row(row)
    except psycopg.OperationalError as error:
        raise NoDatabase("the target has gone away; start the move again, it goes on") from error
    except psycopg.Error as error:
        if len(rows) > 1:
            for row in rows:
                _write(connection, table, [row])
        raise InvalidRequest(
            f"the row of {table.name} with {_named(table, rows[0])} can't be stored:"
            f" {error.diag.message_primary or error}"
        ) from error


class _SameRows:
    """Compares rows with those of a table that have the same keys.

    Its query is made once: SQLAlchemy keeps what it compiles, with the keys of a first batch.
    """

    def __init__(self, table: Table) -> None:
        plain = plain_table(table)
        key = [plain.columns[column.name] for column in table.primary_key]
        self._table = table
        self._places = [list(plain.columns).index(column) for column in key]
        self._names = [f"key_{i}" for i in range(len(key))]
        # Joined with arrays: planning a list of thousands of keys takes longer than to read them.
        arrays = [bindparam(n, type_=ARRAY(c.type)) for n, c in zip(self._names, key, strict=True)]
        wanted = func.unnest(*arrays).table_valued(*self._names).render_derived(name="wanted")
        same = [c == wanted.columns[n] for n, c in zip(self._names, key, strict=True)]
        self._query = as_stored(plain).where(*same)

    def check(self, target: Connection, rows: Sequence[Values]) -> None:
        """Raise InvalidRequest, naming the row, where one is another one there."""
        keys = [self._key(row) for row in rows]
        columns = {name: [key[i] for key in keys] for i, name in enumerate(self._names)}
        there = {self._key(row): row for row in map(tuple, target.execute(self._query, columns))}
        for key, row in zip(keys, rows, strict=True):
            if canonical_row(there.get(key, ())) != canonical_row(row):
                raise _differs(self._table, f"the row {key} has become another one")

    def _key(self, row: Values) -> Values:
        return tuple(row[place] for place in self._places)


def canonical_row(row: Values) -> bytes:
    """Return a row in the bytes that it has whatever database it comes from."""
    return f"{row!r}\n".encode()


def _named(table: Table, row: Values) -> str:
    names = [column.name for column in table.columns]
    return ", ".join(f"{c.name} {row[names.index(c.name)]}" for c in table.primary_key)


def _differs(table: Table, how: str) -> InvalidRequest:
    return InvalidRequest(f"{table.name} is not the same on both sides: {how}")
