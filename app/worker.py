"""The worker: unpacks, looks, writes down and interprets, until it is told to stop.

Whatever it does is found by a query and written in one transaction, so it can be killed at any
moment; another worker, or the same one started again, goes on.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain

import structlog

from app import clock
from app.installation import Installation, open_installation, prepare_to_work
from app.logs import configure_logs
from app.services.analysis.interpret import Interprets, interpret_stale
from app.services.analysis.lease import (
    MOST_CLAIMS,
    Work,
    claim_page,
    new_owner,
    release,
    renew,
    take_over,
)
from app.services.analysis.record import record
from app.services.analysis.summarise import summarise_stale
from app.services.figures.erasure import sweep_discarded
from app.services.figures.references import find_confirmed, record_reference, waiting_references
from app.services.ingest.unpack import claim_edition, unpack
from app.services.labels.training import relearn
from app.settings import Settings
from models.loading import load_captions
from pipelines.engine import Engine, PageResult, PageTask, open_engine
from pipelines.interpret import Interpreter
from pipelines.scans.rejection import ReadingFailed
from pipelines.scans.sandbox import Sandbox

PAGES_A_ROUND = 32
"""So many pages are looked at before new uploads and references have their turn."""

MISSING = "the file is missing from the store"

log = structlog.get_logger()

OpenEngine = Callable[[Installation], AbstractContextManager[Engine]]
MakeInterpreter = Callable[[Installation], Interprets]


@dataclass(slots=True)
class Worker:
    """Does the work of one installation with one engine.

    Attributes:
        home: The installation.
        engine: Looks at pages.
        interpreter: Decides what was seen means.
        sandbox: Unpacks files.
        stop: When it is set, what is begun is finished, and no more is begun.
        owner: The name that claims are made under.
        outcomes: How many pages had which outcome since the start.
    """

    home: Installation
    engine: Engine
    interpreter: Interprets
    sandbox: Sandbox
    stop: threading.Event
    owner: str = field(default_factory=new_owner)
    outcomes: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Work until told to stop."""
        while not self.stop.is_set():
            if not self.round():
                self.stop.wait(self.home.settings.poll_seconds)

    def drain(self) -> None:
        """Work until nothing is left that nobody else has claimed."""
        while not self.stop.is_set() and self.round():
            pass

    def round(self) -> bool:
        """Do a part of each kind of work; tell whether there was any."""
        self.home.storage.check()
        worked = [self._unpack(), self._embed(), self._relearn(), self._look(), self._interpret()]
        return any([*worked, self._summarise(), self._sweep()])

    def _unpack(self) -> bool:
        edition_id = claim_edition(self.home, self.owner, now=clock.now())
        if edition_id is None:
            return False
        try:
            unpack(self.home, edition_id, self.sandbox, now=clock.now())
        except ReadingFailed as error:
            # Its claim runs out, and it is unpacked again.
            log.warning("not unpacked", edition=edition_id, cause=str(error))
            return False
        log.info("unpacked", edition=edition_id)
        return True

    def _embed(self) -> bool:
        references = {str(r.id): r for r in waiting_references(self.home)}
        tasks = [
            PageTask(k, r.path, r.sha256, 0, r.name, as_photo=True) for k, r in references.items()
        ]
        lost = [task for task in tasks if not task.path.is_file()]
        results = self.engine.run(task for task in tasks if task not in lost)
        gone = (PageResult(task.key, failure=MISSING) for task in lost)
        for result in chain(gone, results):
            record_reference(self.home, references[result.key].id, result)
        return find_confirmed(self.home) > 0 or bool(references)

    def _relearn(self) -> bool:
        """Learn labels again whose examples other instruments have seen."""
        try:
            return relearn(self.home, self.sandbox) > 0
        except ReadingFailed as error:
            log.warning("labels not learnt", cause=str(error))
            return False

    def _look(self) -> bool:
        works: dict[str, Work] = {}
        for result in self.engine.run(self._tasks(works)):
            self._record(works[result.key], result)
        return bool(works)

    def _tasks(self, works: dict[str, Work]) -> Iterator[PageTask]:
        """Claim pages as the engine asks for them, and note each in ``works``."""
        while not self.stop.is_set() and len(works) < PAGES_A_ROUND:
            work = claim_page(self.home, self.owner, now=clock.now())
            if work is None:
                return
            key = str(work.scan_id)
            works[key] = work
            path = self.home.storage.scan(work.sha256)
            hopeless = _why_hopeless(work, is_there=path.is_file())
            if hopeless is not None:
                self._record(work, PageResult(key, failure=hopeless))
                continue
            view = self.home.storage.view(work.sha256, work.frame, self.home.recipe.observation_id)
            yield PageTask(key, path, work.sha256, work.frame, work.source, view)

    def _record(self, work: Work, result: PageResult) -> None:
        outcome = record(self.home, work, result, now=clock.now())
        if outcome is None:
            log.warning("page failed", scan=work.scan_id, cause=result.failure)
            return
        self.outcomes[outcome.value] += 1
        log.info("looked at", scan=work.scan_id, source=work.source, outcome=outcome.value)

    def _sweep(self) -> bool:
        return sweep_discarded(self.home, now=clock.now()) > 0

    def _interpret(self) -> bool:
        return interpret_stale(self.home, self.interpreter, most=2 * PAGES_A_ROUND) > 0

    def _summarise(self) -> bool:
        return summarise_stale(self.home) > 0


def _why_hopeless(work: Work, *, is_there: bool) -> str | None:
    if not is_there:
        return MISSING
    if work.attempts > MOST_CLAIMS:
        return f"the worker was lost {MOST_CLAIMS} times while it looked at this page"
    return None


def local_engine(home: Installation) -> AbstractContextManager[Engine]:
    """Return the engine that the settings ask for."""
    settings = home.settings
    return open_engine(
        home.recipe,
        settings.load_registry(),
        processes=settings.processes,
        limits=settings.limits,
    )


def local_interpreter(home: Installation) -> Interprets:
    """Return what decides under the recipe."""
    return Interpreter(home.recipe, home.settings.load_registry())


@contextmanager
def open_worker(
    home: Installation,
    stop: threading.Event,
    *,
    engine: OpenEngine = local_engine,
    interpreter: MakeInterpreter = local_interpreter,
) -> Iterator[Worker]:
    """Load the models, and hold the leases of a worker while it works.

    Raises:
        StoreMissing: The folder of the scans can't be written to.
        ModelUnavailable: A weight file is missing.
        ModelMismatch: A weight file is not the one that the manifest names.
    """
    prepare_to_work(home)
    with ExitStack() as stack:
        worker = Worker(
            home,
            stack.enter_context(engine(home)),
            interpreter(home),
            stack.enter_context(Sandbox(home.settings.limits)),
            stop,
        )
        take_over(home, now=clock.now())
        stack.enter_context(_heartbeat(worker))
        yield worker
        release(home, worker.owner)


@contextmanager
def _heartbeat(worker: Worker) -> Iterator[None]:
    """Renew the leases of a worker now and then."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(worker.home.settings.lease_seconds / 3):
            renew(worker.home, worker.owner, now=clock.now())

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def run_worker(settings: Settings, stop: threading.Event) -> None:
    """Work until told to stop.

    Raises:
        PresslensError: The installation can't be opened, or a weight file is missing.
    """
    configure_logs()
    with open_installation(settings) as home, open_worker(home, stop) as worker:
        log.info("worker started", owner=worker.owner, recipe=home.recipe.id)
        unread = load_captions(home.recipe).why_not
        if unread is not None:
            log.warning("captions are found and not read", reason=unread)
        worker.run()
    log.info("worker stopped")
