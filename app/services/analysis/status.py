"""How an installation is: who works, what waits and for how long, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Annotated, ClassVar, Literal

from presslens.app.installation import Installation
from presslens.app.services.analysis.presence import LiveWorker, live_workers
from presslens.app.services.analysis.readiness import (
    ServiceProblem,
    check_readiness,
    oldest_waiting,
)
from presslens.app.services.analysis.runs import Runs, find_runs
from presslens.app.services.catalogue.refused_pages import refused_pages
from presslens.pipelines.result import Moment, Served, digits


@dataclass(frozen=True, slots=True)
class ServiceStatus(Served):
    """The status of an installation."""

    SERVED: ClassVar[str] = """
        schema at version recipe database disk_free_bytes status problems workers refused
        oldest_waiting_seconds backlog=runs.backlog outcomes=runs.outcomes holders=runs.holders
        seconds_a_page=runs.seconds_a_page seconds_left=runs.seconds_left lately=runs.lately
    """

    at: Moment  # the time
    version: str  # that of the program
    recipe: str  # the id of the recipe
    database: str  # the kind of database: sqlite or postgresql
    disk_free_bytes: int  # free disk of the data folder
    problems: Sequence[ServiceProblem]  # what is wrong
    workers: Sequence[LiveWorker]  # the workers that live, on all machines
    runs: Runs  # what was done, is done and waits
    refused: int  # number of pages that could not be analysed, and that nobody has settled
    # How long the oldest page has waited; 0 if none waits.
    oldest_waiting_seconds: Annotated[float, digits(None)]

    @property
    def status(self) -> Literal["ready", "not ready"]:
        """Whether nothing is wrong."""
        return "not ready" if self.problems else "ready"


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
        at=now,
        version=version("presslens"),
        recipe=home.recipe.id,
        database=home.database.engine.dialect.name,
        disk_free_bytes=home.storage.free_bytes(),
        problems=readiness.problems,
        workers=live_workers(home),
        runs=find_runs(home, now=now, work=readiness.work),
        refused=len(refused_pages(home)),
        oldest_waiting_seconds=(now - oldest).total_seconds() if oldest else 0.0,
    )
