"""Rounds numbers as every document serves them: to four digits behind the point."""

from __future__ import annotations

DIGITS = 4


def rounded(value: float | None) -> float | None:
    """Return a number rounded to four digits; None stays None."""
    return None if value is None else round(value, DIGITS)


def rounded_interval(interval: tuple[float, float] | None) -> list[float] | None:
    """Return the ends of an interval rounded to four digits; None stays None."""
    return None if interval is None else [round(end, DIGITS) for end in interval]
