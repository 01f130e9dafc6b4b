"""What coders are asked for measures: yes or no, or what the photo is composed around."""

from __future__ import annotations

from collections.abc import Iterable

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.consensus import DERIVED, CoderAnswer, disputed_measures
from presslens.pipelines.statistics.measure import FOCUSES

FOCUS = "focus"
"""The question that one of ``Focus`` answers; all others are answered yes, no or can't tell."""

PARTS = ("leader", "buildings", FOCUS)
"""What coders are asked for ``leader_and_facility``."""


def questions(measures: Iterable[str]) -> list[str]:
    """Return what coders are asked for measures: one answer for a focus, parts for what follows."""
    names = [name for measure in measures for name in _parts(measure)]
    return list(dict.fromkeys(names))


def measures_of(question: str) -> tuple[str, ...]:
    """Return the measures that the answer to a question is about."""
    return tuple(FOCUSES) if question == FOCUS else (question,)


def disputed_questions(answers: Iterable[CoderAnswer], asked: Iterable[str]) -> list[str]:
    """Return the questions, of those asked, that coders disagree on and nobody has adjudicated."""
    disputed = set(disputed_measures(answers))
    return [question for question in asked if disputed.intersection(measures_of(question))]


def written_answer(question: str, answers: dict[str, bool | None]) -> str | None:
    """Return a coder's answer to a question in a word; None: it is not answered.

    Args:
        answers: The coder's latest answers, by measure.

    Returns:
        ``yes``, ``no``, ``cant_tell``, or one of ``Focus``.
    """
    if question != FOCUS:
        if question not in answers:
            return None
        return {True: "yes", False: "no", None: "cant_tell"}[answers[question]]
    given = {name: answers[name] for name in FOCUSES if name in answers}
    if len(given) < len(FOCUSES):
        return None
    shown = (name.removeprefix("focus_") for name, shows in given.items() if shows)
    return next(shown, Focus.UNSURE.value)


def _parts(measure: str) -> tuple[str, ...]:
    if measure == DERIVED:
        return PARTS
    return (FOCUS,) if measure in FOCUSES else (measure,)
