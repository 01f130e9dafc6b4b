"""Nights that are disturbed at failpoints, each beside the same night undisturbed.

A process that has done the night once, and has no thread, forks for each disturbance: the child is
struck, and the parent then does the night again over what is left, as the next start would.
"""

from __future__ import annotations

import logging
import os
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import Any, NoReturn

import cv2
import structlog
from sqlalchemy import Engine, create_engine

import presslens.app.db.session
from presslens.lab.soak.night import Night, prepare, result, spend
from presslens.pipelines.failpoints import Action, Failpoint, WhenStruck, arm

Place = tuple[Failpoint, WhenStruck]
Strike = Callable[[Night], Action]
"""Returns what happens at failpoints of a night."""


@dataclass(frozen=True, slots=True)
class Struck:
    """What has come of a night that was disturbed.

    Attributes:
        ended: How each disturbed process ended: its exit code, or minus the signal.
        equal: Whether the night, done again, came to the same as an undisturbed one.
        why: What the disturbed process, or the night done again, broke off with; empty: nothing.
    """

    ended: tuple[int, ...]
    equal: bool
    why: str = ""

    @property
    def kills(self) -> int:
        """How many processes were killed."""
        return self.ended.count(-signal.SIGKILL)


@dataclass(slots=True)
class Storm:
    """A prepared night, and what comes of it undisturbed.

    Attributes:
        folder: An empty folder for the copies of the night.
        passes: How often an undisturbed night comes to each place.
        result: Returns everything that has come of a night.
        calm: What has come of it.
    """

    folder: Path
    editions: int = 2
    result: Callable[[Night], str] = result
    passes: Counter[Place] = field(default_factory=Counter)
    calm: str = ""
    _count: int = 0

    def open(self) -> None:
        """Prepare the night, and do it undisturbed."""
        prepare_to_fork()
        prepare(self._first, editions=self.editions)
        night = self.copy()
        arm(lambda point, moment: self.passes.update([(point, moment)]))
        try:
            spend(night)
        finally:
            arm(None)
        if idle := [point for point in Failpoint if not self.passes[point, WhenStruck.BEFORE]]:
            raise RuntimeError(f"an undisturbed night never comes to {', '.join(idle)}")
        self.calm = self.result(night)
        rmtree(night.folder)

    @property
    def _first(self) -> Night:
        (self.folder / "first").mkdir(parents=True, exist_ok=True)
        return Night(self.folder / "first")

    def copy(self) -> Night:
        """Return a copy of the night before anything of it was done."""
        self._count += 1
        return self._first.copy(self.folder / f"{self._count}")

    def strike(self, *strikes: Strike) -> Struck:
        """Do the night in children that are disturbed, then undisturbed, and compare.

        Args:
            strikes: What happens to one child after the other.
        """
        night = self.copy()
        ends = [in_child(partial(_spend, night, strike)) for strike in strikes]
        codes, why = tuple(code for code, _ in ends), ends[-1][1]
        try:
            spend(night)
            equal = self.result(night) == self.calm
        except Exception:
            return Struck(codes, equal=False, why=traceback.format_exc())
        if equal:
            rmtree(night.folder)  # others stay, to be looked at
        return Struck(codes, equal, why)


def _spend(night: Night, strike: Strike) -> None:
    arm(strike(night))
    spend(night)


def prepare_to_fork() -> None:
    """Have this process start no threads, and children say nothing."""
    cv2.setNumThreads(1)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def in_child(work: Callable[[], None]) -> tuple[int, str]:
    """Run work in a forked child; return how it ended, and the error that it raised, if it did."""
    return Child(work).wait()


class Child:
    """A forked process that does some work, and ends."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._output, tell = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _work_and_end(work, tell)
        os.close(tell)

    def wait(self) -> tuple[int, str]:
        """Wait for its end; return its exit code, or minus its signal, and the error it raised."""
        with os.fdopen(self._output, "rb") as output:
            why = output.read().decode()
        _, status = os.waitpid(self._pid, 0)
        return os.waitstatus_to_exitcode(status), why


def _work_and_end(work: Callable[[], None], tell: int) -> NoReturn:
    code = 1
    try:
        work()
        code = 0
    except BaseException as error:
        os.write(tell, f"{type(error).__name__}: {error}".encode()[:4000])
    finally:
        os._exit(code)


def at(place: Place, act: Callable[[], None], *, nth: int = 1, last: float = 1) -> Action:
    """Return what acts at a place from the nth time that it is come to, up to the last time."""
    seen = 0

    def come(point: Failpoint, moment: WhenStruck) -> None:
        nonlocal seen
        if (point, moment) == place:
            seen += 1
            if nth <= seen <= max(nth, last):
                act()

    return come


def after(passes: int, act: Callable[[], None]) -> Action:
    """Return what acts when so many places were come to, whichever."""
    left = passes

    def come(_point: Failpoint, _moment: WhenStruck) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            act()

    return come


def kill() -> None:
    """End this process as ``kill -9`` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail(number: int) -> Callable[[], None]:
    """Return what raises an OSError."""

    def act() -> None:
        raise OSError(number, os.strerror(number))

    return act


@contextmanager
def shared_statements() -> Iterator[None]:
    """Have each database take over the compiled statements of the first: most of a night's time."""
    first: list[Engine] = []

    def create(url: Any, **options: Any) -> Engine:
        engine = create_engine(url, **options)
        if first:
            engine.dialect, engine._compiled_cache = first[0].dialect, first[0]._compiled_cache
        elif engine.dialect.name == "sqlite":
            first.append(engine)
        return engine

    module: Any = presslens.app.db.session
    module.create_engine = create
    try:
        yield
    finally:
        module.create_engine = create_engine
