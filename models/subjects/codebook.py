"""What the codebook says of each subject, in the words of coders and readers."""

from __future__ import annotations

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
