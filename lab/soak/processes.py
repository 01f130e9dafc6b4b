"""No process outlives its parent: programs are killed, and what they have started is looked for."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from PIL import Image as Pillow

from presslens.app.demo import EDITIONS
from presslens.app.drill.proof import Proof
from presslens.lab.soak.night import RECIPE, Night, prepare
from presslens.lab.soak.postgresql_server import installed

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)
MOMENTS = 20
"""Moments of each program and signal, all over its start and beyond."""
SHARE = 4.0
MOST_SECONDS = 5.0
"""So long after a program has ended nothing may be left of it."""
PATIENCE = 240.0
"""A program that has not come so far in so many seconds, or that is left so long, has hung."""

POSTGRESQL = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_DFL)  # an exception may be lost in what is imported
from pathlib import Path
from presslens.lab.soak.postgresql_server import postgresql_server
signal.signal(signal.SIGINT, signal.default_int_handler)
with postgresql_server(Path("pg").absolute()):
    time.sleep(600)
"""
"""What the suite does with PostgreSQL."""

DEMO = """
import shutil
import presslens.app.cli.demo
from presslens.app.cli import main
def copy(folder, settings):
    shutil.copytree("samples", folder, dirs_exist_ok=True)
presslens.app.cli.demo.prepare_samples = copy
main()
"""
"""The demonstration with other samples: its own take longer to compose than all else takes."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that starts others.

    Attributes:
        arguments: Those of Python, in a folder with an archive and an inbox.
        processes: How many processes it is when all have started.
    """

    arguments: tuple[str, ...]
    processes: int


_PRESSLENS = "-P", "-m", "presslens"
PROGRAMS = {
    "demo": Program(("-P", "-c", DEMO, "demo", "--folder", "demo"), 4),
    "serve": Program((*_PRESSLENS, "serve", "--port", "0"), 3),
    "worker": Program((*_PRESSLENS, "worker"), 3),
    "nightly": Program((*_PRESSLENS, "nightly", "--inbox", "inbox"), 3),
    "bench": Program((*_PRESSLENS, "bench", "page.jpg", "--archive", "--pages", "400"), 3),
    "postgresql": Program(("-P", "-c", POSTGRESQL), 6),
}
"""Workers have one process that observes pages, and that or they have a reader that opens them."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What has come of a program that got a signal.

    Attributes:
        seconds: Until it had ended.
        gone: Seconds from its end to that of the last process that it had started.
        left: The commands that were there after ``MOST_SECONDS``.
        lives_on: The commands that were there after ``PATIENCE``.
    """

    seconds: float
    gone: float
    left: tuple[str, ...]
    lives_on: tuple[str, ...]


def programs() -> dict[str, Program]:
    """Return the programs that this machine has."""
    return {name: one for name, one in PROGRAMS.items() if name != "postgresql" or installed()}


def make_archive(folder: Path) -> Path:
    """Make what the programs work on: a queue of pages, an inbox, a page."""
    prepare(Night(folder), editions=4)
    page = Pillow.new("RGB", (320, 440), (246, 242, 230))
    page.save(folder / "page.jpg")
    for day, name in enumerate((*EDITIONS, "leader"), 1):
        (folder / "samples" / name).mkdir(parents=True)
        page.save(folder / "samples" / name / "1.png")
        edition = {"publication": "Sample", "date": f"2020-01-0{day}"}
        truth = json.dumps({"edition": edition})
        (folder / "samples" / name / "truth.json").write_text(truth)
    return folder


def strike(
    program: Program, archive: Path, folder: Path, number: int, *, processes: int, pause: float = 0
) -> Ended:
    """Start a program, send it a signal, and wait until nothing of it is left.

    Args:
        archive: What it works on, of which it gets a copy.
        folder: A new folder for the copy.
        number: The signal.
        processes: It is sent once the program is so many processes.
        pause: Seconds that it is sent later.

    Raises:
        TimeoutError: The program does not come so far.
        RuntimeError: It has ended before.
    """
    shutil.copytree(archive, folder)
    process = subprocess.Popen(  # noqa: S603 - our own programs
        [sys.executable, *program.arguments],
        cwd=folder,
        env={**os.environ, **_environment(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_processes(process, folder, processes)
        time.sleep(pause)
        process.send_signal(number)
        began = time.monotonic()
        with suppress(subprocess.TimeoutExpired):  # it is among those that are left then
            process.wait(PATIENCE)
        ended = time.monotonic()
        left: tuple[str, ...] = ()
        while alive := family(folder):
            if time.monotonic() > ended + MOST_SECONDS:
                left = left or tuple(alive.values())
            if time.monotonic() > ended + PATIENCE:
                break
            time.sleep(0.02)
        return Ended(ended - began, time.monotonic() - ended, left, tuple(alive.values()))
    finally:
        for pid in family(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def family(folder: Path) -> dict[int, str]:
    """Return the commands of the processes that work in or below a folder, by their numbers.

    Whose parent has ended has another one, PostgreSQL begins a session of its own and overwrites
    its environment, that of a reader is empty: the folder is what all have of who started them.
    """
    commands = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile, or is a zombie, which has no folder
            if (process / "cwd").readlink().is_relative_to(folder):
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                commands[int(process.name)] = " ".join(words)
    return commands


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PRESSLENS_DATA_DIR": str(folder / "data"),
        "PRESSLENS_DATABASE_URL": f"sqlite:///{folder}/presslens.db",
        "PRESSLENS_RECIPE": str(RECIPE),
        "PRESSLENS_PROCESSES": "1",
        "PRESSLENS_MIN_FREE_BYTES": "0",
        "PRESSLENS_POLL_SECONDS": "0.2",
    }


def _await_processes(program: subprocess.Popen[bytes], folder: Path, number: int) -> None:
    until = time.monotonic() + PATIENCE
    while len(family(folder)) < number:
        if program.poll() is not None:
            raise RuntimeError(f"it ended with {program.returncode} before it was struck")
        if time.monotonic() > until:
            raise TimeoutError(f"it was not {number} processes in {PATIENCE:.0f} s")
        time.sleep(0.02)


def check(seconds: float) -> Iterator[Proof]:
    """Kill each program by each signal at moments all over its start, and while it works."""
    until, chance = time.monotonic() + seconds, random.Random(14)  # noqa: S311 - repeatable
    with tempfile.TemporaryDirectory(prefix="presslens-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as somebody else
        (folder / "archive").mkdir()
        archive, number = make_archive(folder / "archive"), count()

        def struck(program: Program, signal_: int, *, processes: int, pause: float) -> Ended:
            copy = folder / str(next(number))
            return strike(program, archive, copy, signal_, processes=processes, pause=pause)

        ends: dict[str, list[Ended]] = {name: [] for name in programs()}
        begun = {}
        for one, program in programs().items():
            before = time.monotonic()
            ends[one].append(struck(program, signal.SIGKILL, processes=program.processes, pause=0))
            begun[one] = time.monotonic() - before
        rounds = ((one, signal_) for _ in range(MOMENTS) for signal_ in SIGNALS for one in ends)
        for one, signal_ in rounds:
            if time.monotonic() > until:
                break
            pause = chance.uniform(0, 1.2 * begun[one])
            ends[one].append(struck(PROGRAMS[one], signal_, processes=1, pause=pause))
    yield from map(_proof, ends, ends.values())


def _proof(name: str, ends: list[Ended]) -> Proof:
    left = sum(bool(end.left) for end in ends)
    longest = max(end.gone for end in ends)
    return Proof(
        "R14",
        f"{name} ended {len(ends)} times by SIGTERM, SIGINT, SIGKILL, at its start and at work",
        f"{left} times something was left; all gone after {longest:.1f} s",
        f"nothing after {MOST_SECONDS:.0f} s",
        left == 0,
    )
