"""Engines that replay a recording, and that make one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from presslens.models.vocabulary import PageObservation
from presslens.pipelines.page_observer import store_view
from presslens.pipelines.scans.rejection import ReadingFailed
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.stages import ObservedPage
from presslens.pipelines.task import Engine, PageResult, PageTask, outcome

OnResult = Callable[[], None]
"""Is called after each page."""


@dataclass(frozen=True, slots=True)
class ReplayEngine:
    """Gives what the networks saw before; pages that they did not see are observed now."""

    # What was seen, by the sha256 of the scan; None for one that could not be read.
    recorded: Mapping[str, PageObservation | None]
    sandbox: Sandbox  # decodes the pages, for their views; opened and closed by the caller
    networks: Callable[[], Engine]  # opens the engine that observes other pages, when there is one
    pdf_dpi: int  # pixels per inch for pages of a PDF
    progress: OnResult  # called after each page

    def run(self, tasks: Iterable[PageTask]) -> Iterator[PageResult]:
        """See ``Engine.run``."""
        for task in tasks:
            if task.sha256 in self.recorded:
                yield outcome(task, partial(self._replayed, task))
            else:
                yield from self.networks().run([task])
            self.progress()

    def _replayed(self, task: PageTask) -> ObservedPage:
        with task.open_file() as path:
            page = self.sandbox.decode(path, task.frame, task.name, pdf_dpi=self.pdf_dpi)
        seen = self.recorded[task.sha256]
        if seen is None:
            raise ReadingFailed("the recording has nothing of a page that can be read")
        if task.view is not None:
            store_view(page, task, task.view)
        return ObservedPage(seen, {})


@dataclass(frozen=True, slots=True)
class RecordingEngine:
    """Observes pages with another engine, and keeps what it saw."""

    engine: Engine  # the other engine
    # What was seen, by the sha256 of the scan.
    seen: dict[str, PageObservation] = field(default_factory=dict)

    def run(self, tasks: Iterable[PageTask]) -> Iterator[PageResult]:
        """See ``Engine.run``."""
        scans: dict[str, str] = {}

        def noted() -> Iterator[PageTask]:
            for task in tasks:
                scans[task.key] = task.sha256
                yield task

        for result in self.engine.run(noted()):
            if result.observation is not None:
                self.seen[scans[result.key]] = result.observation
            yield result
