"""Has many workers do the same work, some of which fails, and compares with one worker."""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from presslens.app.drill.proof import Proof
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.services.ingest.inbox import import_inbox
from presslens.lab.soak.kills import open_storm
from presslens.lab.soak.night import Night, at_work, prepare, result
from presslens.lab.soak.storm import Child, fail, prepare_to_fork, shared_statements
from presslens.lab.soak.tables import canonical_tables
from presslens.pipelines.failpoints import Action, Failpoint, WhenStruck, arm

WHOLE = 420.0
WORKERS = 8
EDITIONS = 200
FAILING = 0.1
"""The share of results whose storing fails."""

STORED = {point for point in Failpoint if point.endswith(".store")}


def outcome(night: Night) -> dict[str, str]:
    """Return the sha256 of the canonical dump with the files, and of each exported table."""
    with open_installation(night.settings) as home:
        parts = {"dump": result(night)}
        parts |= {name: json.dumps(rows) for name, rows in canonical_tables(home).items()}
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in parts.items()}


def work_together(night: Night, *, workers: int, seed: int) -> None:
    """Import the editions in a random order, and have workers do all work at once.

    Args:
        night: What is to be done.
        workers: Processes that work at once.
        seed: Of the order, and of what fails; from 0 on, the first worker fails nothing.
    """
    order = sorted(night.inbox.iterdir())
    random.Random(seed).shuffle(order)  # noqa: S311 - repeatable, not secret
    with open_installation(night.settings) as home:
        for place, folder in enumerate(order):
            alone = night.folder / f"inbox-{place}"
            alone.mkdir()
            folder.rename(alone / folder.name)
            import_inbox(home, alone, now=clock.now())
    children = [Child(partial(_work, night, seed + number)) for number in range(workers)]
    ends = [child.wait() for child in children]
    if any(code for code, _ in ends):
        raise RuntimeError(f"workers ended: {ends}")
    _drain(night)  # what others had leased last


def _work(night: Night, seed: int) -> None:
    if seed:
        arm(_failing(seed))
    _drain(night)


def _drain(night: Night) -> None:
    with open_installation(night.settings) as home, at_work(home) as worker:
        worker.drain()


def _failing(seed: int) -> Action:
    """Return what fails some of the results before they are stored."""
    chance, break_ = random.Random(seed), fail(5)  # noqa: S311 - EIO: the piece of work fails

    def come(point: Failpoint, when: WhenStruck) -> None:
        if point in STORED and when is WhenStruck.BEFORE and chance.random() < FAILING:
            break_()

    return come


def fresh_night(folder: Path, editions: int, *, workers: int, seed: int) -> dict[str, str]:
    """Return what workers make of a night in a new folder."""
    prepare_to_fork()
    folder.mkdir(parents=True)
    night = Night(folder)
    with shared_statements():
        prepare(night, editions=editions)
        if workers > 1:  # children take over the statements that one has compiled
            work_together(night.copy(folder.with_name("warm")), workers=1, seed=0)
        work_together(night, workers=workers, seed=seed)
        return outcome(night)


def check(seconds: float) -> Iterator[Proof]:
    """Give 8 workers 200 editions, and again in other orders as long as there is time."""
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="presslens-") as name:
        folder = Path(name)
        with open_storm(folder, editions=EDITIONS) as storm:
            rounds: list[dict[str, str]] = []
            calm = storm.copy()
            work_together(calm, workers=1, seed=0)
            alone = outcome(calm)
            while not rounds or time.monotonic() < until:
                night = storm.copy()
                work_together(night, workers=WORKERS, seed=1 + len(rounds))
                rounds.append(outcome(night))
    equal = sum(dump == alone for dump in rounds)
    what = f"{WORKERS} workers on {EDITIONS} editions, shuffled, 10 % of results failing"
    value = f"{equal} of {len(rounds)} rounds: dump and {len(alone) - 1} tables equal"
    yield Proof("R5", what, value, "all", equal == len(rounds))
