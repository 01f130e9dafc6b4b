"""What a difference of two groups of editions must tell, whoever reckons it."""

from __future__ import annotations

from typing import Protocol


class Contrast(Protocol):
    """The first less the second of two numbers that editions of their own tell."""

    @property
    def value(self) -> float | None:
        """The difference; None where one of them is unknown."""

    @property
    def interval(self) -> tuple[float, float] | None:
        """(low, high); None where a group has fewer than two editions."""

    @property
    def p_value(self) -> float | None:
        """Of the hypothesis that there is none, two-sided, 0–1; None without an interval."""

    @property
    def method(self) -> str:
        """How the interval was made, or why there is none."""


class Told(Protocol):
    """A number that a group of editions tells."""

    @property
    def value(self) -> float | None:
        """The best guess; None where there is nothing to measure."""

    @property
    def interval(self) -> tuple[float, float] | None:
        """(low, high); None for fewer than two editions."""

    @property
    def method(self) -> str:
        """How the interval was made, or why there is none."""

    @property
    def editions(self) -> int:
        """How many editions were reckoned with."""
