"""The engine that observes several pages at once, in processes that load the models once each."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice, zip_longest
from multiprocessing.connection import wait
from socket import socket

import presslens.pipelines.task
from presslens.pipelines.page_observer import SECRET, ObserverSettings, observe_page, prepare
from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.process import ChildProcess, ProcessDied
from presslens.pipelines.task import NO_PAGE_S_OWN, PageResult, PageTask, result_form, result_of

LOAD_SECONDS = 600.0
"""A process that loads its models for longer has hung."""


class PoolEngine:
    """Observes pages in processes of its own, which start with the first pages."""

    def __init__(self, settings: ObserverSettings, processes: int, *, at_once: int = 0) -> None:
        """Make an engine.

        Args:
            settings: Those of each process.
            processes: How many.
            at_once: So many of them start now, and load their models before the first page comes.
        """
        self._processes = [_PageProcess(settings) for _ in range(processes)]
        for process in self._processes[:at_once]:
            process.load()

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.close()

    def run(self, tasks: Iterable[PageTask]) -> Iterator[PageResult]:
        """See ``Engine.run``. Takes at most twice as many tasks as processes ahead."""
        queue = _Queue(tasks, self._processes)
        try:
            while busy := [process for process in self._processes if process.task is not None]:
                answered = _answered(busy)
                for process in busy:
                    result = process.collect(answered=process in answered)
                    if result is not None:
                        queue.next_for(process)
                        yield result
        finally:
            # The caller may have stopped listening: what is unfinished has no result.
            for process in self._processes:
                process.abandon()


def _answered(busy: list[_PageProcess]) -> list[_PageProcess]:
    """Wait for answers; return the processes that have one, none if a page has hung."""
    connections = [process.connection for process in busy]
    ready = wait(connections, min(process.seconds_left for process in busy))
    return [process for process in busy if process.connection in ready and process.has_answer]


class _Queue:
    """Gives each process a page, and names the page that it probably has next."""

    def __init__(self, tasks: Iterable[PageTask], processes: list[_PageProcess]) -> None:
        self._pending = iter(tasks)
        self._next: dict[_PageProcess, PageTask] = {}
        first = list(islice(self._pending, len(processes)))
        following = islice(self._pending, len(first))
        for process, task, after in zip_longest(processes[: len(first)], first, following):
            self._begin(process, task, after)

    def next_for(self, process: _PageProcess) -> None:
        """Start the next page of a process that has finished one, if there is any."""
        task = self._next.pop(process, None) or next(self._pending, None)
        if task is None and self._next:
            # No other is left: taken over, and decoded twice, rather than waited for.
            _, task = self._next.popitem()
        if task is not None:
            self._begin(process, task, next(self._pending, None))

    def _begin(self, process: _PageProcess, task: PageTask, following: PageTask | None) -> None:
        if following is not None:
            self._next[process] = following
        process.start(task, following)


class _PageProcess:
    """A process of the pool, replaced when it has ended.

    Attributes:
        task: The page that it observes, or None.
    """

    def __init__(self, settings: ObserverSettings) -> None:
        self.task: PageTask | None = None
        self._settings = settings
        self._child: ChildProcess | None = None
        self._is_loading = False
        self._load_error: Exception | None = None
        self._began = self._deadline = 0.0

    @property
    def connection(self) -> socket:
        """Readable when a part of an answer has come, or when the process has ended."""
        return self._started.connection

    @property
    def has_answer(self) -> bool:
        """Whether a whole answer has come, or the process has ended."""
        return self._started.poll(0)

    @property
    def seconds_left(self) -> float:
        """Seconds until its page has failed."""
        return max(0.0, self._deadline - time.monotonic())

    def load(self) -> None:
        """Start the process, which loads its models."""
        self._running()

    def start(self, task: PageTask, following: PageTask | None) -> None:
        """Start to observe a page."""
        self.task = task
        try:
            self._send(task, following)
        except ProcessDied:  # it was killed while it was idle
            self._send(task, following)

    def collect(self, *, answered: bool) -> PageResult | None:
        """Return the result of its page; None if there is none yet."""
        if self.task is None or (answered and self._has_loaded()):
            return None
        if not answered and self.seconds_left > 0:
            return None
        task, self.task = self.task, None
        result = result_of(task, partial(self._answer if answered else self._expire, task))
        return replace(result, seconds=time.monotonic() - self._began)

    def abandon(self) -> None:
        """End the process if it observes a page; its result is lost."""
        if self.task is not None:
            self.close()

    def close(self) -> None:
        """End the process."""
        self.task = None
        if self._child is not None:
            self._child.close()
            self._child = None

    @property
    def _started(self) -> ChildProcess:
        if self._child is None:
            raise RuntimeError("the process was not started")
        return self._child

    def _running(self) -> ChildProcess:
        """Return the process; a new one loads the models, and decodes its first page meanwhile."""
        if self._child is not None and not self._child.is_alive:
            self._child.close()
            self._child = None
        if self._child is None:
            self._child = ChildProcess(without=SECRET)
            self._child.send(prepare, self._settings, self.task)
            self._is_loading, self._load_error = True, None
        return self._child

    def _send(self, task: PageTask, following: PageTask | None) -> None:
        self._running().send(observe_page, task, following)
        seconds = LOAD_SECONDS if self._is_loading else presslens.pipelines.task.PAGE_SECONDS
        self._began = time.monotonic()
        self._deadline = self._began + seconds

    def _has_loaded(self) -> bool:
        """Take the answer to loading, if it is one; an error is left to the page."""
        if not self._is_loading:
            return False
        self._is_loading = False
        try:
            self._started.receive(Form(None, *NO_PAGE_S_OWN))
        except Exception as error:
            self._load_error = error
            return False
        self._began = time.monotonic()
        self._deadline = self._began + presslens.pipelines.task.PAGE_SECONDS
        return True

    def _answer(self, task: PageTask) -> PageResult:
        if self._load_error is not None:
            self.close()
            raise self._load_error
        return self._started.receive(result_form(task))

    def _expire(self, _task: PageTask) -> PageResult:
        self.close()
        raise TimeoutError
