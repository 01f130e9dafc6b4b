"""Tries what a scan ends as in the sandbox, in which time, and how much memory its reader takes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.rejection import RejectReason, ScanRejected
from presslens.pipelines.scans.sandbox import Sandbox

DPI = 72

_RESET_PEAK = "5"
"""What is written to ``/proc/PID/clear_refs`` so that the peak of memory counts anew."""


_LOOK_SECONDS = 0.01
"""How often the memory of a reader is looked up: its peak is that before it ends, if it does."""


@dataclass(frozen=True, slots=True)
class ScanTrial:
    """What came of a scan.

    Attributes:
        ends: Of each page the reason that it was rejected for, or None for pixels.
        seconds: How long it took.
        memory: The most bytes that its readers had, beyond what the first had before.
    """

    ends: tuple[RejectReason | None, ...]
    seconds: float
    memory: int

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
