"""Child processes that call functions for their parent, one at a time.

A child is started by ``exec`` instead of through ``multiprocessing``: the parent may have threads,
may be a daemon, and its main module is not imported a second time. A child ends with its parent,
however the parent ends, and so do the children of the child.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from traceback import format_exc
from typing import BinaryIO, Literal

from pipelines.lifeline import end_with_parent

GRACE_SECONDS = 2.0
"""An idle child has this long to end by itself before it is killed."""

_SERVE = """\
import sys
sys.path[:] = sys.argv[3:]
from pipelines.scans.process import serve
serve(int(sys.argv[1]), first_alone=sys.argv[2] == "alone")
"""
_MARK = b"c"
"""The byte that goes before each call, and takes the files along that are lent to it."""

_MOST_FILES = 253
"""A message over a socket carries no more descriptors (SCM_MAX_FD)."""

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

    def __init__(
        self,
        *,
        first_alone: bool = False,
        environment: Mapping[str, str] | None = None,
        without: tuple[str, ...] = (),
    ) -> None:
        """Start the process.

        Args:
            first_alone: The first call runs before the process has a second thread, so that it
                may set limits that a thread sets for itself and for the threads that it starts.
            environment: Variables that it has beside those of this process.
            without: How the names begin of variables that it does not have.
        """
        ours, theirs = socket.socketpair()
        path = [folder or str(Path.cwd()) for folder in sys.path]
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(without)}
        order = "alone" if first_alone else "watched"
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-P", "-c", _SERVE, str(theirs.fileno()), order, *path],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**inherited, **(environment or {})},
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

    def send(
        self, function: Callable[..., object], *args: object, files: Sequence[int] = ()
    ) -> None:
        """Send a call of a function that can be imported by its name.

        Args:
            function: The function.
            args: Its first arguments.
            files: Descriptors of open files that are lent to it, at most 253: its last arguments
                are descriptors of its own, which are closed when it returns.

        Raises:
            ProcessDied: The process has ended.
        """
        self._unanswered += 1
        try:
            self._lend(files)
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

    def _lend(self, files: Sequence[int]) -> None:
        channel = socket.socket(fileno=self.connection.fileno())
        try:
            socket.send_fds(channel, [_MARK], files)
        finally:
            channel.detach()  # the connection's to close

    def _end(self) -> int:
        try:
            return self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def serve(descriptor: int, *, first_alone: bool) -> None:
    """Run the calls that come over a socket until its other end is closed."""
    # Both signals reach the whole group when somebody ends the program: the parent decides.
    # Handlers, not SIG_IGN, which the programs that are started from here would inherit.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave_to_parent)
    with (
        socket.socket(fileno=descriptor) as channel,
        Connection(os.dup(descriptor)) as connection,
        suppress(EOFError, OSError),
    ):
        if first_alone:
            _serve_call(channel, connection)
        end_with_parent(descriptor)
        while True:
            _serve_call(channel, connection)


def _serve_call(channel: socket.socket, connection: Connection) -> None:
    mark, files, _, _ = socket.recv_fds(channel, len(_MARK), _MOST_FILES)
    if not mark:
        raise EOFError
    try:
        answer = _answer(connection.recv_bytes(), files)
    finally:
        for file in files:
            os.close(file)
    connection.send_bytes(answer)


def open_lent(descriptor: int, mode: Literal["rb", "wb"]) -> BinaryIO:
    """Open a file that was lent with a call: to read it from its start, or to write it anew.

    The place in a file is the lender's, too, and a process before may have been lost with it.
    """
    file = open(descriptor, mode, closefd=False)  # noqa: SIM115 - the caller's to close
    file.seek(0)
    if mode == "wb":
        file.truncate()
    return file


def _leave_to_parent(_signal: int, _frame: object) -> None:
    pass


def _answer(call: bytes, files: list[int]) -> memoryview:
    try:
        function, args = ForkingPickler.loads(call)
        return ForkingPickler.dumps((True, function(*args, *files)))
    except BaseException as error:
        if not isinstance(error, Exception):
            error = RuntimeError(repr(error))  # SystemExit must not end the parent
        error.add_note(format_exc())
        try:
            return ForkingPickler.dumps((False, error))
        except Exception:
            return ForkingPickler.dumps((False, RuntimeError(repr(error))))
