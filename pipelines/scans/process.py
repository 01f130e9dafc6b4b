"""Child processes that call functions for their parent, one at a time.

A child is started by ``exec`` instead of through ``multiprocessing``: the parent may have threads,
may be a daemon, and its main module is not imported a second time. A child ends with its parent,
however the parent ends, and so do the children of the child.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from threading import Thread
from traceback import format_exc

GRACE_SECONDS = 2.0
"""An idle child has this long to end by itself before it is killed."""

_SERVE = """\
import sys
sys.path[:] = sys.argv[2:]
from pipelines.scans.process import serve
serve(int(sys.argv[1]))
"""
_USER_TICKS, _SYSTEM_TICKS = 11, 12
"""Fields of ``/proc/PID/stat`` after the name of the program (proc_pid_stat(5): 14 and 15)."""


class ProcessDied(Exception):
    """A child process ended before it answered.

    Attributes:
        code: Its exit code; the negative number of the signal that killed it.
    """

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class ChildProcess:
    """A Python process that runs one call after the other.

    Calls may be sent ahead: they are answered in their order. Not to be shared between threads.
    """

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        path = [folder or str(Path.cwd()) for folder in sys.path]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-P", "-c", _SERVE, str(theirs.fileno()), *path],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self.connection = Connection(ours.detach())
        self._unanswered = 0

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    @property
    def is_idle(self) -> bool:
        """Whether every call is answered."""
        return self._unanswered == 0

    def send(self, function: Callable[..., object], *args: object) -> None:
        """Send a call of a function that can be imported by its name.

        Raises:
            ProcessDied: The process has ended.
        """
        self._unanswered += 1
        try:
            self.connection.send((function, args))
        except OSError:
            raise ProcessDied(self._end()) from None

    def poll(self, seconds: float) -> bool:
        """Wait for an answer or for the end of the process; return whether either came."""
        return self.connection.poll(seconds)

    def receive(self) -> object:
        """Return what the oldest unanswered call returned.

        Raises:
            ProcessDied: The process ended before it answered.
            Exception: What the function raised.
        """
        try:
            succeeded, answer = self.connection.recv()
        except (EOFError, OSError):
            raise ProcessDied(self._end()) from None
        self._unanswered -= 1
        if succeeded:
            return answer
        raise answer

    def processor_seconds(self) -> float:
        """Return the processor time that the process has used; 0 once it has ended."""
        try:
            status = Path(f"/proc/{self.pid}/stat").read_text()
        except OSError:
            return 0.0
        fields = status.rpartition(")")[2].split()
        ticks = int(fields[_USER_TICKS]) + int(fields[_SYSTEM_TICKS])
        return ticks / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the process; what it does at the moment is lost."""
        self.connection.close()
        if not self.is_idle:
            self._process.kill()
        self._end()

    def kill(self) -> None:
        """Kill the process, even a stopped one."""
        self._process.kill()
        self._process.wait()
        self.connection.close()

    def _end(self) -> int:
        try:
            return self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def serve(descriptor: int) -> None:
    """Run the calls that come over a socket until its other end is closed."""
    # Both signals reach the whole group when somebody ends the program: the parent decides.
    # Handlers, not SIG_IGN, which the programs that are started from here would inherit.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave_to_parent)
    Thread(target=_end_with_parent, args=(descriptor,), daemon=True).start()
    with Connection(descriptor) as connection, suppress(EOFError, OSError):
        while True:
            connection.send_bytes(_answer(connection.recv_bytes()))


def _leave_to_parent(_signal: int, _frame: object) -> None:
    pass


def _answer(call: bytes) -> memoryview:
    try:
        function, args = ForkingPickler.loads(call)
        return ForkingPickler.dumps((True, function(*args)))
    except BaseException as error:
        if not isinstance(error, Exception):
            error = RuntimeError(repr(error))  # SystemExit must not end the parent
        error.add_note(format_exc())
        try:
            return ForkingPickler.dumps((False, error))
        except Exception:
            return ForkingPickler.dumps((False, RuntimeError(repr(error))))


def _end_with_parent(descriptor: int) -> None:
    """End this process, whatever it does, when the other end of the socket is closed."""
    poll = select.poll()
    poll.register(descriptor, 0)  # a closed other end is reported even so
    poll.poll()
    time.sleep(GRACE_SECONDS / 2)  # between two calls, a process ends by itself
    os._exit(1)
