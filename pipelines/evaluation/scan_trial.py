"""Tries what a scan ends as in the sandbox, in which time, and how much memory its reader takes."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipelines.scans.rejection import RejectReason, ScanRejected
from pipelines.scans.sandbox import Sandbox

DPI = 72

_RESET_PEAK = "5"
"""What is written to ``/proc/PID/clear_refs`` so that the peak of memory counts anew."""


@dataclass(frozen=True, slots=True)
class ScanTrial:
    """What came of a scan.

    Attributes:
        ends: Of each page the reason that it was rejected for, or None for pixels.
        seconds: How long it took.
        memory: The most bytes that the reader had, beyond what it had before; None if it ended.
    """

    ends: tuple[RejectReason | None, ...]
    seconds: float
    memory: int | None


def try_scan(sandbox: Sandbox, path: Path) -> ScanTrial:
    """Open a file as an upload is opened, and make the pixels of all its pages.

    Args:
        sandbox: Of one process.
        path: The file; members of an archive are written beside it.
    """
    trial = _try_once(sandbox, path)
    # A reader ends after its number of calls, whatever the scan; the next one has them before it.
    return trial if trial.memory is not None else _try_once(sandbox, path)


def _try_once(sandbox: Sandbox, path: Path) -> ScanTrial:
    reader = sandbox.run("scan", os.getpid)
    with suppress(FileNotFoundError):  # that call was its last
        Path(f"/proc/{reader}/clear_refs").write_text(_RESET_PEAK)
    before, start = _memory(reader, "VmRSS"), time.perf_counter()
    ends: list[RejectReason | None] = []
    for page in sandbox.unpack(path, "scan", path.parent):
        if isinstance(page, ScanRejected):
            ends.append(page.reason)
            continue
        try:
            sandbox.decode(page.path, page.frame, page.name, pdf_dpi=DPI)
            ends.append(None)
        except ScanRejected as rejection:
            ends.append(rejection.reason)
    seconds, peak = time.perf_counter() - start, _memory(reader, "VmHWM")
    memory = None if before is None or peak is None else peak - before
    return ScanTrial(tuple(ends), seconds, memory)


def _memory(process: int, what: str) -> int | None:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(what)), None)
