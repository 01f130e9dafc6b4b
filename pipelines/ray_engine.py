"""The engine that observes pages on a Ray cluster.

Ray ends a program whose cluster goes away, so that it runs in a child process: the program goes on,
says what is wrong, and connects again when the cluster is back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TypeVar

from presslens.models.errors import PresslensError
from presslens.pipelines.page_observer import SECRET, ObserverSettings
from presslens.pipelines.scans.answer import AnswerInvalid, Form
from presslens.pipelines.scans.process import ChildProcess, ProcessDied
from presslens.pipelines.task import (
    NO_PAGE_S_OWN,
    Dispatched,
    EngineLost,
    PageResult,
    PageTask,
    is_result_of,
)

T = TypeVar("T")
_DONE: Form[None] = Form(None, EngineLost)

STEP_SECONDS = 1.0
"""How long the child waits for results before it asks whether there are more pages."""
SILENT_SECONDS = 120.0
"""A child that does not answer for so long waits for a cluster that is gone."""
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # calls nobody
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "10",  # a head without its state is another one
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
}


class RayMissing(PresslensError):
    """The engine needs a package that is not installed."""


class RayEngine:
    """Observes pages on a Ray cluster, which it connects to with the first page."""

    def __init__(self, settings: ObserverSettings, address: str) -> None:
        """Make an engine.

        Args:
            settings: The recipe, weights and limits; ``threads`` are the processors of an observer.
            address: ``auto`` or host:port; empty: a Ray of its own, on this machine.

        Raises:
            RayMissing: Ray is not installed.
        """
        if find_spec("ray") is None:
            raise RayMissing(
                "PRESSLENS_ENGINE is ray, but Ray is not installed:"
                " pip install 'presslens[ray]', or leave the engine at local"
            )
        self._settings = settings
        self._address = address
        self._child: ChildProcess | None = None

    def close(self) -> None:
        """Leave the cluster; its observers end."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def run(self, tasks: Iterable[PageTask]) -> Iterator[PageResult]:
        """See ``Engine.run``. Takes two tasks ahead for each processor of the cluster.

        Raises:
            EngineLost: The cluster can't be reached, or was lost.
        """
        pending = iter(tasks)
        taken = list(islice(pending, 1))
        left: dict[str, PageTask] = {}
        try:
            while taken or left:
                left |= {task.key: task for task in taken}
                step = self._step(taken, left)
                for result in step.results:
                    del left[result.key]
                    yield result
                taken = list(islice(pending, step.room))
        finally:
            if left:
                self._forget()

    def _step(self, tasks: Sequence[PageTask], left: Mapping[str, PageTask]) -> Dispatched:
        def can_be(step: Dispatched) -> bool:
            keys = {result.key for result in step.results}
            requested = keys <= left.keys() and len(keys) == len(step.results)
            return requested and all(is_result_of(left[one.key], one) for one in step.results)

        form = Form(Dispatched, EngineLost, *NO_PAGE_S_OWN, check=can_be)
        return self._call(form, _go_on, tasks)

    def _forget(self) -> None:
        """Give up the pages that nobody waits for any more."""
        if self._child is not None:
            with suppress(EngineLost):
                self._call(_DONE, _give_up)

    def _call(self, form: Form[T], function: Callable[..., object], *args: object) -> T:
        try:
            if self._child is None:
                self._child = ChildProcess(environment={**QUIET, **auth_mode()}, without=SECRET)
                self._child.send(_connect, self._settings, self._address)
                self._answer(_DONE, self._child)
            self._child.send(function, *args)
            return self._answer(form, self._child)
        except (ProcessDied, AnswerInvalid, EngineLost) as loss:
            self.close()
            if isinstance(loss, EngineLost):
                raise
            raise EngineLost("the Ray cluster was lost") from None

    def _answer(self, form: Form[T], child: ChildProcess) -> T:
        if not child.poll(SILENT_SECONDS):
            child.kill()
            self._child = None
            raise EngineLost(f"the Ray cluster gave no answer in {SILENT_SECONDS:.0f} s")
        return child.receive(form)


def auth_mode() -> dict[str, str]:
    """Return variables that have Ray show this machine's token, unless the operator chose.

    A head asks for a token that lies on its machine; who connects shows one only where told to.
    """
    if "RAY_AUTH_MODE" in os.environ:
        return {}
    given = {"RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & os.environ.keys()
    if given or (Path.home() / ".ray" / "auth_token").is_file():
        return {"RAY_AUTH_MODE": "token"}
    return {}


# The calls of the child: it alone imports Ray.


def _connect(settings: ObserverSettings, address: str) -> None:
    from presslens.pipelines.ray_cluster import connect

    connect(settings, address)


def _go_on(tasks: Sequence[PageTask]) -> Dispatched:
    from presslens.pipelines.ray_cluster import step

    return step(tasks, STEP_SECONDS)


def _give_up() -> None:
    from presslens.pipelines.ray_cluster import forget

    forget()
