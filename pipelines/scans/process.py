"""Child processes that call functions for their parent, one at a time.

A child is started by ``exec`` instead of through ``multiprocessing``: the parent may have threads,
may be a daemon, and its main module is not imported a second time. A child ends with its parent,
however the parent ends, and so do the children of the child.

The parent trusts itself: calls are pickled. It need not trust the child, which may have looked at
foreign bytes: what a child sends is an answer of ``pipelines.scans.answer``, bounded before it is
read, and waited for no longer than its caller says.
"""

from __future__ import annotations

import math
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import BinaryIO, Final, Literal, TypeVar

from presslens.pipelines.lifeline import end_with_parent
from presslens.pipelines.scans.answer import AnswerInvalid, Form, write, write_error

T = TypeVar("T")

GRACE_SECONDS = 2.0
"""An idle child has this long to end by itself before it is killed."""

_SERVE = """\
import sys
sys.path[:] = sys.argv[3:]
from presslens.pipelines.scans.process import serve
serve(int(sys.argv[1]), first_alone=sys.argv[2] == "alone")
"""
_MARK = b"c"
"""The byte that goes before each call, and takes the files along that are lent to it."""

_CALL = struct.Struct("<QQ")
"""What is before a call: its number, and its bytes."""

_ANSWER = struct.Struct("<QII")
"""What is before an answer: the number of its call, the bytes of its JSON and of its arrays."""

MOST_TEXT, MOST_ARRAYS = 16 * 2**20, 64 * 2**20
"""Most bytes of an answer's JSON, and of its arrays: of a page with 500 photos and thousands of
faces. Objects take up to twenty times the memory of the JSON that says them."""

_SEND_SECONDS = 60.0
"""A child that does not take a call for so long has hung."""

_CHUNK = 2**18

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
        most_text: int = MOST_TEXT,
        most_arrays: int = MOST_ARRAYS,
    ) -> None:
        """Start the process.

        Args:
            first_alone: The first call runs before the process has a second thread, so that it
                may set limits that a thread sets for itself and for the threads that it starts.
            environment: Variables that it has beside those of this process.
            without: How the names begin of variables that it does not have; "": of all of them.
            most_text: Most bytes of the JSON of an answer.
            most_arrays: Most bytes of the arrays of an answer.
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
        ours.settimeout(_SEND_SECONDS)
        self.connection: Final = ours
        self._most = most_text, most_arrays
        self._sent = self._answered = 0
        self._received = bytearray()

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
        return self._answered == self._sent

    @property
    def has_begun(self) -> bool:
        """Whether a part of an answer has come."""
        return bool(self._received)

    def send(
        self, function: Callable[..., object], *args: object, files: Sequence[int] = ()
    ) -> None:
        """Send a call of a function that can be imported by its name.

        Args:
            args: Its first arguments.
            files: Descriptors of open files that are lent to it, at most 253: its last arguments
                are descriptors of its own, which are closed when it returns.

        Raises:
            ProcessDied: The process has ended.
        """
        self._sent += 1
        call = ForkingPickler.dumps((function, args))
        try:
            self._lend(files)
            self.connection.sendall(_CALL.pack(self._sent, len(call)))
            self.connection.sendall(call)
        except OSError:
            raise ProcessDied(self._end()) from None

    def poll(self, seconds: float) -> bool:
        """Wait for a whole answer, or for the end of the process; return whether either came.

        An answer that is none is not waited for: ``receive`` says so.
        """
        end = time.monotonic() + seconds
        events = select.poll()
        events.register(self.connection, select.POLLIN)
        while (missing := self._missing()) > 0:
            left = None if seconds == math.inf else max(0.0, end - time.monotonic()) * 1000
            if not events.poll(left):
                return False
            try:
                part = self.connection.recv(min(missing, _CHUNK))
            except OSError:
                part = b""
            if not part:
                return True
            self._received += part
        return True

    def receive(self, form: Form[T], seconds: float | None = None) -> T:
        """Return the answer to the oldest call without one.

        Args:
            seconds: How long to wait for it; None: as long as the process runs.

        Raises:
            ProcessDied: The process ended before it answered.
            AnswerInvalid: The answer has another form, or belongs to no call, or was not whole in
                time; the process is killed.
            Exception: What the function raised: an error of the form, or ``ChildFailed``.
        """
        came = self.poll(math.inf if seconds is None else seconds)
        if came and self._missing() > 0:
            raise ProcessDied(self._end())
        try:
            text, blob = self._parts()
            return form.read(text, blob)
        except AnswerInvalid:
            self.kill()
            raise

    def _missing(self) -> int:
        """Return how many bytes of an answer are still to come; 0 for one that is none."""
        if len(self._received) < _ANSWER.size:
            return _ANSWER.size - len(self._received)
        _, text, arrays = _ANSWER.unpack_from(self._received)
        if text > self._most[0] or arrays > self._most[1]:
            return 0
        return int(_ANSWER.size + text + arrays - len(self._received))

    def _parts(self) -> tuple[bytes, bytes]:
        received, self._received = self._received, bytearray()
        if len(received) < _ANSWER.size:
            raise AnswerInvalid("no answer in time")
        number, text, arrays = _ANSWER.unpack_from(received)
        middle = _ANSWER.size + text
        self._answered += 1
        if number != self._answered or len(received) != middle + arrays:
            raise AnswerInvalid("an answer to another call, too long, or not whole in time")
        return bytes(received[_ANSWER.size : middle]), bytes(received[middle:])

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
        socket.send_fds(self.connection, [_MARK], files)

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
    with socket.socket(fileno=descriptor) as channel, suppress(EOFError, OSError):
        if first_alone:
            _serve_call(channel)
        end_with_parent(descriptor)
        while True:
            _serve_call(channel)


def _serve_call(channel: socket.socket) -> None:
    mark, files, _, _ = socket.recv_fds(channel, len(_MARK), _MOST_FILES)
    if not mark:
        raise EOFError
    try:
        number, size = _CALL.unpack(_read(channel, _CALL.size))
        text, arrays = _answer(_read(channel, size), files)
    finally:
        for file in files:
            os.close(file)
    # As a file, like above: a confined process has no calls of sockets but the one that lends.
    with open(channel.fileno(), "wb", closefd=False) as out:
        out.write(_ANSWER.pack(number, len(text), len(arrays)) + text + arrays)


def _read(channel: socket.socket, size: int) -> bytearray:
    content = bytearray()
    while len(content) < size:
        part = os.read(channel.fileno(), min(size - len(content), _CHUNK))
        if not part:
            raise EOFError
        content += part
    return content


def open_lent(descriptor: int, mode: Literal["rb", "wb"]) -> BinaryIO:
    """Open a file that was lent with a call: to read it from its start, or to write it again.

    The place in a file is the lender's, too, and a process before may have been lost with it.
    """
    file = open(descriptor, mode, closefd=False)  # noqa: SIM115 - the caller's to close
    file.seek(0)
    if mode == "wb":
        file.truncate()
    return file


def _leave_to_parent(_signal: int, _frame: object) -> None:
    pass


def _answer(call: bytearray, files: list[int]) -> tuple[bytes, bytes]:
    try:
        function, args = ForkingPickler.loads(call)
        return write(function(*args, *files))
    except BaseException as error:  # SystemExit must not end the process
        return write_error(error)
