"""Compositions as a table, one column an edition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from app.headings import NUMBERS, SHARES


def composition_table(columns: Sequence[tuple[str, dict[str, Any]]]) -> Table:
    """Return a table of compositions side by side.

    Args:
        columns: A title and the composition's JSON for each edition.
    """
    table = Table(caption="shares of photos, with their 95 % detector-error intervals")
    table.add_column("")
    for title, _ in columns:
        table.add_column(title, justify="right")
    for key, label in NUMBERS.items():
        table.add_row(label, *(_number(c[key]) for _, c in columns))
    table.add_section()
    for key, label in SHARES.items():
        table.add_row(label, *(_share(c["shares"][key]) for _, c in columns))
    table.add_section()
    for name in dict.fromkeys(name for _, c in columns for name in c["labels"]):
        shares = (c["labels"].get(name) for _, c in columns)
        table.add_row(name.replace("_", " "), *("–" if s is None else _share(s) for s in shares))
    return table


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.2f}"


def _share(share: dict[str, Any]) -> str:
    if share["share"] is None:
        return "–"
    text = f"{share['share']:.0%}"
    if share["interval"] is not None:  # there is none where people have settled all photos
        low, high = share["interval"]
        text = f"{text} [{low:.0%}–{high:.0%}]"
    return f"{text} of {share['n']}"
