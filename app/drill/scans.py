"""Hostile and damaged scans end in time, in little memory, and with pixels or a reason."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from presslens.app.drill.hostile_pdfs import hostile_pdfs
from presslens.app.drill.hostile_scans import hostile_scans
from presslens.app.drill.mutated_scans import image_seeds, mutated_scans, pdf_seeds
from presslens.app.drill.proof import Proof
from presslens.app.drill.scan_trial import ScanTrial, try_scan
from presslens.pipelines.scans.rejection import RejectReason
from presslens.pipelines.scans.sandbox import Sandbox

SHARE = 2.0
HOSTILE_SECONDS, HOSTILE_MEMORY = 3.0, 300 * 2**20
DAMAGED_SECONDS, DAMAGED_MEMORY = 10.0, 1.5 * 2**30
PDFS = 100
DAMAGED = 50_000
"""Damaged scans that are tried at most; fewer if time is short."""


def check(seconds: float) -> Iterator[Proof]:
    """Open scans in the sandbox, one after another."""
    with tempfile.TemporaryDirectory(prefix="presslens-soak-") as folder, Sandbox() as sandbox:
        yield protected(sandbox)
        yield hostile(sandbox, Path(folder) / "scan")
        yield hostile_drawings(sandbox, Path(folder) / "scan")
        yield from damaged(sandbox, Path(folder) / "scan", seconds)


def protected(sandbox: Sandbox) -> Proof:
    """Say what the kernel takes from the process that opens scans."""
    held = sandbox.protections
    names = {"files": held.files, "network and programs": held.calls}
    value = ", ".join(f"{name}: {'closed' if names[name] else 'open'}" for name in names)
    passed = True if all(names.values()) else None
    return Proof("R1", "the reader's way to what is not its scan", value, "closed", passed)


def hostile(sandbox: Sandbox, path: Path) -> Proof:
    """Try the scans that are made to harm."""
    tries = [(try_written(sandbox, path, one.content), one.reasons) for one in hostile_scans()]
    good = sum(set(trial.ends) == (reasons or {None}) for trial, reasons in tries)
    trials = [trial for trial, _ in tries]
    return _bounded("hostile scans that end as they must", trials, good)


def hostile_drawings(sandbox: Sandbox, path: Path) -> Proof:
    """Try PDFs whose pages would take hours to draw, or gigabytes."""
    chance = Random(17)  # noqa: S311 - the same ones each time, not secret
    trials = [try_written(sandbox, path, one.content) for one in hostile_pdfs(PDFS, chance)]
    good = sum(RejectReason.CRASHED not in trial.ends for trial in trials)
    return _bounded("hostile PDFs, generated, that are refused for what they are", trials, good)


def _bounded(what: str, trials: Sequence[ScanTrial], good: int) -> Proof:
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
