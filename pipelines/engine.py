"""Where pages are looked at: a page goes in, what was seen or why not comes out.

One protocol, several places to run: in this process, or in a pool of processes that have loaded
the models once each. A page is decoded in the sandbox, observed, and its view (a re-encoded JPEG
that is safe to serve) is written on the way, so that pixels are decoded once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

import pebble

from models.errors import ModelMismatch, ModelUnavailable
from models.observer import Observer
from models.recipe import Recipe
from models.registry import Registry
from models.vocabulary import Image, PageObservation
from pipelines.scans.rejection import ReadingFailed, ScanRejected
from pipelines.scans.sandbox import Sandbox
from pipelines.scans.scan import Limits
from pipelines.view import write_view

PAGE_SECONDS = 600.0
"""A page that is looked at for longer has hung: photos take about half a second each."""


@dataclass(frozen=True, slots=True)
class PageTask:
    """One page to look at.

    Attributes:
        key: What the caller knows the page by; comes back with the result.
        path: The file that holds it.
        frame: Which page of that file, from 0.
        name: What the page is called for people.
        view: Where the re-encoded picture of the page is written, or None.
        as_photo: The image is itself one photo, not a page that holds some.
    """

    key: str
    path: Path
    frame: int
    name: str
    view: Path | None = None
    as_photo: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PageResult:
    """What came of a page: an observation, a rejection or a failure, exactly one of them."""

    key: str
    observation: PageObservation | None = None
    rejection: ScanRejected | None = None
    failure: str | None = None


class Engine(Protocol):
    """Looks at pages."""

    def run(self, tasks: Iterable[PageTask]) -> Iterator[PageResult]:
        """Yield one result per task, as they are completed.

        Raises:
            ModelUnavailable: A weight file is missing; no page has a result then.
            ModelMismatch: A weight file is not the one that the manifest names.
        """
        ...


def open_engine(
    recipe: Recipe, registry: Registry, *, processes: int, limits: Limits | None = None
) -> AbstractContextManager[Engine]:
    """Return the engine for this machine.

    Args:
        recipe: What to look for, and how.
        registry: Where the weights are.
        processes: How many processes look at pages; 0 looks in this process.
        limits: What is refused.
    """
    return _open(recipe, registry, processes, limits or Limits())


@contextmanager
def _open(recipe: Recipe, registry: Registry, processes: int, limits: Limits) -> Iterator[Engine]:
    for name in recipe.observe.weights:
        registry.path(name)
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(limits, processes=max(1, processes)))
        if processes == 0:
            yield InlineEngine(sandbox, _observing(recipe, registry, threads=1), recipe)
        else:
            yield stack.enter_context(PoolEngine(sandbox, recipe, registry, processes))


@dataclass(frozen=True, slots=True)
class InlineEngine:
    """Looks at one page after the other, in this process."""

    sandbox: Sandbox
    observer: Observer
    recipe: Recipe

    def run(self, tasks: Iterable[PageTask]) -> Iterator[PageResult]:
        """See ``Engine.run``."""
        return (_outcome(task, self._look) for task in tasks)

    def _look(self, task: PageTask) -> PageObservation:
        return _look(self.observer, _decode(self.sandbox, task, self.recipe), task)


class PoolEngine:
    """Looks at several pages at once, in processes that have loaded the models once each."""

    def __init__(
        self, sandbox: Sandbox, recipe: Recipe, registry: Registry, processes: int
    ) -> None:
        self._sandbox = sandbox
        self._recipe = recipe
        self._processes = processes
        threads = max(1, (os.cpu_count() or 1) // processes)
        self._pool = pebble.ProcessPool(
            max_workers=processes,
            context=get_context("spawn"),
            initializer=_load,
            initargs=(recipe, registry, threads),
        )

    def __enter__(self) -> PoolEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.stop()
        self._pool.join()

    def run(self, tasks: Iterable[PageTask]) -> Iterator[PageResult]:
        """See ``Engine.run``. Holds at most twice as many pages as processes in memory."""
        pending = iter(tasks)
        with ThreadPoolExecutor(self._processes * 2) as threads:
            running = {
                threads.submit(self._one, task) for task in islice(pending, self._processes * 2)
            }
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                running |= {threads.submit(self._one, task) for task in islice(pending, len(done))}
                yield from (future.result() for future in done)

    def _one(self, task: PageTask) -> PageResult:
        return _outcome(task, self._look)

    def _look(self, task: PageTask) -> PageObservation:
        page = _decode(self._sandbox, task, self._recipe)
        future: Future[PageObservation] = self._pool.schedule(
            _look_here, args=(page, task), timeout=PAGE_SECONDS
        )
        return future.result()


def _outcome(task: PageTask, look: Callable[[PageTask], PageObservation]) -> PageResult:
    """Return what comes of a page. Whatever goes wrong is the page's own, but a missing model."""
    try:
        return PageResult(task.key, observation=look(task))
    except ScanRejected as rejection:
        return PageResult(task.key, rejection=rejection)
    except (ModelUnavailable, ModelMismatch):
        raise
    except TimeoutError:
        return PageResult(task.key, failure=f"gave no answer in {PAGE_SECONDS:.0f} s")
    except pebble.ProcessExpired as error:
        return PageResult(task.key, failure=f"the process ended with code {error.exitcode}")
    except ReadingFailed as error:
        return PageResult(task.key, failure=str(error))
    except Exception as error:
        # The text of an OSError names a path of this machine.
        text = error.strerror if isinstance(error, OSError) else error
        return PageResult(task.key, failure=f"{type(error).__name__}: {text}")


def _decode(sandbox: Sandbox, task: PageTask, recipe: Recipe) -> Image:
    return sandbox.decode(task.path, task.frame, task.name, pdf_dpi=recipe.observe.pdf_dpi)


def _observing(recipe: Recipe, registry: Registry, *, threads: int) -> Observer:
    # Imported here: a process that only hands out pages does without the networks' libraries.
    from models.loading import load_instruments

    return Observer(load_instruments(recipe, registry, threads=threads), recipe)


_observer: Observer | ModelUnavailable | ModelMismatch | None = None
"""The observer of this pool process, or why there is none: pebble has no other place for it."""


def _load(recipe: Recipe, registry: Registry, threads: int) -> None:
    global _observer
    try:
        _observer = _observing(recipe, registry, threads=threads)
    except (ModelUnavailable, ModelMismatch) as error:
        _observer = error  # raised by each task, since pebble only logs what is raised here


def _look_here(page: Image, task: PageTask) -> PageObservation:
    if isinstance(_observer, Observer):
        return _look(_observer, page, task)
    raise _observer or ModelUnavailable("the models of this process were not loaded")


def _look(observer: Observer, page: Image, task: PageTask) -> PageObservation:
    if task.view is not None:
        write_view(page, task.view)
    return observer.observe_photo(page) if task.as_photo else observer.observe(page)
