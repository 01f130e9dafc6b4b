"""Timing of instruments, and of the networks within them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from typing import Any

import onnxruntime

from presslens.models.instruments import Instruments

NETWORK = onnxruntime.InferenceSession
"""The class of all networks: the time of its ``run`` is theirs."""


@dataclass(slots=True)
class Spent:
    """Seconds that an instrument took, and the seconds of these in which its networks ran."""

    whole: float = 0.0
    network: float = 0.0


@dataclass(slots=True)
class Stopwatch:
    """Times instruments; an instrument that another one calls counts for itself alone.

    Attributes:
        spent: The time of each instrument, by its name in ``Instruments``.
    """

    spent: dict[str, Spent] = field(default_factory=dict)
    _at_work: list[str] = field(default_factory=list)

    def on(self, instruments: Instruments) -> Instruments:
        """Return instruments with the same answers whose calls are timed."""
        timed: dict[str, Any] = {
            part.name: _Timed(part.name, instrument, self)
            for part in fields(instruments)
            if (instrument := getattr(instruments, part.name)) is not None
        }
        return replace(instruments, **timed)

    @contextmanager
    def instrument(self, name: str) -> Iterator[None]:
        """Time the body of the ``with`` statement as an instrument's."""
        self._at_work.append(name)
        start = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - start
            self.spent.setdefault(self._at_work.pop(), Spent()).whole += seconds

    @contextmanager
    def networks(self) -> Iterator[None]:
        """Time every onnxruntime session too; only one thread may run at a time."""
        run = onnxruntime.InferenceSession.run

        def timed(*args: Any, **options: Any) -> Any:
            start = time.perf_counter()
            try:
                return run(*args, **options)
            finally:
                if self._at_work:
                    spent = self.spent.setdefault(self._at_work[-1], Spent())
                    spent.network += time.perf_counter() - start

        onnxruntime.InferenceSession.run = timed
        try:
            yield
        finally:
            onnxruntime.InferenceSession.run = run


@dataclass(frozen=True, slots=True)
class _Timed:
    """An instrument whose methods are timed."""

    name: str
    instrument: Any
    watch: Stopwatch

    def __getattr__(self, method: str) -> Any:
        attribute = getattr(self.instrument, method)
        if not callable(attribute):
            return attribute

        def measured(*args: Any, **options: Any) -> Any:
            with self.watch.instrument(self.name):
                return attribute(*args, **options)

        return measured
