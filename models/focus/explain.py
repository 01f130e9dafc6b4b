"""Phrases for the reasons of a focus, for readers who don't know the features' names."""

from __future__ import annotations

from presslens.models.message import Message
from presslens.models.vocabulary import FocusReading

WORDS: dict[str, tuple[str, str]] = {
    "leader_probability": ("a leader is recognised", "no leader is recognised"),
    "leader_face_height": ("the leader's face is large", "no large face of a leader"),
    "leader_area_share": (
        "the leader takes up much of the picture",
        "no leader takes up much of the picture",
    ),
    "leader_centrality": (
        "the leader is near the middle of the picture",
        "no leader near the middle of the picture",
    ),
    "leader_face_rank": (
        "the leader's face is large beside the others",
        "no leader's face that is large beside the others",
    ),
    "leader_attention": ("the leader draws the eye", "no leader draws the eye"),
    "leader_face_share": (
        "the leader is shown from near, the face large beside the body",
        "no leader shown from near",
    ),
    "leader_alone": ("the leader stands alone", "no leader who stands alone"),
    "leader_doubt": (
        "a face may be the leader's",
        "no other face that may be the leader's",
    ),
    "people_count": ("many people", "few people or none"),
    "largest_person_share": (
        "one person takes up much of the picture",
        "no person takes up much of the picture",
    ),
    "people_cover": (
        "people cover much of the picture",
        "people cover little or none of the picture",
    ),
    "people_attention": ("people draw the eye", "people don't draw the eye"),
    "people_sharpness": (
        "people are sharper than what is around them",
        "people are no sharper than what is around them",
    ),
    "building_score": ("a building is clearly in view", "no building clearly in view"),
    "buildings_attention": ("buildings draw the eye", "buildings don't draw the eye"),
    "building_cover": (
        "buildings cover much of the picture",
        "buildings cover little or none of the picture",
    ),
    "facility_scene": (
        "what is in the picture is what facilities show",
        "what is in the picture is not what facilities show",
    ),
    "plant_interior_scene": (
        "it looks like the inside of a plant or workshop",
        "it doesn't look like the inside of a plant or workshop",
    ),
    "machinery_scene": (
        "machines are clearly in view",
        "no machines clearly in view",
    ),
    "products_scene": (
        "goods are laid out",
        "no goods are laid out",
    ),
}
"""What a photo is like where a feature is above and below the average training photo's.

A feature of the leader is low also where none is seen, so the second phrase holds for both.
"""


def reasons_in_words(focus: FocusReading) -> list[Message]:
    """Return a phrase for each reason for and against a focus, strongest first.

    The phrases say by themselves what they speak for: of an unsure focus, the answer that leads.
    """
    levels = focus.levels or [None] * len(focus.reasons)
    return [
        _reason(str(focus.leaning), _phrase(name, level), speaks_for=value >= 0)
        for (name, value), level in zip(focus.reasons, levels, strict=True)
    ]


def _reason(focus: str, reason: str, *, speaks_for: bool) -> Message:
    if speaks_for:
        return Message("for %(focus)s: %(reason)s", focus=focus, reason=reason)
    return Message("against %(focus)s: %(reason)s", focus=focus, reason=reason)


def _phrase(name: str, level: float | None) -> str:
    """Return the phrase for a feature's level; without a level, the feature's name in words."""
    if level is None or name not in WORDS:
        return name.replace("_", " ")
    high, low = WORDS[name]
    return high if level > 0 else low
