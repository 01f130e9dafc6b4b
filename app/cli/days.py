"""Days as people type them."""

from __future__ import annotations

import re
from datetime import date

import typer

DAY = "YYYY-MM-DD"
"""How a day is written."""

_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_day(text: str) -> date:
    """Return the day that somebody has typed.

    Raises:
        typer.BadParameter: The text is no day of the calendar in the form YYYY-MM-DD.
    """
    if not _WRITTEN.fullmatch(text):
        raise typer.BadParameter(f"{text!r} is not a day: write it as {DAY}, like 2025-12-16")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"there is no day {text}") from error
