"""Moves a database of a million rows to PostgreSQL, killed now and then, in flat memory."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from presslens.app.db.moved import ENDING
from presslens.app.drill.proof import NotHere, Proof
from presslens.app.installation import init_installation, open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.lab.bench.generator import fill
from presslens.lab.soak.night import RECIPE
from presslens.lab.soak.postgresql_server import installed, postgresql_server, run_statement

WHOLE = 600.0
EDITIONS = 100, 1250
"""Editions of a small and of a large archive, of 50 photos each; a photo has about 16 rows."""

KILLS = 5
MORE_MEMORY = 1.1
"""Times the memory of the small archive that the large one may take."""

MOVE = """
import json, re, sys
from pathlib import Path
from presslens.app.preservation.database_move import move_database
from presslens.app.platform.settings import Settings

moved = move_database(Settings(), sys.argv[1])
peak = re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())
print(json.dumps([moved.rows, int(peak[1])]))
"""
"""Moves an installation; prints the rows, and the peak of resident memory in kB.

It is VmHWM, and not ``ru_maxrss`` of getrusage(2): Linux begins that with the peak of the process
that started this one, which has filled an archive, and would hide what a move takes below it.
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """A move: rows, seconds, and the most resident memory of its process, bytes."""

    rows: int
    seconds: float
    memory: int


def check(seconds: float) -> Iterator[Proof]:  # noqa: ARG001 - it takes what it takes
    """Move a small archive and a large one, and the large one again with kills."""
    if not installed():
        raise NotHere("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="presslens-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with postgresql_server(folder / "pg") as server:
            url = server.url
            small, large = (
                move(_archive(folder / str(count), count), new_database(url, f"calm_{count}"))
                for count in EDITIONS
            )
            archive, target = folder / str(EDITIONS[1]), new_database(url, "killed")
            kills = _kill(archive, target, large.seconds)
            move(archive, target)
            settings = _settings(archive)
            dumps = [_dump(settings), _dump(settings.model_copy(update={"database_url": target}))]
    rate = large.rows / large.seconds
    what = f"{large.rows:,} rows moved to PostgreSQL and compared"
    yield Proof("R10", what, f"{large.seconds:.0f} s, {rate:,.0f} rows a second", "", None)
    ratio = large.memory / small.memory
    value = f"{large.memory / 2**20:.0f} MB, {ratio:.2f} times that of {small.rows:,} rows"
    flat = ratio <= MORE_MEMORY
    yield Proof("R10", "memory of the move", value, f"at most {MORE_MEMORY} times", flat)
    same = dumps[0] == dumps[1]
    value = "equal" if same else "other"
    yield Proof("R4", f"dump after a move that was killed {kills} times", value, "equal", same)


def _archive(folder: Path, editions: int) -> Path:
    settings = _settings(folder)
    init_installation(settings)
    with open_installation(settings) as home:
        fill(home, editions=editions)
    return folder


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, recipe=RECIPE, min_free_bytes=0)


def new_database(server: str, name: str) -> str:
    """Make a database on a server, and return its URL."""
    run_statement(server, f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


def _start(archive: Path, target: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "PRESSLENS_DATA_DIR": str(archive),
        "PRESSLENS_DATABASE_URL": "",
        "PRESSLENS_RECIPE": str(RECIPE),
    }
    command = [sys.executable, "-c", MOVE, target]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603


def move(archive: Path, target: str) -> Moved:
    """Move an archive to an empty database, or the rest of it; it stays one that can be opened."""
    began = time.monotonic()
    process = _start(archive, target)
    told, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"the move ended with {process.returncode}")
    _go_back(archive)
    rows, kilobytes = (int(one) for one in told.strip("[] \n").split(","))
    return Moved(rows, time.monotonic() - began, 1024 * kilobytes)


def _go_back(archive: Path) -> None:
    """Let an archive be moved again, and be opened."""
    (archive / f"presslens.db{ENDING}").unlink()


def _kill(archive: Path, target: str, lasts: float) -> int:
    """Start a move again and again, and kill it; return how often it was killed before its end."""
    chance, kills = random.Random(18), 0  # noqa: S311 - repeatable, not secret
    for _ in range(KILLS):
        process = _start(archive, target)
        try:
            process.wait(chance.uniform(0.05, 0.3) * lasts)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
    return kills


def _dump(settings: Settings) -> str:
    with open_installation(settings) as home:
        return canonical_dump(home)
