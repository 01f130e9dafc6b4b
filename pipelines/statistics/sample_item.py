"""The state of a drawn photo: whether it has an answer, and whether coders have come to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

from presslens.pipelines.statistics.consensus import (
    DERIVED,
    CoderAnswer,
    answers_measure,
    consensus_answers,
    disputed_measures,
)

PARTS = frozenset({"leader", "buildings", "focus_facility"})
"""What coders are asked for the derived measure."""


class ItemStatus(StrEnum):
    """What coders have made of an item; all but ``ANSWERED`` and ``ADJUDICATED`` are no answers."""

    OPEN = "open"
    SKIPPED = "skipped"
    CANT_TELL = "cant_tell"
    DISAGREEMENT = "disagreement"
    ANSWERED = "answered"
    ADJUDICATED = "adjudicated"


ANSWERS = frozenset({ItemStatus.ANSWERED, ItemStatus.ADJUDICATED})
"""Statuses of items whose answer is settled."""


class ItemProgress(NamedTuple):
    """What tells how far coders have come."""

    coder: str | None  # the coder that the item is assigned to; None: anybody
    coded: bool  # the item has an answer, *can't tell* included
    # One of these answers was given after the draw, and not by the second coder, who comes to the
    # items of others in an order of their own.
    coded_since: bool


def item_status(answers: Collection[CoderAnswer], measure: str) -> ItemStatus:
    """Return what coders have made of a photo for a measure; never ``SKIPPED``.

    Args:
        answers: All answers for the photo that are not withdrawn, to any measure.
    """
    relevant = relevant_answers(answers, measure)
    if not answers_measure((answer.measure for answer in relevant), measure):
        return ItemStatus.OPEN
    if measure in consensus_answers(relevant):
        ruled = any(answer.adjudicates for answer in relevant)
        return ItemStatus.ADJUDICATED if ruled else ItemStatus.ANSWERED
    return ItemStatus.DISAGREEMENT if disputed_measures(relevant) else ItemStatus.CANT_TELL


def relevant_answers(answers: Collection[CoderAnswer], measure: str) -> list[CoderAnswer]:
    """Return the answers that bear on a measure: to the measure itself, or to its parts."""
    parts = PARTS if measure == DERIVED else {measure}
    return [answer for answer in answers if answer.measure in parts]


def reached_items(items: Sequence[ItemProgress]) -> list[bool]:
    """Return which items coders have come to.

    Within a stratum every order of the photos was equally likely, so the items of each coder up to
    the last one that was coded since the draw, and those coded before that follow it, are a simple
    random sample of each stratum too. Items behind are not drawn as yet; an item before that has
    no answer was passed over, and is non-response.

    Args:
        items: All items of a sample in their order.
    """
    groups: dict[str | None, list[int]] = defaultdict(list)
    for i, item in enumerate(items):
        groups[item.coder].append(i)
    reached = [False] * len(items)
    for group in groups.values():
        last = max((j for j, i in enumerate(group) if items[i].coded_since), default=-1)
        while last + 1 < len(group) and items[group[last + 1]].coded:
            last += 1
        for i in group[: last + 1]:
            reached[i] = True
    return reached
