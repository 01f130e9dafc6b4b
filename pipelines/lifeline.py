"""Programs that end with the process that started them, however and whenever that ends.

The standard input of such a program is a pipe whose other end its parent alone has. The kernel
closes that end with the parent, even if the parent is killed; a thread that waits for it runs
before the program imports anything. A death signal (``PR_SET_PDEATHSIG``) would come with the end
of the thread that started the program, which may be long before, and Linux alone has one.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

GRACE_SECONDS = 1.0
"""So long may a program take to end by itself once its parent has ended."""


@contextmanager
def running(
    command: Sequence[str], *, patience: float | None = None, **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of ``program`` that ends with the block, or with this process.

    Args:
        command: The command; others may stand before it, which run it.
        patience: Seconds from SIGTERM at the end of the block until it is killed; None: any time.
        options: Of ``subprocess.Popen``.
    """
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        command, stdin=subprocess.PIPE, **options
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience)
            process.kill()


def program(module: str, *arguments: str) -> list[str]:
    """Return the command of a module that ends when its standard input is closed."""
    return [sys.executable, "-P", __file__, module, *arguments]


def end_with_parent(descriptor: int) -> None:
    """End this process when the other end of its pipe or socket is closed.

    It gets SIGTERM; what is left of it and of the processes below it a second later is killed.
    """
    Thread(target=_end_after, args=(descriptor,), name="lifeline", daemon=True).start()


def end_with_spawner() -> None:
    """End this process with the one that has spawned it by ``multiprocessing``; see above.

    A pool's processes hold both ends of its queue: they would wait for ever for the next call.
    """
    spawner = multiprocessing.parent_process()
    if spawner is not None:
        end_with_parent(spawner.sentinel)


def _end_after(descriptor: int) -> None:
    poll = select.poll()
    poll.register(descriptor, 0)  # a closed other end is reported even so
    poll.poll()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    for pid in _below(os.getpid()):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    os._exit(1)


def _below(pid: int) -> set[int]:
    """Return the processes below one, as Linux lists them; elsewhere each watches its own parent.

    They are ended together: one after the other they would take a second each.
    """
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            parents[int(stat.parent.name)] = int(stat.read_bytes().rpartition(b")")[2].split()[1])
    below = {pid}
    while more := {child for child, parent in parents.items() if parent in below} - below:
        below |= more
    return below - {pid}


if __name__ == "__main__":
    end_with_parent(sys.stdin.fileno())
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
