"""Says how an estimate was made, and why it has no interval."""

from __future__ import annotations

from presslens.models.message import Message, join_messages
from presslens.pipelines.statistics.practice import FEWEST


def drawn_elsewhere(drawn: int) -> Message:
    """Return the method of a group in which few photos were drawn, of ``drawn`` in the frame."""
    return Message(
        "%(drawn)s drawn photos of the whole frame, few of them here: regression "
        "estimator, error of editions from the model",
        drawn=drawn,
    )


def without_answers(lost: int, outside: int) -> Message | None:
    """Return a note on drawn photos without an answer, and on photos outside the frame."""
    notes = []
    if lost:
        notes.append(Message("%(n)s drawn photos have no answer; they widen the interval", n=lost))
    if outside:
        notes.append(Message("%(n)s photos lie outside of the sample's frame", n=outside))
    return join_messages(notes) if notes else None


def by_machine_only(reviewed: int) -> Message:
    """Return the method of an estimate by the machine, beside some photos that were reviewed."""
    method = Message("machine alone: calibration for a newspaper that the detectors have not seen")
    if not reviewed:
        return method
    return join_messages([method, Message("%(n)s photos reviewed", n=reviewed)])


def too_wide(low: float, high: float, help_words: str) -> Message:
    """Return why an interval that tells nothing is refused, and what would help."""
    return Message(
        "the machine alone only tells that the share lies between %(low)s and %(high)s; %(help)s",
        low=f"{low:.0%}",
        high=f"{high:.0%}",
        help=help_words,
    )


def not_distinguishable(reviews: int) -> Message:
    """Return why a difference is none, and how many reviewed photos of each side would tell."""
    return Message(
        "not told apart from a change of scans: a shift of the machine's scores alone "
        "could make it; about %(reviews)s photos of each side, drawn by chance, would tell",
        reviews=reviews,
    )


def few_editions(editions: int) -> Message:
    """Return why practice is not known from some editions."""
    return Message(
        "%(editions)s editions do not show how editions vary: practice needs %(fewest)s; ask about "
        "these editions instead",
        editions=editions,
        fewest=FEWEST,
    )
