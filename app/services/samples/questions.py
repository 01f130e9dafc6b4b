"""What coders are asked about each drawn photo, and how much work that is."""

from __future__ import annotations

from collections.abc import Iterable

from presslens.models.message import Message
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.consensus import DERIVED
from presslens.pipelines.statistics.measure import FOCUSES

FOCUS = "focus"
"""The question that one of ``Focus`` answers; all others are answered yes, no or can't tell."""

PARTS = ("leader", "buildings", FOCUS)
"""What coders are asked for ``leader_and_facility``."""


def questions(measures: Iterable[str]) -> list[str]:
    """Return what coders are asked for measures: one answer for a focus, parts for what follows."""
    names = [name for measure in measures for name in _parts(measure)]
    return list(dict.fromkeys(names))


def work_in_words(items: int, measures: Iterable[str]) -> Message:
    """Return how much there is to code: photos with their questions, or pages without any.

    >>> work_in_words(76, ["children", "fireworks"]), work_in_words(1, [])
    ('76 photos, 2 questions each: 152 answers', '1 page')
    """
    asked = len(questions(measures))
    if not asked:
        return counted(items, "page")
    return Message(
        "%(photos)s, %(questions)s each: %(answers)s",
        photos=counted(items, "photo"),
        questions=counted(asked, "question"),
        answers=counted(items * asked, "answer"),
    )


def _parts(measure: str) -> tuple[str, ...]:
    if measure == DERIVED:
        return PARTS
    return (FOCUS,) if measure in FOCUSES else (measure,)
