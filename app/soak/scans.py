"""Hostile and damaged scans end in time, in little memory, and with pixels or a reason."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from app.soak.proof import Proof
from pipelines.evaluation.hostile_scans import hostile_scans
from pipelines.evaluation.mutated_scans import image_seeds, mutated_scans, pdf_seeds
from pipelines.evaluation.scan_trial import try_scan
from pipelines.scans.sandbox import Sandbox

SHARE = 2.0
HOSTILE_SECONDS, HOSTILE_MEMORY = 3.0, 300 * 2**20
DAMAGED_SECONDS, DAMAGED_MEMORY = 10.0, 1.5 * 2**30
DAMAGED = 50_000
"""Damaged scans that are tried at most; fewer if time is short."""


def check(seconds: float) -> Iterator[Proof]:
    """Open scans in the sandbox, one after another."""
    with tempfile.TemporaryDirectory(prefix="presslens-soak-") as folder, Sandbox() as sandbox:
        yield protected(sandbox)
        yield hostile(sandbox, Path(folder) / "scan")
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
    good, scans, slowest, most = 0, 0, 0.0, 0
    for scan in hostile_scans():
        path.write_bytes(scan.content)
        trial = try_scan(sandbox, path)
        ended = set(trial.ends) == (scan.reasons or {None})
        memory = DAMAGED_MEMORY if trial.memory is None else trial.memory
        good += ended and trial.seconds <= HOSTILE_SECONDS and memory <= HOSTILE_MEMORY
        scans, slowest, most = scans + 1, max(slowest, trial.seconds), max(most, int(memory))
    value = f"{good} of {scans}; {slowest:.1f} s, {most >> 20} MB at most"
    return Proof(
        "R2", "hostile scans that end as they must", value, "all, 3 s, 300 MB", good == scans
    )


def damaged(sandbox: Sandbox, path: Path, seconds: float) -> Iterator[Proof]:
    """Try damaged scans for so many seconds."""
    until, scans, slowest, most = time.monotonic() + seconds, 0, 0.0, 0
    seeds = [*image_seeds(), *pdf_seeds()]
    chance = Random(time.time_ns())  # noqa: S311 - other damage each time, not secret
    for scan in mutated_scans(DAMAGED, chance, seeds):
        path.write_bytes(scan.content)
        trial = try_scan(sandbox, path)  # what is neither pixels nor a reason is raised
        scans, slowest = scans + 1, max(slowest, trial.seconds)
        most = max(most, trial.memory or 0)
        if time.monotonic() > until:
            break
    value = f"{scans:,} without another end; {slowest:.1f} s, {most >> 20} MB at most"
    passed = slowest <= DAMAGED_SECONDS and most <= DAMAGED_MEMORY
    yield Proof(
        "R1", "damaged scans that end as pixels or a reason", value, "all, 10 s, 1.5 GB", passed
    )
