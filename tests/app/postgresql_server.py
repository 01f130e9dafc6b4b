"""A PostgreSQL server of the tests' own, which is thrown away."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from ..quickest_folder import quickest_folder

SPARE = "-c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off"
"""What a server that is thrown away can do without."""


def installed() -> bool:
    """Return whether Debian's package is installed."""
    return bool(_initdb())


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Start a server, and give the URL of its first database; it listens on a socket alone."""
    binaries = _initdb()[-1].parent
    user = "nobody" if os.getuid() == 0 else None
    folder = quickest_folder() / f"presslens-pg-{os.getpid()}"
    folder.mkdir()
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)

    def call(*command: str) -> None:
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    data = str(folder / "data")
    call(str(binaries / "initdb"), "-D", data, "-U", "presslens", "-A", "trust", "-N")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off {SPARE}"
    log = str(folder / "log")
    call(str(binaries / "pg_ctl"), "-D", data, "-o", options, "-l", log, "-w", "start")
    try:
        yield f"postgresql+psycopg://presslens@/postgres?host={folder}"
    finally:
        call(str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


def run_statement(server: str, statement: str) -> None:
    """Run a statement that no transaction may hold, such as one that makes a database."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _initdb() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
