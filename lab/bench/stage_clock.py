"""Divides the time of a process among the stages of its work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class StageSeconds:
    """The time of a stage, without that of the stages within it.

    Attributes:
        wall: Seconds by the clock.
        processor: Seconds of processor time of this process, all threads.
        calls: How often it was entered.
    """

    wall: float = 0.0
    processor: float = 0.0
    calls: int = 0


@dataclass(slots=True)
class StageClock:
    """Measures how long each stage takes; one that is entered within another counts for itself.

    Only one thread may enter stages.

    Attributes:
        spent: The time of each stage by its name.
    """

    spent: dict[str, StageSeconds] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _since: tuple[float, float] = (0.0, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the body of the ``with`` statement as a stage."""
        self._turn()
        self._open.append(name)
        self.spent.setdefault(name, StageSeconds()).calls += 1
        try:
            yield
        finally:
            self._turn()
            self._open.pop()

    @contextmanager
    def on(self, *calls: tuple[Any, str, str]) -> Iterator[None]:
        """Count each call of some functions as a stage, as long as the ``with`` statement lasts.

        Args:
            calls: The class or module that holds a function, its name there, and its stage.
        """
        with ExitStack() as stack:
            for owner, name, stage in calls:
                stack.enter_context(self._timed(owner, name, stage))
            yield

    @contextmanager
    def _timed(self, owner: Any, name: str, stage: str) -> Iterator[None]:
        function = getattr(owner, name)

        def timed(*args: Any, **options: Any) -> Any:
            with self.stage(stage):
                return function(*args, **options)

        setattr(owner, name, timed)
        try:
            yield
        finally:
            setattr(owner, name, function)

    def _turn(self) -> None:
        """Give the time since the last turn to the innermost stage that is open."""
        now = time.perf_counter(), time.process_time()
        if self._open:
            spent = self.spent[self._open[-1]]
            spent.wall += now[0] - self._since[0]
            spent.processor += now[1] - self._since[1]
        self._since = now
