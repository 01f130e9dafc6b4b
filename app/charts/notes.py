"""The notes below a chart: its editions, methods, recipe, and how to cite it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

from presslens.app.charts.chart import Level, MarkedDay
from presslens.app.citations.citation import measured_by
from presslens.app.platform.language import Language

WIDTH = 128
"""Width of a line of notes, in Latin characters."""

MOST_METHODS = 2
"""Largest number of methods that are named."""


def wrapped(lines: Iterable[str], width: int = WIDTH) -> list[str]:
    """Return lines that are no longer than a width; Hangul counts as two Latin characters."""
    return [part for line in lines for part in _wrap(line, width)]


def methods_note(methods: Iterable[str], language: Language) -> str:
    """Return how the intervals of a chart were made."""
    different = list(dict.fromkeys(method for method in methods if method))
    if not different:
        return language.text("Intervals: none.")
    named = "; ".join(language.say(method) for method in different[:MOST_METHODS])
    more = len(different) - MOST_METHODS
    also = language.plural(", and %(n)s more like it", ", and %(n)s more like them", more)
    return language.text("Intervals: %(methods)s.", methods=named + (also if more > 0 else ""))


def dashed_note(
    marks: Iterable[MarkedDay], levels: Iterable[Level], language: Language
) -> list[str]:
    """Return what solid and dashed lines are; nothing where none is dashed."""
    if all(one.shown for one in marks) and all(one.shown for one in levels):
        return []
    return [
        language.text(
            "Solid lines: changes and trends that differ from zero; dashed: those that may be zero."
        )
    ]


def citation(title: str, recipe_id: str, source: str | None, language: Language) -> str:
    """Return how a chart is cited.

    Args:
        title: The title of the chart.
        source: An address that gives the same numbers again; None: not named.
        language: The reader's language.
    """
    method = measured_by(recipe_id, language)
    cite = language.text("Cite: %(title)s. %(method)s.", title=title.rstrip("."), method=method)
    cite = cite.replace("?.", "?")
    return f"{cite} {source}" if source else cite


def _wrap(line: str, width: int) -> Sequence[str]:
    wide = sum(east_asian_width(letter) in "WF" for letter in line)
    room = round(width * len(line) / (len(line) + wide)) if line else width
    return textwrap.wrap(line, room, break_on_hyphens=False) or [""]
