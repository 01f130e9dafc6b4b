"""The interface of a kind of work, and the tools that work is done with."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

import structlog
from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind, Status
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import OUTAGES, DatabaseLocked, DiskFull, StoreMissing
from presslens.app.platform.traces import NoTraces, Traces
from presslens.app.services.analysis.interpret import Interprets
from presslens.app.services.analysis.lease import (
    LeasedKey,
    WorkList,
    fail,
    finish,
    let_run_out,
    new_owner,
)
from presslens.app.services.analysis.presence import WorkMetrics
from presslens.models.errors import ModelMismatch, ModelUnavailable
from presslens.models.recipe import Recipe
from presslens.pipelines.disk import NO_SPACE
from presslens.pipelines.failure import Failure, FailureCategory
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import ReadingFailed
from presslens.pipelines.stages import Stage
from presslens.pipelines.task import Engine, EngineLost, PageResult, PageTask

MOST_FAILING = 0.05
"""The share of pages above which those that could not be analysed are more than bad luck."""

FEWEST_PAGES = 40
"""Pages below which no share is taken: of so many, three have failed where the share is above."""

COUNTED_EACH = 8
"""After so many pages of a worker, or one that failed, those of the whole night are counted."""


@dataclass(slots=True)
class PageQuota:
    """Says whether a worker may begin another page."""

    most: int | None = None  # largest number of pages; None: any
    # Counts the pages of a night by outcome, whoever analyses them: once more than ``MOST_FAILING``
    # of them have failed, no more are begun. None: that stops nothing.
    count: Callable[[], Mapping[str, int]] | None = None
    under_way: int = 0  # number of pages that are begun and not done
    stopped: bool = False  # too many have failed
    # The turn of the worker's pages, and those that had failed, at the last count.
    counted_at: tuple[int, int] | None = None

    def admits(self, outcomes: Mapping[str, int]) -> bool:
        """Return whether another page may be begun.

        Args:
            outcomes: Number of pages that the worker has done, by outcome.
        """
        done = sum(outcomes.values())
        turn = done // COUNTED_EACH, _failed(outcomes)
        if self.count is not None and turn != self.counted_at and not self.stopped:
            self.stopped = is_failing(self.count())
            self.counted_at = turn
        return not self.stopped and not self.is_used_up(done)

    def is_used_up(self, done: int) -> bool:
        """Return whether as many pages are begun as may be.

        Args:
            done: Number of pages that the worker has done.
        """
        return self.most is not None and done + self.under_way >= self.most


def is_failing(outcomes: Mapping[str, int], *, fewest: int = FEWEST_PAGES) -> bool:
    """Return whether more pages failed than bad luck explains.

    Args:
        outcomes: Number of pages by outcome.
        fewest: Number of pages below which nothing is said.
    """
    pages = sum(outcomes.values())
    return pages >= max(1, fewest) and _failed(outcomes) > MOST_FAILING * pages


def _failed(outcomes: Mapping[str, int]) -> int:
    return sum(outcomes.get(status, 0) for status in (Status.REJECTED, Status.FAILED))


log = structlog.get_logger()

Batches = Iterator[list[LeasedKey]]

MOST_ATTEMPTS = 10
"""Work that was begun so often and never finished is given up.

Where other work depends on it, its failure is stored in one attempt more: of a reference, a label
and a page. A page fails ``MOST_FAILURES`` times before its outcome is.
"""

MISSING = Failure(
    FailureCategory.MISSING,
    Stage.FETCH,
    retryable=True,
    message="the file is missing from the store",
)

GIVEN_UP = Failure(
    FailureCategory.GIVEN_UP,
    None,
    retryable=False,
    message=f"it was given up after {MOST_ATTEMPTS} attempts that did not end",
)

ENDS_THE_WORKER = (*OUTAGES, ModelUnavailable, ModelMismatch, MemoryError)
"""Errors of the installation or the machine: the next key would meet them too."""


def what_to_do(outage: Exception) -> str:
    """Return what an operator does about an outage."""
    match outage:
        case DiskFull():
            return "free some of the disk, or lower PRESSLENS_MIN_FREE_BYTES"
        case StoreMissing():
            return (
                "mount the disk of PRESSLENS_DATA_DIR, or start the service of PRESSLENS_STORE_URL,"
                " and let the worker write there"
            )
        case EngineLost():
            return "start the Ray cluster of PRESSLENS_RAY_ADDRESS"
        case DatabaseLocked():
            return "end other programs that have the database open: copies, editors"
        case _:
            return "start the database of PRESSLENS_DATABASE_URL"


def causes_of(result: PageResult) -> dict[str, str]:
    """Return why a page was not observed, as the log has it."""
    if result.failure is None:
        return {"cause": str(result.rejection)}
    failure = result.failure
    phase = {} if failure.phase is None else {"phase": failure.phase.value}
    return {"category": failure.category.value, **phase, "cause": failure.message}


@dataclass(slots=True)
class Tools:
    """The tools of a job: an installation, and what observes and interprets."""

    home: Installation
    engine: Engine  # observes pages
    interpreter: Interprets  # decides what photos show
    sandbox: Sandbox  # opens files
    # When it is set, what is begun is finished, and no more is begun.
    stop: threading.Event = field(default_factory=threading.Event)
    owner: str = field(default_factory=new_owner)  # the name of the worker, which its leases have
    # Number of pages observed since the start, by outcome.
    outcomes: Counter[str] = field(default_factory=Counter)
    # What was done since the start, for Prometheus.
    metrics: WorkMetrics = field(default_factory=WorkMetrics)
    traces: Traces = field(default_factory=NoTraces)  # takes what was done as spans
    quota: PageQuota = field(default_factory=PageQuota)  # says whether another page may be begun
    # The sha256 of the files whose last page took long.
    slow_files: set[str] = field(default_factory=set)
    # When something was last begun or done, as ``time.monotonic`` tells it.
    progressed_at: float = field(default_factory=time.monotonic)


class Job(ABC):
    """One kind of work."""

    kind: ClassVar[JobKind]  # its name in the leases
    batch: ClassVar[int] = 1  # largest number of keys that are leased together
    a_round: ClassVar[int] = 20  # largest number of keys before other kinds of work have their turn
    gives_way: ClassVar[bool] = False  # a round ends when an edition comes that can't wait

    @abstractmethod
    def waiting(self, session: Session, recipe: Recipe) -> WorkList | None:
        """Return the work that waits; None while other work has to be done before."""

    @abstractmethod
    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:
        """Do one batch of leased work, and store that each key is done.

        A key is done when ``waiting`` gives it no more; the end of its lease does not say so.
        """

    def first(self, tools: Tools, keys: list[int]) -> list[int]:  # noqa: ARG002
        """Return the free keys of which the next is leased; never none of them."""
        return keys

    def run_all(self, tools: Tools, work: WorkList, batches: Batches) -> bool:
        """Do all batches of leased work, and end their leases; return whether to go on at once."""
        goes_on = False
        for leased in batches:
            keys = [key for key, _ in leased]
            try:
                with self.attempt(tools, work, keys):
                    self.run(tools, work, leased)
                    with tools.home.database.write() as session:
                        finish(session, work.kind, work.version, keys, tools.owner)
            except ReadingFailed as error:
                self._let_run_out(tools, work, keys, error)
                continue
            goes_on = True
        return goes_on

    @contextmanager
    def attempt(self, tools: Tools, work: WorkList, keys: Sequence[int]) -> Iterator[None]:
        """Fail the leases of some keys on an unexpected exception, and log it.

        The keys are tried again after a pause, up to the work list's ``most_attempts``, and then
        given up.

        Raises:
            ReadingFailed: The readers were ended from outside.
            ModelUnavailable, ModelMismatch, MemoryError, StoreMissing, NoDatabase, DiskFull,
                EngineLost, OperationalError, InterfaceError: The worker can't go on.
            OSError: Nothing can be written any more (``NO_SPACE``).
        """
        tools.progressed_at = time.monotonic()
        try:
            yield
        except (ReadingFailed, *ENDS_THE_WORKER):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno in NO_SPACE:
                raise
            log.exception("job failed", kind=work.kind.value, keys=list(keys))
            self.fail_leases(tools, work, keys)

    def fail_leases(self, tools: Tools, work: WorkList, keys: Sequence[int]) -> list[int | None]:
        """Fail the leases of some keys; return their failures so far (see ``lease.fail``)."""
        now, pause = clock.now(), tools.home.settings.poll_seconds
        lease = work.kind, work.version
        with tools.home.database.write() as session:
            return [fail(session, *lease, key, tools.owner, now=now, pause=pause) for key in keys]

    def _let_run_out(
        self, tools: Tools, work: WorkList, keys: Sequence[int], error: ReadingFailed
    ) -> None:
        """Leave work until its lease has run out: what ended the readers may do so again."""
        log.warning("reading failed", kind=work.kind.value, keys=list(keys), cause=str(error))
        if not tools.stop.is_set():  # a worker that stops ends its leases itself
            with tools.home.database.write() as session:
                let_run_out(session, work.kind, work.version, keys, tools.owner)


Begun = TypeVar("Begun")
"""What was begun of a key: a page, its photos, or a reference."""


class EngineJob(Job, Generic[Begun]):
    """A kind of work whose tasks stream through the engine; each stores its own end."""

    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:
        """See ``Job.run``."""
        self.run_all(tools, work, iter([leased]))

    def run_all(self, tools: Tools, work: WorkList, batches: Batches) -> bool:
        """See ``Job.run_all``. Keys are leased as the engine asks for tasks."""
        begun: dict[str, Begun] = {}
        for result in tools.engine.run(self.tasks(tools, work, batches, begun)):
            with self.attempt(tools, work, [int(result.key)]):
                self.record(tools, work, begun[result.key], result)
        return bool(begun)

    @abstractmethod
    def tasks(
        self, tools: Tools, work: WorkList, batches: Batches, begun: dict[str, Begun]
    ) -> Iterator[PageTask]:
        """Yield the tasks of leased keys, each named by its key; note what was begun by key."""

    @abstractmethod
    def record(self, tools: Tools, work: WorkList, begun: Begun, result: PageResult) -> None:
        """Store the result of a task, and end its lease."""
