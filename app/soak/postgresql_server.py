"""A PostgreSQL server of one's own, which is thrown away."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

SPARE = "-c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off"
"""What a server that is thrown away can do without."""


def installed() -> bool:
    """Return whether Debian's package is installed."""
    return bool(_initdb())


@contextmanager
def postgresql_server(folder: Path) -> Iterator[str]:
    """Start a server, and give the URL of its first database; it listens on a socket alone.

    Args:
        folder: A new folder, of a short name, for its files and the socket.
    """
    folder.mkdir()
    if user := _user():
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    _call(folder, "initdb", "-U", "presslens", "-A", "trust", "-N")
    url = f"postgresql+psycopg://presslens@/postgres?host={folder}"
    start(url)
    try:
        yield url
    finally:
        stop(url)
        shutil.rmtree(folder)


def run_statement(server: str, statement: str) -> None:
    """Run a statement that no transaction may hold, such as one that makes a database."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def start(url: str) -> None:
    """Start the server of a URL, and wait until it answers."""
    folder = _folder(url)
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off {SPARE}"
    _call(folder, "pg_ctl", "-o", options, "-l", str(folder / "log"), "-w", "start")


def stop(url: str) -> None:
    """End the server of a URL at once, as a crash would."""
    folder = _folder(url)
    if (folder / "data" / "postmaster.pid").exists():
        _call(folder, "pg_ctl", "-m", "immediate", "-w", "stop")


def _folder(url: str) -> Path:
    return Path(url.partition("host=")[2])


def _user() -> str | None:
    return "nobody" if os.getuid() == 0 else None


def _call(folder: Path, program: str, *arguments: str) -> None:
    command = [str(_initdb()[-1].parent / program), "-D", str(folder / "data"), *arguments]
    subprocess.run(  # noqa: S603 - Debian's programs, with our arguments
        command, user=_user(), cwd=folder, check=True, stdout=subprocess.DEVNULL
    )


def _initdb() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
