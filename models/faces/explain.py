"""Phrases for the reasons of a sighting, for readers who don't know the names of the evidence."""

from __future__ import annotations

from presslens.models.message import Message
from presslens.models.vocabulary import Facing, Sighting, SightingEvidence

WORDS: dict[str, tuple[str, str]] = {
    "likeness": (
        "the face is more like the reference photos than most strangers' are",
        "the face is no more like the reference photos than most strangers' are",
    ),
    "lead_over_others": (
        "no other face in the photo, or hardly one, is as like the reference photos",
        "other faces in the photo are as like the reference photos, or more",
    ),
    "place": (
        "it stands where the leader mostly stands, near the middle, in front or larger than others",
        "it stands where the leader seldom stands, at the side, behind or smaller than others",
    ),
}
"""What a face is like where a part of the evidence speaks for it, and where against it.

Both are said beside the average face of the training photos, nearly all of them strangers'.
"""

TURNED: dict[bool, tuple[str, str]] = {
    False: (
        "the face looks at the camera, so that its likeness says more",
        "the face doesn't quite look at the camera, so that its likeness says less",
    ),
    True: (
        "the face is turned aside and like the reference photos all the same",
        "the face is turned aside, so that its likeness says less",
    ),
}
"""The same for the part "turned", by whether the face is turned aside.

A face that is turned aside can speak for a figure: less likeness is expected of it.
"""


def reasons_in_words(sighting: Sighting, *, cap: float | None = None) -> list[Message]:
    """Return a phrase for each reason for and against a sighting, strongest first.

    The first phrase of a sighting by context says that no face decided.

    Args:
        sighting: The figure, and the reasons.
        cap: The recipe's highest probability of a sighting by context, 0–1; None: not given.
    """
    heading = [] if sighting.told_by is SightingEvidence.FACE else [_no_face(cap)]
    return [
        *heading,
        *(
            _reason(_phrase(name, value, sighting), speaks_for=value >= 0)
            for name, value in sighting.reasons
        ),
    ]


def _reason(reason: str, *, speaks_for: bool) -> Message:
    if speaks_for:
        return Message("for: %(reason)s", reason=reason)
    return Message("against: %(reason)s", reason=reason)


def _no_face(cap: float | None) -> Message:
    if cap is None:
        return Message(
            "no face decided: the likeness alone is not enough, so the recipe caps the probability"
        )
    return Message(
        "no face decided: the likeness alone is not enough, so the recipe caps the probability "
        "at %(cap)s %%",
        cap=f"{100 * cap:.0f}",
    )


def _phrase(name: str, value: float, sighting: Sighting) -> str:
    """Return the phrase for a part of the evidence; for an unknown part, its name in words."""
    facing = sighting.appearance.facing if sighting.appearance else None
    pair = WORDS.get(name)
    if name == "turned" and facing is not None:
        pair = TURNED[facing is not Facing.CAMERA]
    if pair is None:
        return name.replace("_", " ")
    return pair[0] if value >= 0 else pair[1]
