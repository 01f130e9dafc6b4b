"""Runs checks one after another within a time, and gathers what they prove."""

from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import presslens.lab.soak
from presslens.app.drill.proof import NotHere, Proof
from presslens.app.platform import clock
from presslens.lab.soak.results import Result, present_commit, present_load

GRACE = 1.25
"""How many times its time a check may take before it is ended."""

ENDING = 300.0
"""Seconds beyond that, to start what it needs and to clear up, beside other programs too."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check by the name of its module.

    Attributes:
        name: What the command line calls it.
        run: Measures for about so many seconds.
        share: How much of the time it asks for, beside the 1 of others.
        whole: Seconds that it takes when it is run to its end; 0: its share of the time.
    """

    name: str
    run: Callable[[float], Iterable[Proof]]
    share: float = 1.0
    whole: float = 0.0


def all_checks() -> list[Check]:
    """Return the checks of this folder, those that take longest at the end."""
    package = presslens.lab.soak
    modules = {
        module.name: importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
        if module.name != "__main__"
    }
    checks = [
        Check(name, module.check, getattr(module, "SHARE", 1.0), getattr(module, "WHOLE", 0.0))
        for name, module in sorted(modules.items())
        if hasattr(module, "check")
    ]
    return sorted(checks, key=lambda check: check.whole)


def times(checks: Sequence[Check], seconds: float, *, to_the_end: bool) -> list[float]:
    """Return the seconds of each check.

    Args:
        to_the_end: Those whose end is known take as long beside these seconds.
    """
    shares = [0.0 if to_the_end and check.whole else check.share for check in checks]
    each = seconds / (sum(shares) or 1.0)
    return [share * each or check.whole for check, share in zip(checks, shares, strict=True)]


def run_check(check: Check, seconds: float, say: Callable[[str], None]) -> Result:
    """Run a check; one that fails or lacks something proves that.

    Args:
        seconds: What it may take.
        say: Called with a line for each proof, and with the trace of an error.
    """
    started, before = clock.now(), present_load()
    proofs = []
    for proof in _proofs(check, seconds, say):
        say(f"{proof.promise} {proof.what}: {proof.value}")
        proofs.append(proof)
    return Result(
        check.name,
        present_commit(),
        seconds,
        started.isoformat(timespec="seconds"),
        clock.now().isoformat(timespec="seconds"),
        (before, present_load()),
        os.cpu_count() or 1,
        tuple(proofs),
    )


def _proofs(check: Check, seconds: float, say: Callable[[str], None]) -> Iterator[Proof]:
    try:
        with time_limit(seconds * GRACE + ENDING):
            yield from check.run(seconds)
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
