"""How an installation is: who works, what waits and for how long, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from presslens.app.installation import Installation
from presslens.app.services.analysis.presence import LiveWorker, live_workers
from presslens.app.services.analysis.readiness import Readiness, check_readiness, oldest_waiting
from presslens.app.services.analysis.runs import Runs, find_runs
from presslens.app.services.catalogue.refused_pages import refused_pages


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """The status of an installation.

    Attributes:
        version: That of the program.
        recipe: The id of the recipe.
        database: The kind of database: sqlite or postgresql.
        disk_free_bytes: Free disk of the data folder.
        readiness: What is wrong.
        workers: The workers that live, on all machines.
        runs: What was done, is done and waits.
        refused: Number of pages that could not be analysed, and that nobody has settled.
        oldest_waiting: Since when the oldest page has waited; None if none waits.
        at: The time.
    """

    version: str
    recipe: str
    database: str
    disk_free_bytes: int
    readiness: Readiness
    workers: Sequence[LiveWorker]
    runs: Runs
    refused: int
    oldest_waiting: datetime | None
    at: datetime

    @property
    def is_ready(self) -> bool:
        """Whether nothing is wrong."""
        return not self.readiness.problems

    @property
    def oldest_waiting_seconds(self) -> float:
        """How long the oldest page has waited; 0 if none waits."""
        return (self.at - self.oldest_waiting).total_seconds() if self.oldest_waiting else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the status as it is served."""
        runs = self.runs.to_json()
        return {
            "schema": 1,
            "at": self.at.isoformat(),
            "version": self.version,
            "recipe": self.recipe,
            "database": self.database,
            "disk_free_bytes": self.disk_free_bytes,
            "status": "ready" if self.is_ready else "not ready",
            "problems": [problem.to_json() for problem in self.readiness.problems],
            "workers": [worker.to_json() for worker in self.workers],
            "refused": self.refused,
            "oldest_waiting_seconds": round(self.oldest_waiting_seconds),
            **{name: runs[name] for name in _OF_RUNS},
        }


_OF_RUNS = ("backlog", "outcomes", "holders", "seconds_a_page", "seconds_left", "lately")


def find_status(home: Installation, *, now: datetime, own_worker: bool = False) -> ServiceStatus:
    """Return the status of an installation.

    Args:
        own_worker: A worker should run even if nothing waits.

    Raises:
        NoDatabase: The database can't be reached.
    """
    with home.database.read() as session:
        oldest = oldest_waiting(home, session)
    readiness = check_readiness(home, own_worker=own_worker)
    return ServiceStatus(
        version("presslens"),
        home.recipe.id,
        home.database.engine.dialect.name,
        home.storage.free_bytes(),
        readiness,
        live_workers(home),
        find_runs(home, now=now, work=readiness.work),
        len(refused_pages(home)),
        oldest,
        now,
    )
