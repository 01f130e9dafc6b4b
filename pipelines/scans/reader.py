"""A reader: a process with limits that opens scans, and evidence of what ended a call.

A decoder that fails on a file fails by a signal of its own (a segmentation fault, an abort), by
MemoryError at its limit of address space, or by using more of the processor than it may. A reader
that was killed from outside, or got no processor time, says nothing about the file.
"""

from __future__ import annotations

import importlib
import math
import os
import resource
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import PIL
import pypdfium2

import presslens.pipelines.scans.archive  # noqa: F401 - a confined process can't import it
from presslens.pipelines.scans.answer import AnswerInvalid, Form
from presslens.pipelines.scans.confinement import (
    Protections,
    allocated_memory,
    allow_memory,
    confine_process,
    limit_seconds,
)
from presslens.pipelines.scans.decode import CHANNELS, harden
from presslens.pipelines.scans.process import ChildProcess, ProcessDied
from presslens.pipelines.scans.scan import Limits

T = TypeVar("T")

START_SECONDS = 60.0
"""A process that needs longer to import the decoders has been stopped."""

_OWN_SIGNALS = frozenset(
    {
        signal.SIGABRT,
        signal.SIGBUS,
        signal.SIGFPE,
        signal.SIGILL,
        signal.SIGSEGV,
        signal.SIGSYS,
        signal.SIGTRAP,
    }
)
"""Signals that a process brings on itself; all others are sent."""

_BUSY_SHARE = 0.5
"""A decoder that used this share of its time on the processor works, and is too slow."""

_IDLE_SHARE = 0.05
"""A reader that used less of its time on the processor was stopped, or waits for a device."""

_PATIENCE = 4
"""A reader that shares the processor with many others has so many times its time."""


_NEEDED = ("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "PYTHONPATH")
"""Variables that a reader has: what finds Python's libraries, and the coding of names."""

_MOST_TEXT = 8 * 2**20
"""Most bytes of an answer: the printed text of a page, with its boxes; most have some hundred."""

_LIFETIME_SECONDS, _LIFETIME_PAGES = 60.0, 10
"""A reader has so much processor time, and that of so many of the largest pages, in all."""

_CONFINED = Form(Protections)


class ReaderTimeout(Exception):
    """A call used up its processor time."""


class ReaderCrashed(Exception):
    """A call brought its process down.

    Attributes:
        aborted: By itself, which C++ does where it gets no memory.
    """

    def __init__(self, *, aborted: bool = False) -> None:
        super().__init__()
        self.aborted = aborted


class ReaderLost(Exception):
    """A process was killed or stopped from outside; the message says how."""


class Reader:
    """A confined process that runs one call at a time.

    Attributes:
        calls: How many calls it was given.
    """

    def __init__(self, limits: Limits, modules: Sequence[str] = ()) -> None:
        self.calls = 0
        self._limits = limits
        # numpy's threads would be started before the process is confined, and do nothing here.
        needed = {name: os.environ[name] for name in _NEEDED if name in os.environ}
        self._child = ChildProcess(
            first_alone=True,
            environment={**needed, "OPENBLAS_NUM_THREADS": "1"},
            without=("",),
            most_text=_MOST_TEXT,
            most_arrays=0,
        )
        self._confined: Protections | None = None
        self._send(confine, limits, modules)

    @property
    def protections(self) -> Protections:
        """What holds in the process.

        Raises:
            ReaderLost: It could not start.
        """
        if self._confined is None:
            self._confined = self._await_start()
        return self._confined

    @property
    def is_ready(self) -> bool:
        """Whether the process runs, runs no call, and has time for the largest page."""
        left = _lifetime(self._limits) - self._child.processor_seconds()
        is_fresh = left > self._limits.seconds + _LIFETIME_SECONDS / 2
        return self._child.is_alive and self._child.is_idle and is_fresh

    def start(
        self, function: Callable[..., object], *args: object, files: Sequence[int] = ()
    ) -> None:
        """Start a call, without waiting for its end; see ``ChildProcess.send``."""
        self.calls += 1
        self._send(call_timed, self._limits.seconds_for(0), function, *args, files=files)

    def result(self, form: Form[T]) -> T:
        """Return what the call returned.

        Args:
            form: The form of the answer.

        Raises:
            ReaderTimeout: The call used up its time, and used it on the processor.
            ReaderCrashed: The call brought the process down, or the process answers what it likes.
            ReaderLost: The process was killed or stopped from outside, or could not start.
            Exception: What the function raised, MemoryError at the limit among them.
        """
        _ = self.protections
        try:
            return self._receive(form)
        except AnswerInvalid:
            raise ReaderCrashed from None
        except ProcessDied as death:
            if -death.code == signal.SIGXCPU:
                raise ReaderTimeout from None
            if death.code >= 0 or -death.code in _OWN_SIGNALS:
                raise ReaderCrashed(aborted=-death.code == signal.SIGABRT) from None
            raise ReaderLost(_cause(-death.code)) from None

    def close(self) -> None:
        """End the process."""
        self._child.close()

    def kill(self) -> None:
        """Kill the process, whatever it does."""
        self._child.kill()

    def _send(
        self, function: Callable[..., object], *args: object, files: Sequence[int] = ()
    ) -> None:
        try:
            self._child.send(function, *args, files=files)
        except ProcessDied as death:
            raise ReaderLost(f"it ended with code {death.code} before it was asked") from None

    def _await_start(self) -> Protections:
        if not self._child.poll(START_SECONDS):
            self.kill()
            raise ReaderLost(f"it did not start within {START_SECONDS:g} s")
        try:
            return self._child.receive(_CONFINED)
        except ProcessDied as death:
            raise ReaderLost(f"it ended with code {death.code} before it was ready") from None

    def _receive(self, form: Form[T]) -> T:
        """Return an answer. Time is measured by the monotonic clock, which nobody sets."""
        seconds = self._limits.seconds
        start = before = self._child.processor_seconds()
        for _ in range(_PATIENCE):
            if self._child.poll(seconds):
                return self._child.receive(form)
            used = self._child.processor_seconds()
            if used - start >= _BUSY_SHARE * seconds:
                self.kill()
                raise ReaderTimeout
            if used - before < _IDLE_SHARE * seconds:
                break
            before = used
        self.kill()
        if self._child.has_begun:  # nothing but the reader stops in the middle of an answer
            raise ReaderCrashed
        raise ReaderLost(f"it used no processor for {seconds:g} s")


def _cause(number: int) -> str:
    try:
        return f"it was ended by {signal.Signals(number).name}"
    except ValueError:  # a real-time signal
        return f"it was ended by signal {number}"


def _lifetime(limits: Limits) -> float:
    return _LIFETIME_SECONDS + _LIFETIME_PAGES * limits.seconds


def confine(limits: Limits, modules: Sequence[str] = ()) -> Protections:
    """Set the limits of this process, before it opens a scan, and return what protects it.

    Args:
        limits: The memory that it may take on top of what it has now, among others.
        modules: What is imported before: a confined process can't import modules of ours.
    """
    for module in modules:
        importlib.import_module(module)
    memory = allocated_memory() + limits.memory_bytes
    written = max(CHANNELS * limits.pixels, limits.file_bytes)
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CPU, math.ceil(_lifetime(limits))),
    ):
        resource.setrlimit(what, (most, most))
    harden(limits)
    # libtiff writes to the terminal of the parent; what matters is returned as a reason.
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    libraries = {Path(module.__path__[0]).parent for module in (PIL, np, pypdfium2)}
    return confine_process(libraries)


def call_timed(seconds: float, function: Callable[..., object], *args: object) -> object:
    """Call a function that may use so much processor time, until it allows itself more.

    No more than what its parent gives it in all: a process that was taken over is ended by that.
    """
    limit_seconds(seconds)
    allow_memory(None)
    return function(*args)
