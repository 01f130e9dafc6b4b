"""Runs checks one after another within a time, and gathers what they prove."""

from __future__ import annotations

import importlib
import pkgutil
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import app.soak
from app.soak.proof import NotHere, Proof

GRACE = 1.25
"""How many times its time a check may take before it is ended."""

ENDING = 60.0
"""Seconds beyond that, to start what it needs and to clear up."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check by the name of its module.

    Attributes:
        name: What the command line calls it.
        run: Measures for about so many seconds.
        share: How much of the time it asks for, beside the 1 of others.
    """

    name: str
    run: Callable[[float], Iterable[Proof]]
    share: float = 1.0


def all_checks() -> list[Check]:
    """Return the checks of this folder by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(app.soak.__path__))
    modules = {n: importlib.import_module(f"app.soak.{n}") for n in names if n != "__main__"}
    return [
        Check(name, module.check, getattr(module, "SHARE", 1.0))
        for name, module in modules.items()
        if hasattr(module, "check")
    ]


def run_checks(
    checks: Sequence[Check], seconds: float, say: Callable[[str], None]
) -> Iterator[Proof]:
    """Run checks, and yield what they prove; one that fails does not keep others from running.

    Args:
        checks: In their order.
        seconds: For all of them. What a check leaves of its share, those after it divide.
        say: Called with a line when a check begins.
    """
    until = time.monotonic() + seconds
    for place, check in enumerate(checks):
        left = max(0.0, until - time.monotonic())
        share = left * check.share / sum(later.share for later in checks[place:])
        say(f"{check.name}: {share:.0f} s at most")
        try:
            with time_limit(share * GRACE + ENDING):
                yield from check.run(share)
        except NotHere as missing:
            yield Proof("", check.name, f"not run: {missing}", "", None)
        except Exception as error:
            say(traceback.format_exc())
            yield Proof("", check.name, f"{type(error).__name__}: {error}", "runs", False)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise ``TimeoutError`` in the block after so many seconds; in the main thread alone."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"not done after {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
