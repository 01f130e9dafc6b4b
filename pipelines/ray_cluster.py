"""Shares pages out on a Ray cluster; in a process of its own, for it ends with the cluster.

An observer stands on each processor of the cluster, or on each GPU of a node that has some. Nodes
may join and leave meanwhile. Nothing is kept here that is not in the database: of a page whose
observer was lost there is no result, and it is done again.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import ray
from ray.exceptions import OutOfMemoryError, RayActorError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

import presslens.pipelines.task
from presslens.pipelines.failure import Failure, FailureCategory, failure_of
from presslens.pipelines.page_observer import ObserverSettings
from presslens.pipelines.ray_observer import AT_HAND, RayObserver
from presslens.pipelines.scans.answer import AnswerInvalid
from presslens.pipelines.scans.process import MOST_ARRAYS, MOST_TEXT
from presslens.pipelines.task import (
    Dispatched,
    EngineLost,
    PageResult,
    PageTask,
    result_form,
    result_of,
    timed_out,
)

STAFF_SECONDS = 1.0
"""How often nodes are counted."""
EMPTY_SECONDS = 60.0
"""A cluster without a process of an observer for so long is as good as none."""
IDLE_SECONDS = 3.0
"""Observers without a page for so long leave their processors to other programs."""
LOAD_SECONDS = 600.0
"""An observer that loads its models for longer has hung."""
MOST_DEATHS = 2
"""A page on which so many observers have died is not tried again."""
MOST_LOSSES = 10
"""A page that was lost so often with its node is left to another time."""
HEAD_SECONDS = 5.0
"""A head that takes no connection for so long is not there."""
STORE_BYTES = 100 * 2**20
"""Memory of a local Ray for objects: tasks and results are small."""
UNEXPLAINED = (
    "; if it asks for a token, that lies in ~/.ray/auth_token here too, and RAY_AUTH_MODE is token"
)
"""Said where somebody listens, but not to this process: Ray itself names no cause."""


@dataclass(slots=True, eq=False)
class _PageAtHand:
    """A page, and what has happened to it."""

    task: PageTask
    deaths: int = 0
    losses: int = 0
    # It is observed while its node does nothing else, so that it has the node's memory, and so that
    # nothing else is to blame for the end of its observer.
    alone: bool = False
    was_short: bool = False


@dataclass(slots=True, eq=False)
class _Slot:
    """A place of an observer, and the pages that it has at hand, by their future results."""

    actor: Any
    node: str
    loading: Any  # what it is to have done before it takes pages; None once it does
    placed: bool = False  # it has its processors, which other programs may hold before
    pages: dict[Any, _PageAtHand] = field(default_factory=dict)
    progressed: float = field(default_factory=time.monotonic)

    @property
    def futures(self) -> list[Any]:
        """What is waited for."""
        return [self.loading] if self.loading is not None else list(self.pages)

    @property
    def has_hung(self) -> bool:
        """Whether nothing has come of it for too long."""
        if not (self.placed and self.futures):
            return False
        most = LOAD_SECONDS if self.loading is not None else presslens.pipelines.task.PAGE_SECONDS
        return time.monotonic() - self.progressed > most


class Dispatcher:
    """Shares pages out to the observers of the cluster that this process is connected to."""

    def __init__(self, settings: ObserverSettings) -> None:
        self._settings = settings
        self._slots: list[_Slot] = []
        self._waiting: deque[_PageAtHand] = deque()
        self._done: list[PageResult] = []
        self._staffed = 0.0
        self._seen = time.monotonic()

    def step(self, tasks: Iterable[PageTask], seconds: float) -> Dispatched:
        """Take pages, and wait for results.

        Args:
            tasks: Further pages, as many as there was room for.
            seconds: How long to wait for a result at most.

        Raises:
            EngineLost: No node of the cluster has a processor to give.
            ModelUnavailable, ModelMismatch: Of the weights of a node.
            OSError: A node can write nothing any more.
        """
        if self.is_idle:
            self._seen = time.monotonic()
        self._waiting.extend(_PageAtHand(task) for task in tasks)
        self._staff()
        self._assign()
        self._collect(seconds)
        self._assign()
        done, self._done = self._done, []
        return Dispatched(done, self._room())

    def forget(self) -> None:
        """Give up all pages; nobody waits for them any more."""
        self._waiting.clear()
        self._done.clear()
        for slot in [slot for slot in self._slots if slot.pages]:
            self._drop(slot)

    @property
    def is_idle(self) -> bool:
        """Whether no page is at hand."""
        return not (self._waiting or any(slot.pages for slot in self._slots))

    def leave(self) -> None:
        """End all observers, which have no page: other programs may have their processors."""
        for slot in list(self._slots):
            self._drop(slot)
        self._staffed = 0.0  # the next page is not to wait for them

    def _room(self) -> int:
        ready = [slot for slot in self._slots if slot.loading is None]
        free = sum(AT_HAND - len(slot.pages) for slot in ready)
        return max(0, free - len(self._waiting))

    def _staff(self) -> None:
        """Have an observer on each place of each node that lives."""
        now = time.monotonic()
        if now - self._staffed < STAFF_SECONDS:
            return
        self._staffed = now
        everything: Any = ray
        nodes = {node["NodeID"]: node for node in everything.nodes() if node["Alive"]}
        for slot in [slot for slot in self._slots if slot.node not in nodes]:
            self._lose(slot, blame=False)
        for node, about in nodes.items():
            has = sum(slot.node == node for slot in self._slots)
            gpus = int(about["Resources"].get("GPU", 0))
            places = gpus or int(about["Resources"].get("CPU", 0)) // self._settings.threads
            self._slots += [self._start(node, gpu=gpus > 0) for _ in range(places - has)]
        if any(slot.placed for slot in self._slots):
            self._seen = now
        elif now - self._seen > EMPTY_SECONDS:
            raise EngineLost(
                "no node of the Ray cluster has a processor for pages"
                " that no other program, such as another worker, holds"
            )

    def _start(self, node: str, *, gpu: bool) -> _Slot:
        place = NodeAffinitySchedulingStrategy(node, soft=False)
        observers: Any = ray.remote(RayObserver)
        actor = observers.options(
            num_cpus=self._settings.threads,
            num_gpus=int(gpu),
            max_concurrency=AT_HAND,
            scheduling_strategy=place,
        ).remote(self._settings, gpu=gpu)
        return _Slot(actor, node, actor.__ray_ready__.remote())

    def _assign(self) -> None:
        """Give waiting pages to observers: each gets one before any gets a second."""
        ready = [slot for slot in self._slots if slot.loading is None]
        quiet = self._idle_node(ready)
        for most in range(1, AT_HAND + 1):
            for slot in ready:
                if slot.node != quiet and len(slot.pages) < most:
                    page = next((page for page in self._waiting if not page.alone), None)
                    if page is None:
                        return
                    self._give(slot, page)

    def _idle_node(self, ready: Sequence[_Slot]) -> str | None:
        """Return the node that does nothing else for a page's sake; start the page if it does."""
        for slot in ready:
            if any(page.alone for page in slot.pages.values()):
                return slot.node
        alone = next((page for page in self._waiting if page.alone), None)
        if alone is None or not ready:
            return None
        node = ready[0].node
        if not any(slot.pages for slot in ready if slot.node == node):
            self._give(ready[0], alone)
        return node

    def _give(self, slot: _Slot, page: _PageAtHand) -> None:
        self._waiting.remove(page)
        if not slot.pages:
            slot.progressed = time.monotonic()
        slot.pages[slot.actor.observe.remote(page.task)] = page

    def _collect(self, seconds: float) -> None:
        """Wait for a result, and take all that are there."""
        for slot in [slot for slot in self._slots if slot.has_hung]:
            self._expire(slot)
        futures = [future for slot in self._slots for future in slot.futures]
        if not futures:
            time.sleep(0 if self._done else min(seconds, STAFF_SECONDS))
            return
        if not self._done:
            ray.wait(futures, timeout=min(seconds, STAFF_SECONDS))
        come, _ = ray.wait(futures, num_returns=len(futures), timeout=0)
        for slot in list(self._slots):
            for future in [future for future in slot.futures if future in come]:
                if slot in self._slots:
                    self._take(slot, future)

    def _take(self, slot: _Slot, future: Any) -> None:
        try:
            result = ray.get(future)
        except OutOfMemoryError:  # Ray has ended the observer before the machine would
            self._run_short(slot)
        except RayTaskError as error:
            cause = error.cause
            if future == slot.loading or not isinstance(cause, RayError):
                raise cause from None  # of the weights, or of a disk that is full
            page = slot.pages.pop(future)
            self._done.append(PageResult(page.task.key, failure=failure_of(cause)))
        except RayActorError as error:
            self._lose(slot, blame=_is_own_death(error))
        else:
            slot.progressed = time.monotonic()
            if future == slot.loading:
                slot.loading = None if slot.placed else slot.actor.prepare.remote()
                slot.placed = True
            else:
                page = slot.pages.pop(future)
                self._finish(page, result_of(page.task, partial(_read, page.task, result)))

    def _finish(self, page: _PageAtHand, result: PageResult) -> None:
        category = result.failure.category if result.failure is not None else None
        if category is FailureCategory.OUT_OF_MEMORY and not page.was_short:
            page.was_short = page.alone = True
            self._waiting.append(page)
        else:
            self._done.append(result)

    def _run_short(self, slot: _Slot) -> None:
        """Have each page of an observer that had too little memory observed alone, once."""
        for page in self._drop(slot):
            if page.was_short:
                message = "the node had too little memory, even for this page alone"
                self._fail(page, FailureCategory.OUT_OF_MEMORY, message, retryable=True)
            else:
                page.was_short = page.alone = True
                self._waiting.append(page)

    def _lose(self, slot: _Slot, *, blame: bool) -> None:
        """Take back the pages of an observer that was lost.

        Args:
            slot: Its place.
            blame: It ended by itself, so that one of its pages may be to blame.
        """
        for page in self._drop(slot):
            page.deaths += blame
            page.losses += not blame
            page.alone |= blame
            if page.deaths >= MOST_DEATHS:
                message = f"the process that observed it ended, {page.deaths} times"
                self._fail(page, FailureCategory.CRASHED, message, retryable=False)
            elif page.losses >= MOST_LOSSES:
                message = f"the node that observed it was lost, {page.losses} times"
                self._fail(page, FailureCategory.ENGINE_LOST, message, retryable=True)
            else:
                self._waiting.appendleft(page)

    def _expire(self, slot: _Slot) -> None:
        pages = self._drop(slot)
        if pages:
            self._done.append(PageResult(pages[0].task.key, failure=timed_out()))
        self._waiting.extendleft(reversed(pages[1:]))

    def _drop(self, slot: _Slot) -> list[_PageAtHand]:
        """End an observer; return the pages that it had, the oldest first."""
        self._slots.remove(slot)
        ray.kill(slot.actor)
        return list(slot.pages.values())

    def _fail(
        self, page: _PageAtHand, category: FailureCategory, message: str, *, retryable: bool
    ) -> None:
        failure = Failure(category, None, retryable=retryable, message=message)
        self._done.append(PageResult(page.task.key, failure=failure))


def _read(task: PageTask, answer: tuple[bytes, bytes]) -> PageResult:
    text, arrays = map(bytes, answer)
    if len(text) > MOST_TEXT or len(arrays) > MOST_ARRAYS:
        raise AnswerInvalid("too long an answer")
    return result_form(task).read(text, arrays)


def _is_own_death(error: RayActorError) -> bool:
    """Return whether an observer ended while its node lived on."""
    return "worker process has died" in str(error)


_cluster: Dispatcher | None = None
"""The one of this process, between the calls of its parent."""
_turn = threading.Lock()
"""Held by who uses it: a call, or the timer that lets idle observers go."""
_timer: threading.Timer | None = None


def connect(settings: ObserverSettings, address: str) -> None:
    """Connect this process to a cluster.

    Args:
        settings: The recipe, weights and limits; ``threads`` are the processors of an observer.
        address: ``auto`` or host:port; empty: a Ray of this process alone, on this machine.

    Raises:
        EngineLost: The cluster can't be reached.
    """
    global _cluster
    _be_silent()
    hint = ""
    try:
        _await_head(address)
        hint = UNEXPLAINED if address else ""
        ray.init(
            address or "local",
            include_dashboard=None if address else False,
            object_store_memory=None if address else STORE_BYTES,
            log_to_driver=False,
            logging_level=logging.CRITICAL,
        )
    except (RayError, ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise EngineLost(f"the Ray cluster can't be reached: {error}{hint}") from None
    _cluster = Dispatcher(settings)


def _await_head(address: str) -> None:
    """See that somebody listens: Ray itself tries for half a minute, and then ends the process."""
    host, colon, port = address.rpartition(":")
    if colon:
        socket.create_connection((host, int(port)), HEAD_SECONDS).close()


def step(tasks: Sequence[PageTask], seconds: float) -> Dispatched:
    """Go on with pages; see ``Dispatcher.step``."""
    if _cluster is None:
        raise RuntimeError("this process is not connected to a cluster")
    with _turn:
        try:
            return _cluster.step(tasks, seconds)
        finally:
            _let_go_later(_cluster)


def forget() -> None:
    """Give up all pages; see ``Dispatcher.forget``."""
    if _cluster is not None:
        with _turn:
            _cluster.forget()
            _let_go_later(_cluster)


def _let_go_later(cluster: Dispatcher) -> None:
    """End the observers once they have had no page for a while."""
    global _timer
    if _timer is not None:
        _timer.cancel()
    _timer = threading.Timer(IDLE_SECONDS, _let_go, [cluster])
    _timer.daemon = True
    _timer.start()


def _let_go(cluster: Dispatcher) -> None:
    with _turn:
        if cluster.is_idle and threading.current_thread() is _timer:
            cluster.leave()


def _be_silent() -> None:
    """Leave the terminal to the parent: Ray has its own log, in the folder of its session."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
