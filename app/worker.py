"""The worker: does every kind of work that waits, until it is told to stop.

All work is found by a query and written in one transaction, so a worker can be killed at any
moment; another worker, or the same one started again, goes on.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.db.columns import JobKind
from app.installation import Installation, open_installation, prepare_to_work
from app.logs import configure_logs
from app.services.analysis.interpret import Interprets
from app.services.analysis.job import Tools
from app.services.analysis.jobs import JOBS, first_retry, run_job
from app.services.analysis.lease import release, renew, take_over
from app.services.analysis.presence import announce, withdraw
from app.settings import Settings
from models.loading import load_captions
from pipelines.engine import open_engine
from pipelines.interpret import Interpreter
from pipelines.scans.sandbox import Sandbox
from pipelines.task import Engine

log = structlog.get_logger()

OpenEngine = Callable[[Installation], AbstractContextManager[Engine]]
MakeInterpreter = Callable[[Installation], Interprets]


@dataclass(slots=True)
class Worker:
    """Does the work of one installation with one set of tools.

    Attributes:
        tools: What jobs work with; once its ``stop`` is set, no more work is begun.
    """

    tools: Tools

    @property
    def outcomes(self) -> Counter[str]:
        """Number of pages observed since the start, by outcome."""
        return self.tools.outcomes

    def run(self) -> None:
        """Work until ``stop`` is set."""
        stop = self.tools.stop
        while not stop.is_set():
            if not self.round():
                stop.wait(self.tools.home.settings.poll_seconds)

    def drain(self) -> None:
        """Work until nothing is left that nobody else has leased; wait out pauses of failures."""
        stop = self.tools.stop
        while not stop.is_set():
            if not self.round():
                retry = first_retry(self.tools.home)
                if retry is None:
                    return
                stop.wait(max(0.0, (retry - clock.now()).total_seconds()))

    def round(self) -> bool:
        """Give each kind of work its turn; tell whether to go on at once."""
        self.tools.home.storage.check()
        worked = [self.turn(kind) for kind in JOBS]
        return any(worked)

    def turn(self, kind: JobKind) -> bool:
        """Give one kind of work its turn; tell whether to go on at once."""
        return run_job(kind, self.tools)


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
    """Return the interpreter of the recipe."""
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
        tools = Tools(
            home,
            stack.enter_context(engine(home)),
            interpreter(home),
            stack.enter_context(Sandbox(home.settings.limits)),
            stop,
        )
        take_over(home, now=clock.now())
        announce(home, tools.owner)
        stack.callback(withdraw, home, tools.owner)
        stack.enter_context(_heartbeat(tools))
        yield Worker(tools)
        release(home, tools.owner)


@contextmanager
def _heartbeat(tools: Tools) -> Iterator[None]:
    """Renew the leases of a worker now and then, and say that the worker lives."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(tools.home.settings.lease_seconds / 3):
            try:
                announce(tools.home, tools.owner)
                renew(tools.home, tools.owner, now=clock.now())
            except (SQLAlchemyError, OSError):  # the next beat may find database and folder again
                log.exception("leases not renewed", owner=tools.owner)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def run_worker(settings: Settings, stop: threading.Event) -> None:
    """Work until ``stop`` is set.

    Raises:
        PresslensError: The installation can't be opened, or a weight file is missing.
    """
    configure_logs()
    with open_installation(settings) as home, open_worker(home, stop) as worker:
        log.info("worker started", owner=worker.tools.owner, recipe=home.recipe.id)
        unread = load_captions(home.recipe).why_not
        if unread is not None:
            log.warning("captions are located and not read", reason=unread)
        worker.run()
    log.info("worker stopped")
