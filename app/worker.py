"""The worker: does every kind of work that waits, until it is told to stop.

All work is found by a query and written in one transaction, so a worker can be killed at any
moment; another worker, or the same one started again, goes on.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass

import structlog
from sqlalchemy import select

from presslens.app.db.columns import JobKind
from presslens.app.installation import Installation, open_installation, prepare_to_work, tidying
from presslens.app.platform import clock
from presslens.app.platform.errors import OUTAGES, DiskFull
from presslens.app.platform.logs import configure_logs
from presslens.app.platform.settings import Settings
from presslens.app.platform.traces import open_traces
from presslens.app.services.analysis.captions import said_languages
from presslens.app.services.analysis.interpret import Interprets
from presslens.app.services.analysis.job import Tools, what_to_do
from presslens.app.services.analysis.jobs import JOBS, first_retry, run_job
from presslens.app.services.analysis.lease import hand_back, release, renew, take_over
from presslens.app.services.analysis.presence import announce, forget_silent, withdraw
from presslens.app.services.analysis.record import unobserved_scans
from presslens.app.services.ingest.unpack import packed_editions
from presslens.models.errors import PresslensError
from presslens.models.loading import load_captions
from presslens.pipelines.disk import NO_SPACE
from presslens.pipelines.engine import open_engine
from presslens.pipelines.interpret import Interpreter
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.task import Engine

log = structlog.get_logger()

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
"""Seconds between two attempts of a worker to work while it can't; doubled each time."""

HUNG_SECONDS = 1800.0
"""A worker that begins and ends nothing for so long hangs: a page may take a third of it."""

YOUNG_OBJECTS = 20_000
"""So many new objects are let be before the collector of a worker looks for garbage."""

OpenEngine = Callable[[Installation], AbstractContextManager[Engine]]
MakeInterpreter = Callable[[Installation], Interprets]


@dataclass(slots=True)
class Worker:
    """Does the work of one installation with one set of tools."""

    tools: Tools  # what jobs work with; once its ``stop`` is set, no more work is begun

    @property
    def outcomes(self) -> Counter[str]:
        """Number of pages observed since the start, by outcome."""
        return self.tools.outcomes

    def run(self) -> None:
        """Work until ``stop`` is set; sit out what keeps everybody from working."""
        stop = self.tools.stop
        pause = 0.0
        while not stop.is_set():
            try:
                if pause:  # a lease may be stored whose answer the outage has swallowed
                    hand_back(self.tools.home, self.tools.owner, now=clock.now())
                goes_on = self.round()
            except OUTAGES as outage:
                pause = self._sit_out(outage, pause)
                continue
            if pause:
                log.info("the worker goes on", owner=self.tools.owner)
            pause = 0.0
            if not goes_on:
                stop.wait(self.tools.home.settings.poll_seconds)

    def _sit_out(self, outage: Exception, pause: float) -> float:
        """Say once what is wrong and what to do, give work back, and wait; return how long.

        Args:
            outage: What keeps the worker from working.
            pause: Seconds of the wait before; 0 for the first.
        """
        if not pause:
            log.error(
                "the worker waits until this has passed, and tries again by itself",
                cause=str(outage),
                then=what_to_do(outage),
            )
        with suppress(*OUTAGES):  # that of a database that is away is left to the next attempt
            hand_back(self.tools.home, self.tools.owner, now=clock.now())
        pause = min(max(FIRST_PAUSE, 2 * pause), LONGEST_PAUSE)
        self.tools.stop.wait(pause)
        return pause

    def drain(self) -> None:
        """Work until nothing is left that nobody else has leased; wait out pauses of failures.

        Pages that the quota doesn't admit are left.
        """
        stop, quota = self.tools.stop, self.tools.quota
        while not stop.is_set():
            if not self.round():
                retry = first_retry(self.tools.home, pages=quota.admits(self.outcomes))
                if retry is None:
                    return
                stop.wait(max(0.0, (retry - clock.now()).total_seconds()))

    def round(self) -> bool:
        """Give each kind of work its turn; tell whether to go on at once."""
        self.tools.progressed_at = time.monotonic()
        self.tools.home.storage.check()
        worked = [self.turn(kind) for kind in JOBS]
        return any(worked)

    def turn(self, kind: JobKind) -> bool:
        """Give one kind of work its turn; tell whether to go on at once."""
        try:
            return run_job(kind, self.tools)
        except OSError as error:
            if error.errno not in NO_SPACE:
                raise
            raise DiskFull(f"nothing can be written: {error.strerror}") from error


def local_engine(home: Installation) -> AbstractContextManager[Engine]:
    """Return the engine that the settings ask for.

    As many of its processes as have a page to begin with load their models while the worker loads
    what it needs itself.
    """
    settings = home.settings
    return open_engine(
        home.recipe,
        settings.load_registry(),
        processes=settings.processes,
        limits=settings.limits,
        on_ray=settings.on_ray,
        at_once=_pages_at_hand(home, settings.processes),
    )


def _pages_at_hand(home: Installation, most: int) -> int:
    """Return how many pages wait, ``most`` at most; an edition that is not unpacked has one."""
    scans = unobserved_scans(home.recipe.observation_id).limit(most)
    with home.database.read() as session:
        pages = len(session.scalars(scans).all())
        return pages or min(most, int(bool(session.scalar(select(packed_editions().exists())))))


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
    hung: Callable[[], None] = lambda: None,
) -> Iterator[Worker]:
    """Load the models, and hold the leases of a worker while it works.

    Args:
        stop: Once it is set, no more work is begun.
        engine: Opens what observes pages.
        interpreter: Makes what decides what photos show.
        hung: Called once, in another thread, where the worker hangs.

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
            traces=stack.enter_context(open_traces(home.settings, "presslens-worker")),
        )
        take_over(home, now=clock.now())
        forget_silent(home)
        announce(home, tools.owner)
        stack.callback(_leave, home, tools.owner)
        # Each line of the worker's log names it, so that its run can be told from others.
        stack.enter_context(structlog.contextvars.bound_contextvars(run=tools.owner))
        stack.enter_context(tidying(home))
        stack.enter_context(_heartbeat(tools, hung))
        try:
            yield Worker(tools)
        except (*OUTAGES, KeyboardInterrupt):  # no fault of the work that was begun
            with suppress(*OUTAGES):
                hand_back(home, tools.owner, now=clock.now())
            raise
        release(home, tools.owner)


def _leave(home: Installation, owner: str) -> None:
    """Say that a worker ends; one whose database is away is soon silent."""
    with suppress(*OUTAGES):
        withdraw(home, owner)


@contextmanager
def _heartbeat(tools: Tools, hung: Callable[[], None]) -> Iterator[None]:
    """Renew the leases of a worker now and then, and say that the worker lives.

    A worker that hangs is said to live no more, and others take its work over.
    """
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(tools.home.settings.lease_seconds / 3):
            if time.monotonic() - tools.progressed_at > HUNG_SECONDS:
                minutes = round(HUNG_SECONDS / 60)
                log.critical("the worker hangs; it is given up", owner=tools.owner, minutes=minutes)
                hung()
                return
            try:
                announce(tools.home, tools.owner, tools.metrics.text())
                renew(tools.home, tools.owner, now=clock.now())
            except OUTAGES:  # the next beat may find the database again
                log.exception("leases not renewed", owner=tools.owner)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def end_process() -> None:
    """End this process, whatever hangs in it: whoever has started it starts it again."""
    os._exit(os.EX_SOFTWARE)


def give_way(nice: int) -> None:
    """Have this process, and those that it starts, use the processors and disks others leave.

    Args:
        nice: How far, from 0 (not at all) to 19.
    """
    os.nice(nice)
    if nice and hasattr(os, "SCHED_BATCH"):  # it never takes a processor from who has just woken up
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def spare_collector() -> None:
    """Have the garbage collector of this process look seldom, and at new objects alone.

    The classes and tables of the program and its libraries stay to the end; walking them takes a
    sixth of the time in which photos are interpreted (``python -m presslens.lab.bench.interpret``).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, which end what has not begun to work at once.

    Raises:
        PresslensError: The installation can't be opened, or a weight file is missing.
    """
    give_way(settings.worker_nice)
    configure_logs()
    stop = threading.Event()
    with open_installation(settings) as home, open_worker(home, stop, hung=end_process) as worker:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        spare_collector()
        log.info("worker started", owner=worker.tools.owner, recipe=home.recipe.id)
        reader = load_captions(home.recipe)
        for languages in said_languages(home):
            if (reason := reader.why_not(languages)) is not None:
                log.warning("captions are located and not read, nor are heads", reason=reason)
        worker.run()
    log.info("worker stopped")


if __name__ == "__main__":  # below ``presslens serve``, see app.server
    try:
        run_worker(Settings.model_validate_json(sys.stdin.readline()))
    except PresslensError as error:
        log.critical("the worker can't start", cause=str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
