"""A PostgreSQL server of one's own, which is thrown away."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

SPARE = "-c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off"
"""What a server that is thrown away can do without."""

KEEPER = """\
trap '' HUP INT PIPE TERM
keep() { "$@" < /dev/null > /dev/null && echo done || echo failed; }
control() { keep "$programs/pg_ctl" -D "$folder/data" -o "$options" -l "$folder/log" "$@"; }
programs=$1 folder=$2 options=$3
keep "$programs/initdb" -D "$folder/data" -U presslens -A trust -N
while read -r order; do
    case $order in
        start) control -w start ;;
        stop) control -w -m immediate stop ;;
    esac
done
control -w -m immediate stop 2> /dev/null
cd / && rm -rf "$folder"
"""
"""Runs a server as its standard input says, and ends it when that is closed: with the program that
has started it, however that ends. No signal that reaches the whole group ends the keeper before."""


def installed() -> bool:
    """Return whether Debian's package is installed."""
    return bool(_initdb())


@dataclass(frozen=True, slots=True)
class PostgresqlServer:
    """A server that ends with this process, and its folder with it.

    Attributes:
        url: Its first database.
        keeper: The process that runs it.
    """

    url: str
    keeper: subprocess.Popen[bytes]

    def start(self) -> None:
        """Start the server again, and wait until it answers."""
        self._order(b"start")

    def stop(self) -> None:
        """End the server at once, as a crash would."""
        self._order(b"stop")

    def _order(self, order: bytes) -> None:
        if self.keeper.stdin is None or self.keeper.stdout is None:
            raise RuntimeError("the keeper of the server has no pipes")
        self.keeper.stdin.write(order + b"\n")
        self.keeper.stdin.flush()
        self.await_done(order.decode())

    def await_done(self, what: str) -> None:
        """Wait until the keeper has done something.

        Raises:
            RuntimeError: It could not be done.
        """
        if self.keeper.stdout is None or self.keeper.stdout.readline() != b"done\n":
            raise RuntimeError(f"PostgreSQL: {what} failed")


@contextmanager
def postgresql_server(folder: Path) -> Iterator[PostgresqlServer]:
    """Start a server that listens on a socket alone.

    Args:
        folder: A new folder, of a short name, for its files and the socket.
    """
    folder.mkdir()
    if user := _user():
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off {SPARE}"
    programs = _initdb()[-1].parent
    with subprocess.Popen(  # noqa: S603 - Debian's programs, with our arguments
        ["/bin/sh", "-c", KEEPER, "keeper", str(programs), str(folder), options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        user=user,
        cwd=folder,
    ) as keeper:
        url = f"postgresql+psycopg://presslens@/postgres?host={folder}"
        server = PostgresqlServer(url, keeper)
        server.await_done("initdb")
        server.start()
        yield server


def run_statement(server: str, statement: str) -> None:
    """Run a statement that no transaction may hold, such as one that makes a database."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _user() -> str | None:
    return "nobody" if os.getuid() == 0 else None


def _initdb() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
