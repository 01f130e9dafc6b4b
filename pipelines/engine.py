"""Where pages are observed: a task goes in, an observation or the reason for none comes out.

One protocol, several places to run: in this process, or in a pool of processes that have loaded
the models once each. The process that observes a page also decodes it (in a sandbox of its own)
and writes its view (a re-encoded JPEG that is safe to serve): tasks and results are small.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from models.errors import ModelMismatch, ModelUnavailable
from models.recipe import Recipe
from models.registry import Registry
from models.vocabulary import PageObservation
from pipelines.scans.process import ProcessDied
from pipelines.scans.rejection import ReadingFailed, ScanRejected
from pipelines.scans.scan import Limits

if TYPE_CHECKING:
    from pipelines.page_observer import PageObserver

PAGE_SECONDS = 600.0
"""A page that is observed for longer has hung: photos take about half a second each."""


@dataclass(frozen=True, slots=True)
class PageTask:
    """One page to observe.

    Attributes:
        key: The caller's name for the page; the result has it too.
        path: The file that holds it.
        sha256: The hash of that file, 64 hex digits.
        frame: Which page of that file, from 0.
        name: The page's name for people.
        view: Where the re-encoded picture of the page is written, or None.
        as_photo: The image is itself one photo, not a page that holds some.
    """

    key: str
    path: Path
    sha256: str
    frame: int
    name: str
    view: Path | None = None
    as_photo: bool = False

    @property
    def page(self) -> tuple[str, int]:
        """The identity of the page: the hash of its file and its frame."""
        return self.sha256, self.frame


@dataclass(frozen=True, slots=True, eq=False)
class PageResult:
    """The result of a page: an observation, a rejection or a failure, exactly one of them."""

    key: str
    observation: PageObservation | None = None
    rejection: ScanRejected | None = None
    failure: str | None = None


class Engine(Protocol):
    """Observes pages."""

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
        recipe: The rules of observation.
        registry: The weights.
        processes: Number of processes that observe pages; 0 observes in this process.
        limits: The limits of files and pages.
    """
    return _open(recipe, registry, processes, limits or Limits())


@contextmanager
def _open(recipe: Recipe, registry: Registry, processes: int, limits: Limits) -> Iterator[Engine]:
    # Imported here: a process that only makes tasks does without what reads pixels.
    from pipelines.page_observer import ObserverSettings, PageObserver
    from pipelines.pool import PoolEngine
    from pipelines.scans.sandbox import Sandbox

    for name in recipe.observe.weights:
        registry.path(name)
    threads = max(1, (os.cpu_count() or 1) // max(1, processes))
    settings = ObserverSettings(recipe, registry, limits, threads)
    with ExitStack() as stack:
        if processes > 0:
            yield stack.enter_context(closing(PoolEngine(settings, processes)))
            return
        sandbox = stack.enter_context(Sandbox(limits))
        pdf_dpi = recipe.observe.pdf_dpi
        observer = PageObserver(sandbox, settings.load, pdf_dpi=pdf_dpi)
        yield InlineEngine(stack.enter_context(closing(observer)))


@dataclass(frozen=True, slots=True)
class InlineEngine:
    """Observes one page after the other, in this process."""

    observer: PageObserver

    def run(self, tasks: Iterable[PageTask]) -> Iterator[PageResult]:
        """See ``Engine.run``. Takes one task ahead."""
        pending = iter(tasks)
        task = next(pending, None)
        while task is not None:
            following = next(pending, None)
            yield outcome(task, partial(self.observer.observe, task, following))
            task = following


def outcome(task: PageTask, observe: Callable[[], PageObservation]) -> PageResult:
    """Return the result of a page. Every error is the page's own, but a missing model."""
    try:
        return PageResult(task.key, observation=observe())
    except ScanRejected as rejection:
        return PageResult(task.key, rejection=rejection)
    except (ModelUnavailable, ModelMismatch):
        raise
    except ReadingFailed as error:
        return PageResult(task.key, failure=str(error))
    except TimeoutError:
        return PageResult(task.key, failure=f"gave no answer in {PAGE_SECONDS:.0f} s")
    except ProcessDied as error:
        return PageResult(task.key, failure=f"the process ended with code {error.code}")
    except Exception as error:
        # The text of an OSError names a path of this machine.
        text = error.strerror if isinstance(error, OSError) else error
        return PageResult(task.key, failure=f"{type(error).__name__}: {text}")
