"""States of an installation that tests begin with: each is made once in a process, then copied."""

from __future__ import annotations

import copy
import inspect
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, create_engine, make_url, text

from presslens.app.platform.settings import Settings


def made_once(function: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what makes the state that a fixture stands for into the fixture's function.

    The state is all that lies in the database and the data folder, and the value that is returned;
    it must come out the same each time. A process makes it once, and other tests get copies.
    """

    def begin(begin_with: Callable[..., Any], **fixtures: Any) -> Any:
        return begin_with(function, fixtures)

    begin.__name__, begin.__doc__ = function.__name__, function.__doc__
    begin.__module__ = function.__module__
    asked = inspect.Parameter("begin_with", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    signature = inspect.signature(function)
    parameters = [asked, *signature.parameters.values()]
    begin.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return begin


@dataclass(frozen=True, slots=True)
class FirstState:
    """What a function made: its value, and where the copies of data and database lie."""

    value: Any
    folder: Path
    database: str


@dataclass(slots=True)
class FirstStates:
    """Keeps states by the functions that make them, for each kind of database."""

    folder: Path
    _kept: dict[tuple[str, Callable[..., Any]], FirstState] = field(default_factory=dict)

    def begin(
        self, settings: Settings, function: Callable[..., Any], fixtures: dict[str, Any]
    ) -> Any:
        """Bring a new installation to the state that a function makes; return its value."""
        url = make_url(settings.database_url)
        key = (url.get_backend_name(), function)
        state = self._kept.get(key)
        if state is None:
            value = partial(function, **fixtures)()
            number = len(self._kept)
            state = FirstState(value, self.folder / str(number), f"first_{number}")
            shutil.copytree(settings.data_dir, state.folder / "data")
            _copy(url, _kept_at(url, state))
            self._kept[key] = state
        else:
            shutil.copytree(state.folder / "data", settings.data_dir, dirs_exist_ok=True)
            with _same_workers(url):
                _copy(_kept_at(url, state), url)
        return copy.deepcopy(state.value)


def _kept_at(url: URL, state: FirstState) -> URL:
    is_file = url.get_backend_name() == "sqlite"
    return url.set(database=str(state.folder / "first.db") if is_file else state.database)


@contextmanager
def _same_workers(url: URL) -> Iterator[None]:
    """Let the workers of this test alone be there when its database is replaced."""
    connect = _connect_file if url.get_backend_name() == "sqlite" else _connect_server
    with closing(connect(url)) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT * FROM worker")
        workers = cursor.fetchall()
    yield
    with closing(connect(url)) as connection:
        cursor = connection.cursor()
        cursor.execute("DELETE FROM worker")
        if workers:
            mark = "?" if url.get_backend_name() == "sqlite" else "%s"
            marks = ", ".join([mark] * len(workers[0]))
            cursor.executemany(f"INSERT INTO worker VALUES ({marks})", workers)
        connection.commit()


def _connect_file(url: URL) -> Any:
    return sqlite3.connect(str(url.database))


def _connect_server(url: URL) -> Any:
    return psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))


def _copy(source: URL, target: URL) -> None:
    """Put a copy of a database in place of another one, whoever is connected to either."""
    if source.get_backend_name() == "sqlite":
        with (
            closing(sqlite3.connect(str(source.database))) as read,
            closing(sqlite3.connect(str(target.database))) as written,
        ):
            read.backup(written)
        return
    server = create_engine(source.set(database="postgres"), isolation_level="AUTOCOMMIT")
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    with server.connect() as connection:
        connection.execute(text(ended), {"name": source.database})
        connection.execute(text(f"DROP DATABASE IF EXISTS {target.database} WITH (FORCE)"))
        copied = f"TEMPLATE {source.database} STRATEGY file_copy"
        connection.execute(text(f"CREATE DATABASE {target.database} {copied}"))
    server.dispose()
