"""Hostile and damaged scans end in time, in little memory, and with pixels or a reason."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from presslens.app.drill.proof import Proof
from presslens.app.drill.scans import damaged, hostile, protected, try_written, within_bounds
from presslens.lab.soak.hostile_pdfs import hostile_pdfs
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import RejectReason

SHARE = 2.0
PDFS = 100


def check(seconds: float) -> Iterator[Proof]:
    """Open scans in the sandbox, one after another."""
    with tempfile.TemporaryDirectory(prefix="presslens-soak-") as folder, Sandbox() as sandbox:
        yield protected(sandbox)
        yield hostile(sandbox, Path(folder) / "scan")
        yield hostile_drawings(sandbox, Path(folder) / "scan")
        yield from damaged(sandbox, Path(folder) / "scan", seconds)


def hostile_drawings(sandbox: Sandbox, path: Path) -> Proof:
    """Try PDFs whose pages would take hours to draw, or gigabytes."""
    chance = Random(17)  # noqa: S311 - the same ones each time, not secret
    trials = [try_written(sandbox, path, one.content) for one in hostile_pdfs(PDFS, chance)]
    good = sum(RejectReason.CRASHED not in trial.ends for trial in trials)
    return within_bounds(
        "hostile PDFs, generated, that are refused for what they are", trials, good
    )
