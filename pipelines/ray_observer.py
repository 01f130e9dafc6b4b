"""What observes pages in a process of a Ray cluster: the same as in a process of the pool.

Two pages are at hand at a time, one of them looked at while the other one is decoded; the models
are loaded once. Pixels stay in the process and its sandbox.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from functools import partial

from presslens.models.observer import Observer
from presslens.models.session import lend_gpu
from presslens.pipelines.page_observer import ObserverSettings, PageObserver
from presslens.pipelines.scans.answer import write
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.task import PageTask, outcome

AT_HAND = 2
"""Pages that an observer is given at a time: one to look at, and the next to decode meanwhile."""


class RayObserver:
    """Observes pages; an actor of ``AT_HAND`` threads."""

    def __init__(self, settings: ObserverSettings, *, gpu: bool) -> None:
        self._settings = settings
        self._gpu = gpu
        self._sandbox = Sandbox(settings.limits, processes=AT_HAND)
        self._turn = threading.Lock()
        self._own = threading.local()
        self._observer: Observer | None = None
        self._ended = time.monotonic()

    def prepare(self) -> None:
        """Load the models.

        Raises:
            ModelUnavailable: A weight file is missing.
            ModelMismatch: A weight file is not the one that the manifest names.
        """
        self._sandbox.__enter__()  # its processes end with this one
        if self._gpu:
            lend_gpu()
        self._observer = self._settings.load()

    def observe(self, task: PageTask) -> tuple[bytes, bytes]:
        """Return the result of a page as an answer; its seconds are those no other page had."""
        came = time.monotonic()
        result = outcome(task, partial(self._page_observer().observe, task))
        began, self._ended = max(came, self._ended), time.monotonic()
        return write(replace(result, seconds=self._ended - began))

    def _page_observer(self) -> PageObserver:
        """Return the one of this thread."""
        if not hasattr(self._own, "page_observer"):
            self._own.page_observer = PageObserver(
                self._sandbox,
                self._loaded,
                pdf_dpi=self._settings.recipe.observe.pdf_dpi,
                turn=self._turn,
            )
        page_observer: PageObserver = self._own.page_observer
        return page_observer

    def _loaded(self) -> Observer:
        if self._observer is None:
            raise RuntimeError("this process is not prepared to observe pages")
        return self._observer
