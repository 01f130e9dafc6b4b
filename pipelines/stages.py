"""The stages of observing a page, and how long each of them took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from presslens.models.vocabulary import PageObservation


class Stage(StrEnum):
    """Every stage of a page, in their order; what is left of a page's time is the engine's own."""

    FETCH = "fetch"
    """The file is brought to where it is read."""
    LOAD = "load"
    """The models are loaded: once a process, before its first page."""
    DECODE = "decode"
    """Waiting for the page's pixels: little, where they were decoded during the page before."""
    VIEW = "view"
    """The picture of the page that people see is written."""
    FIND = "find"
    """Photos are found."""
    LOOK = "look"
    """Photos are looked at: persons, faces, objects, features."""
    READ = "read"
    """The page's traits are measured; captions and headlines are located and read."""


@dataclass(frozen=True, slots=True, eq=False)
class ObservedPage:
    """The observation of a page, and the seconds that each stage took."""

    observation: PageObservation
    seconds: dict[Stage, float]


@dataclass(frozen=True, slots=True)
class StageTimer:
    """Adds up the seconds of stages."""

    seconds: dict[Stage, float] = field(default_factory=dict)

    @contextmanager
    def time(self, stage: Stage) -> Iterator[None]:
        """Add what happens inside to a stage, also where it ends with an error."""
        began = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - began
            self.seconds[stage] = self.seconds.get(stage, 0.0) + spent
