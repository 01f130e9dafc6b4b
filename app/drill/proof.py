"""What a check has measured, and what it was to reach."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proof:
    """A figure beside its target.

    Attributes:
        promise: The promise that it proves, for instance R12.
        what: What was measured.
        value: The figure with its unit, for instance "40 of 40".
        target: What is promised, for instance "all".
        passed: Whether the figure reaches the target; None: it could not be measured here.
    """

    promise: str
    what: str
    value: str
    target: str
    passed: bool | None


class NotHere(Exception):
    """A check needs what this machine does not have; the text says what."""
