"""What the codebook says of each subject, in the words of coders and readers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from presslens.models.message import Message
from presslens.models.vocabulary import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class CodebookEntry:
    """What the codebook says of a subject, and what the machine says beside its probability."""

    meaning: Message  # what a photo shows that shows it
    question: Message  # what coders are asked
    hint: Message  # what counts, and what does not
    shown: Message  # photos "of" it
    not_shown: Message  # the other photos
    counted: str = ""  # what is counted in a photo of it; "": nothing is
    placed: bool = False  # its places are exported; never those of persons


CODEBOOK: Mapping[Subject, CodebookEntry] = {
    Subject.PEOPLE: CodebookEntry(
        meaning=Message("at least one person is visible"),
        question=Message("Is at least one person visible?"),
        hint=Message("Not: statues, painted or printed persons inside the picture."),
        shown=Message("people"),
        not_shown=Message("without people"),
        counted="people",
    ),
    Subject.CROWD: CodebookEntry(
        meaning=Message("30 or more people, dense"),
        question=Message("Is there a dense crowd of 30 or more people?"),
        hint=Message("Audiences, rallies, mass group photos. Not: a long table with 20 people."),
        shown=Message("crowds"),
        not_shown=Message("without a crowd"),
        counted="people",
    ),
    Subject.CHILDREN: CodebookEntry(
        meaning=Message("at least one person who looks under about 13"),
        question=Message("Is anybody there who looks under about 13?"),
        hint=Message("One is enough. Not: teenagers, dolls, a child on a poster."),
        shown=Message("children"),
        not_shown=Message("without children"),
        counted="children",
    ),
    Subject.FIREWORKS: CodebookEntry(
        meaning=Message("bursts in the air, really there"),
        question=Message("Are there fireworks?"),
        hint=Message(
            "Bursts in the air, really there. Not: stage lights, sparks, rocket flames, confetti, a"
            " painted backdrop."
        ),
        shown=Message("fireworks"),
        not_shown=Message("without fireworks"),
        placed=True,
    ),
    Subject.BUILDINGS: CodebookEntry(
        meaning=Message("exterior architecture clearly in view"),
        question=Message("Is the outside of a building clearly in view?"),
        hint=Message("Not: interiors, stage sets, a wall behind a portrait."),
        shown=Message("buildings"),
        not_shown=Message("without buildings"),
        placed=True,
    ),
}
"""The entry of each subject."""

_CHANGED = re.compile(r" ([a-z_:]+)=(\S+)(?=(?: [a-z_:]+=\S+)*$)")
"""An entry that has a version of its own, behind the version of the codebook: ``2 children=3``."""

_ENTRIES = {
    **dict.fromkeys(("focus_leader", "focus_facility", "focus_neither"), ("focus",)),
    "leader_and_facility": ("leader", "buildings", "focus"),
}
"""The entries of measures that have none of their own."""


def entry_version(codebook: str, measure: str) -> str:
    """Return the version of a codebook's entry on a measure; of several entries, all that changed.

    Args:
        codebook: The version of the codebook; entries that have changed since stand behind it.

    >>> [entry_version("2 children=3", name) for name in ("children", "people")]
    ['3', '2']
    >>> entry_version("2 buildings=3 children=3", "leader_and_facility")
    '2 buildings=3'
    """
    if "=" not in codebook:
        return codebook
    changed: dict[str, str] = dict(_CHANGED.findall(codebook))
    edition, entries = edition_of(codebook), _ENTRIES.get(measure, (measure,))
    if len(entries) == 1:
        return changed.get(entries[0], edition)
    return " ".join([edition, *(f"{one}={changed[one]}" for one in entries if one in changed)])


def edition_of(codebook: str) -> str:
    """Return the version of a codebook without those of single entries."""
    return _CHANGED.sub("", codebook) if "=" in codebook else codebook
