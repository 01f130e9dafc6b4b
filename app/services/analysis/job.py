"""The interface of a kind of work, and the tools that work is done with."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import structlog
from sqlalchemy.orm import Session

from app.db.columns import JobKind
from app.installation import Installation
from app.services.analysis.interpret import Interprets
from app.services.analysis.lease import Claim, WorkList, finish, new_owner
from models.recipe import Recipe
from pipelines.engine import Engine
from pipelines.scans.rejection import ReadingFailed
from pipelines.scans.sandbox import Sandbox

log = structlog.get_logger()

Batches = Iterator[list[Claim]]


@dataclass(slots=True)
class Tools:
    """The tools of a job: an installation, and what observes and interprets.

    Attributes:
        home: The installation.
        engine: Observes pages.
        interpreter: Decides what photos show.
        sandbox: Opens files.
        stop: When it is set, what is begun is finished, and no more is begun.
        owner: The name of the worker, which its leases have.
        outcomes: Number of pages observed since the start, by outcome.
    """

    home: Installation
    engine: Engine
    interpreter: Interprets
    sandbox: Sandbox
    stop: threading.Event = field(default_factory=threading.Event)
    owner: str = field(default_factory=new_owner)
    outcomes: Counter[str] = field(default_factory=Counter)


class Job(ABC):
    """One kind of work.

    Attributes:
        kind: Its name in the leases.
        batch: Largest number of keys that are claimed together.
        a_round: Largest number of keys before other kinds of work have their turn.
    """

    kind: ClassVar[JobKind]
    batch: ClassVar[int] = 1
    a_round: ClassVar[int] = 20

    @abstractmethod
    def waiting(self, session: Session, recipe: Recipe) -> WorkList | None:
        """Return the work that waits; None while other work has to be done before."""

    @abstractmethod
    def run(self, tools: Tools, work: WorkList, claims: list[Claim]) -> None:
        """Do one batch of claimed work."""

    def run_all(self, tools: Tools, work: WorkList, batches: Batches) -> bool:
        """Do all batches of claimed work, and end their leases; tell whether any was done."""
        worked = False
        for claims in batches:
            try:
                self.run(tools, work, claims)
            except ReadingFailed as error:  # not the file's fault: the lease runs out
                log.warning("reading failed", kind=self.kind.value, cause=str(error))
                continue
            with tools.home.database.write() as session:
                finish(session, work.kind, work.version, [claim.key for claim in claims])
            worked = True
        return worked
