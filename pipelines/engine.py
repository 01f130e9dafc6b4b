"""Where pages are observed: a task goes in, an observation or the reason for none comes out.

One protocol, several places to run: in this process, or in a pool of processes that have loaded
the models once each. The process that observes a page also decodes it (in a sandbox of its own)
and writes its view (a re-encoded JPEG that is safe to serve): tasks and results are small.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from presslens.models.recipe import Recipe
from presslens.models.registry import Registry
from presslens.pipelines.scans.scan import Limits
from presslens.pipelines.task import Engine, PageResult, PageTask, outcome

if TYPE_CHECKING:
    from presslens.pipelines.page_observer import PageObserver


@dataclass(frozen=True, slots=True)
class OnRay:
    """A Ray cluster."""

    address: str  # ``auto`` or host:port of its head; empty: one is started on this machine
    threads: int = 1  # processors that observe one page


def open_engine(
    recipe: Recipe,
    registry: Registry,
    *,
    processes: int,
    limits: Limits | None = None,
    on_ray: OnRay | None = None,
    at_once: int = 0,
) -> AbstractContextManager[Engine]:
    """Return the engine of this machine, or of a Ray cluster.

    Args:
        recipe: The rules of observation.
        processes: Number of processes that observe pages; 0 observes in this process.
        limits: The limits of files and pages.
        on_ray: The cluster, in place of processes of this machine.
        at_once: So many of the processes load their models before the first page comes.

    Raises:
        ModelUnavailable: A weight file is missing.
        ModelMismatch: A weight file is not the one that the manifest names.
        RayMissing: Ray is asked for, and is not installed.
    """
    return _open(recipe, registry, processes, limits or Limits(), on_ray, at_once)


@contextmanager
def _open(
    recipe: Recipe,
    registry: Registry,
    processes: int,
    limits: Limits,
    on_ray: OnRay | None,
    at_once: int,
) -> Iterator[Engine]:
    # Imported here: a process that only makes tasks does without what reads pixels.
    from presslens.pipelines.page_observer import ObserverSettings, PageObserver
    from presslens.pipelines.pool import PoolEngine
    from presslens.pipelines.scans.sandbox import Sandbox

    for name in recipe.observe.weights:
        registry.path(name)
    if on_ray is not None:
        from presslens.pipelines.ray_engine import RayEngine

        shared = ObserverSettings(recipe, registry, limits, on_ray.threads)
        with closing(RayEngine(shared, on_ray.address)) as engine:
            yield engine
        return
    threads = max(1, (os.cpu_count() or 1) // max(1, processes))
    settings = ObserverSettings(recipe, registry, limits, threads)
    with ExitStack() as stack:
        if processes > 0:
            pool = PoolEngine(settings, processes, at_once=at_once)
            yield stack.enter_context(closing(pool))
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
            began = time.monotonic()
            result = outcome(task, partial(self.observer.observe, task, following))
            yield replace(result, seconds=time.monotonic() - began)
            task = following
