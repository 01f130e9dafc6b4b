"""Hostile and damaged scans end in time, in little memory, and with pixels or a reason."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Event, Thread

from presslens.app.drill.hostile_scans import hostile_scans
from presslens.app.drill.mutated_scans import image_seeds, mutated_scans, pdf_seeds
from presslens.app.drill.proof import Proof
from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import RejectReason, ScanRejected

DPI = 72

_RESET_PEAK = "5"
"""What is written to ``/proc/PID/clear_refs`` so that the peak of memory counts anew."""


_LOOK_SECONDS = 0.01
"""How often the memory of a reader is looked up: its peak is that before it ends, if it does."""


@dataclass(frozen=True, slots=True)
class ScanTrial:
    """The result of a scan."""

    # Of each page the reason that it was rejected for, or None for pixels.
    ends: tuple[RejectReason | None, ...]
    seconds: float  # how long it took
    memory: int  # the most bytes that its readers had, beyond what the first had before

    @property
    def is_refused(self) -> bool:
        """Whether a page of it was rejected."""
        return any(end is not None for end in self.ends)


class _Peak(Thread):
    """Looks up the peak of the memory of readers, until it is stopped."""

    def __init__(self, reader: int) -> None:
        super().__init__()
        self._reader = reader
        self._done = Event()
        self._peak = 0

    def run(self) -> None:
        """Look it up again and again."""
        while not self._done.wait(_LOOK_SECONDS):
            self._look()

    def stop(self) -> int:
        """Return the peak."""
        self._done.set()
        self.join()
        self._look()
        return self._peak

    def _look(self) -> None:
        self._peak = max(self._peak, _memory(self._reader, "VmHWM"))


def try_scan(sandbox: Sandbox, path: Path) -> ScanTrial:
    """Open a file as an upload is opened, and make the pixels of all its pages.

    Args:
        sandbox: Of one process.
        path: The file; members of an archive are written beside it.
    """
    reader = sandbox.run("scan", Form(int), os.getpid)
    while not _memory(reader, "VmRSS"):  # that call was its last
        reader = sandbox.run("scan", Form(int), os.getpid)
    Path(f"/proc/{reader}/clear_refs").write_text(_RESET_PEAK)
    before, start = _memory(reader, "VmRSS"), time.perf_counter()
    peak = _Peak(reader)
    peak.start()
    try:
        ends = tuple(_ends(sandbox, path))
    finally:
        seconds, most = time.perf_counter() - start, peak.stop()
    return ScanTrial(ends, seconds, most - before)


def _ends(sandbox: Sandbox, path: Path) -> Iterator[RejectReason | None]:
    for page in sandbox.unpack(path, "scan", path.parent):
        if isinstance(page, ScanRejected):
            yield page.reason
            continue
        try:
            sandbox.decode(page.path, page.frame, page.name, pdf_dpi=DPI)
            yield None
        except ScanRejected as rejection:
            yield rejection.reason


def _memory(process: int, what: str) -> int:
    """Return a figure of a process's memory in bytes; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(what)), 0)


HOSTILE_SECONDS, HOSTILE_MEMORY = 3.0, 300 * 2**20
DAMAGED_SECONDS, DAMAGED_MEMORY = 10.0, 1.5 * 2**30
DAMAGED = 50_000
"""Damaged scans that are tried at most; fewer if time is short."""


def protected(sandbox: Sandbox) -> Proof:
    """Say what the kernel takes from the process that opens scans."""
    protections = sandbox.protections
    names = {"files": protections.files, "network and programs": protections.calls}
    value = ", ".join(f"{name}: {'closed' if names[name] else 'open'}" for name in names)
    passed = True if all(names.values()) else None
    return Proof("R1", "the reader's way to what is not its scan", value, "closed", passed)


def hostile(sandbox: Sandbox, path: Path) -> Proof:
    """Try the scans that are made to harm."""
    tries = [(try_written(sandbox, path, one.content), one.reasons) for one in hostile_scans()]
    good = sum(set(trial.ends) == (reasons or {None}) for trial, reasons in tries)
    trials = [trial for trial, _ in tries]
    return within_bounds("hostile scans that end as they must", trials, good)


def within_bounds(what: str, trials: Sequence[ScanTrial], good: int) -> Proof:
    """Return the proof that hostile scans are refused in little time and memory."""
    refused = [trial for trial in trials if trial.is_refused]
    slowest = max(trial.seconds for trial in refused)
    memory = max(trial.memory for trial in trials)
    value = (
        f"{good} of {len(trials)}, {len(refused)} refused;"
        f" a refusal {slowest:.1f} s, {memory >> 20} MB at most"
    )
    passed = good == len(trials) and slowest <= HOSTILE_SECONDS and memory <= HOSTILE_MEMORY
    return Proof("R2", what, value, "all, 3 s, 300 MB", passed)


def try_written(sandbox: Sandbox, path: Path, content: bytes) -> ScanTrial:
    """Write a scan, and try it."""
    path.write_bytes(content)
    return try_scan(sandbox, path)


def damaged(sandbox: Sandbox, path: Path, seconds: float) -> Iterator[Proof]:
    """Try damaged scans for so many seconds."""
    until, scans, slowest, most = time.monotonic() + seconds, 0, 0.0, 0
    seeds = [*image_seeds(), *pdf_seeds()]
    chance = Random(time.time_ns())  # noqa: S311 - other damage each time, not secret
    for scan in mutated_scans(DAMAGED, chance, seeds):
        trial = try_written(
            sandbox, path, scan.content
        )  # what is neither pixels nor a reason is raised
        scans, slowest = scans + 1, max(slowest, trial.seconds)
        most = max(most, trial.memory)
        if time.monotonic() > until:
            break
    value = f"{scans:,} without another end; {slowest:.1f} s, {most >> 20} MB at most"
    passed = slowest <= DAMAGED_SECONDS and most <= DAMAGED_MEMORY
    yield Proof(
        "R1", "damaged scans that end as pixels or a reason", value, "all, 10 s, 1.5 GB", passed
    )
