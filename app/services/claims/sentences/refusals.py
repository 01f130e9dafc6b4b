"""What a question cannot ask, and what to ask instead."""

from __future__ import annotations

from presslens.models.message import Message

PHOTOS_ALONE = Message(
    "photos are counted, not persons: ask for “10 photos of children”, or for a share, 12 %"
)

REFUSED = {
    "negation": Message(
        "ask either whether something was absent, or whether there was less of it than usual"
    ),
    "exception": Message("ask of one thing and of all days of a stretch: nothing is left out"),
    "reason": Message("photographs do not tell why or who: ask what was shown, and how often"),
    "number": Message(
        "ask for what can be true or false, such as “more than usual”; how many there are is on"
        " the timeline"
    ),
    "day": Message(
        "a question is answered by true or false, and not by a day: name the day, or ask whether it"
        " was so in at least one edition"
    ),
    "weekday": Message(
        "days of the week are not asked about, only days in a row; the timeline shows each day of"
        " the week"
    ),
    "stretch": Message("name the first and the last of the days"),
    "two": Message("ask one thing at a time"),
    "persons": PHOTOS_ALONE,
    "editions": Message(
        "ask of every edition, of at least one, or of their mean: in how many of them is not asked"
    ),
    "newspapers": Message("ask of one newspaper; two are compared on the page “Compare”"),
}
"""Why a word is refused, by what it says."""
