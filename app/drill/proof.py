"""What a check has measured, and what it was to reach."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proof:
    """A figure beside its target."""

    promise: str  # the promise that it proves, for instance R12
    what: str  # what was measured
    value: str  # the figure with its unit, for instance "40 of 40"
    target: str  # what is promised, for instance "all"
    # Whether the figure reaches the target; None: it could not be measured here.
    passed: bool | None


class NotHere(Exception):
    """A check needs what this machine does not have; the text says what."""
