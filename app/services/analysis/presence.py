"""Which workers run: each keeps a file in the data folder fresh while it lives.

Leases don't tell: a worker that waits for work holds none.
"""

from __future__ import annotations

import time
from pathlib import Path

from app.installation import Installation
from pipelines.failpoints import Failpoint, around

FOLDER = "workers"
"""The folder of the files, in the data folder, which all workers of an installation share."""


def announce(home: Installation, owner: str) -> None:
    """Say that a worker lives; to be said again within ``lease_seconds``."""
    path = _file(home, owner)
    path.parent.mkdir(exist_ok=True)
    with around(Failpoint.PRESENCE_ANNOUNCE):
        path.touch()


def forget_silent(home: Installation) -> None:
    """Remove what silent workers have left: one that lives after all gives a sign again."""
    since = time.time() - home.settings.lease_seconds
    for path in _folder(home).glob("*"):
        if _touched(path) < since:
            path.unlink(missing_ok=True)


def withdraw(home: Installation, owner: str) -> None:
    """Say that a worker has ended in good order."""
    with around(Failpoint.PRESENCE_WITHDRAW):
        _file(home, owner).unlink(missing_ok=True)


def count_workers(home: Installation) -> int:
    """Return the number of workers that live, as far as their files tell."""
    since = time.time() - home.settings.lease_seconds
    return sum(_touched(path) >= since for path in _folder(home).glob("*"))


def last_sign(home: Installation) -> float | None:
    """Return the seconds since a worker gave its last sign of life; None if all ended in order."""
    times = [_touched(path) for path in _folder(home).glob("*")]
    return max(0.0, time.time() - max(times)) if times else None


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # the worker has ended meanwhile
        return 0.0


def _folder(home: Installation) -> Path:
    return home.settings.data_dir / FOLDER


def _file(home: Installation, owner: str) -> Path:
    return _folder(home) / owner.replace("/", "_")
