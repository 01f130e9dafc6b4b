"""The results of checks: one file each, stored as soon as its check has ended.

A check that was ended half-way has no result. What was measured of another commit, or of files
that no commit has, is shown beside its commit and not taken for a result of today's.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from presslens.app.drill.proof import Proof

CHANGED = "-dirty"
"""How the name of a commit ends whose files were changed."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a check has proven, and under which circumstances.

    Attributes:
        name: The check.
        commit: The commit of the program, as ``git describe`` names it.
        asked: Seconds that it was to take.
        started: The time of its start, ISO 8601 in UTC.
        ended: The time of its end.
        load: The load averages over a minute before it and after it.
        processors: Processors of the machine.
        proofs: What it has proven.
    """

    name: str
    commit: str
    asked: float
    started: str
    ended: str
    load: tuple[float, float]
    processors: int
    proofs: tuple[Proof, ...]

    def answers(self, commit: str, seconds: float) -> bool:
        """Tell whether a check of a commit over so many seconds need not be run again."""
        unchanged = self.commit == commit and not commit.endswith(CHANGED)
        return unchanged and self.asked >= seconds


class ResultFolder:
    """A folder with the result of each check."""

    def __init__(self, path: Path) -> None:
        """Name a folder; it is made when a result is stored."""
        self._path = path

    def store(self, result: Result) -> None:
        """Store a result in place of an earlier one: whole, or not at all."""
        self._path.mkdir(parents=True, exist_ok=True)
        file = self._path / f"{result.name}.json"
        half = file.with_suffix(".half")
        half.write_text(json.dumps(asdict(result), indent=1, ensure_ascii=False) + "\n")
        half.replace(file)

    def find(self, name: str) -> Result | None:
        """Return the result of a check, if there is one."""
        file = self._path / f"{name}.json"
        return _read(json.loads(file.read_text())) if file.exists() else None

    def all(self, names: Sequence[str]) -> list[Result]:
        """Return the results of checks that have one, in the order of their names."""
        return [result for name in names if (result := self.find(name)) is not None]


def _read(stored: dict[str, Any]) -> Result:
    proofs = tuple(Proof(**proof) for proof in stored.pop("proofs"))
    before, after = stored.pop("load")
    return Result(**stored, load=(before, after), proofs=proofs)


def present_commit() -> str:
    """Return the commit of the program's files; "unknown" outside of a checkout."""
    command = ["git", "describe", "--always", "--long", f"--dirty={CHANGED}"]
    try:
        done = subprocess.run(  # noqa: S603 - git, with our arguments
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return f"unknown{CHANGED}"
    return done.stdout.strip()


def present_load() -> float:
    """Return the load average over a minute."""
    return round(os.getloadavg()[0], 2)
