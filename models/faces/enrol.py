"""Assesses a figure's reference photos and weighs each by its quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from presslens.models.faces.embedding import distances
from presslens.models.faces.pose import yaw
from presslens.models.message import Message
from presslens.models.recipe import EnrolRules
from presslens.models.vocabulary import Face, PhotoObservation, Vector

_LEAST = 0.05
"""The lowest quality, and so the lowest weight, of a face that is embedded."""

MAJORITY_OF = 3
"""Smallest number of references among which a majority can outvote a wrong one."""

ENOUGH = 5
"""Number of portraits that the documents ask for: fewer show a face in too few ways."""

SPLIT = Message(
    "the references don't agree, and no majority does: see that all show the same person"
)


class Fault(StrEnum):
    """The reason why a reference is rejected."""

    NO_FACE = "no_face"
    CHILD_OR_UNCLEAR = "child_or_unclear"
    SEVERAL_FACES = "several_faces"
    TOO_SMALL = "too_small"
    NOT_EMBEDDED = "not_embedded"
    BLURRED = "blurred"
    TURNED_AWAY = "turned_away"
    DISAGREES = "disagrees"

    @property
    def advice(self) -> str:
        """A sentence for people: the fault, and what to do about it."""
        return _ADVICE[self]


_ADVICE = {
    Fault.NO_FACE: Message(
        "no face was found; give a photo in which the face is large and in front"
    ),
    Fault.CHILD_OR_UNCLEAR: Message(
        "the face looks like a child's, or its age is not clear, and is never "
        "embedded; give a clear photo of the adult"
    ),
    Fault.SEVERAL_FACES: Message(
        "a second face is about as large; cut the photo so that one face stands out"
    ),
    Fault.TOO_SMALL: Message("the face has too few pixels; give a larger photo"),
    Fault.NOT_EMBEDDED: Message(
        "the face has no embedding: the recipe switches them off, or they were "
        "purged; docs/explanation/method.md says how they come back"
    ),
    Fault.BLURRED: Message("the face is blurred; give a sharper photo"),
    Fault.TURNED_AWAY: Message("the face is turned aside; give one that looks towards the camera"),
    Fault.DISAGREES: Message(
        "it does not look like the figure's other references; see that it shows the "
        "same person, or remove it"
    ),
}

_UNUSABLE = {Fault.NO_FACE, Fault.CHILD_OR_UNCLEAR, Fault.NOT_EMBEDDED}


def too_few(name: str, usable: int) -> Message | None:
    """Return what it means that a figure has few portraits; None for none, or enough."""
    if not 0 < usable < ENOUGH:
        return None
    return Message(
        "portraits of %(name)s that can be used: %(n)s; with fewer than five, of several years,"
        " many photos are missed",
        name=name,
        n=usable,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """The faces of a reference photo that matter."""

    face: Face | None  # the one that is taken for the figure's; None where there is none
    # The next largest; None if there is none, or if a person has chosen the face.
    rival: Face | None = None
    vouched: bool = False  # somebody has said that the face is the figure's, and an adult's


@dataclass(frozen=True, slots=True)
class Assessment:
    """The assessment of a reference."""

    # Side of a square as large as the face, in pixels; None without a face, as below.
    side: float | None = None
    sharpness: float | None = None  # share of its contrast that is fine detail, 0–1
    # 1 for a face that looks straight out of the photo, 0 for one turned aside fully.
    facing: float | None = None
    # Share, 0–1, of the figure's other references that are as near to it as photos of one person
    # are; None where it was compared with none.
    agreement: float | None = None
    # From size, sharpness, facing and the detector's score, in (0, 1]; 0 for a face that is not
    # embedded.
    quality: float = 0.0
    fault: Fault | None = None  # what is wrong with it; None if nothing is
    doubt: str | None = None  # what is doubtful, though it is no reason to reject the reference
    weight: float = 0.0  # how much it counts, 0–1; 0 for a rejected one

    @property
    def reason(self) -> str | None:
        """The fault and what to do about it; None without one."""
        return None if self.fault is None else f"{self.fault.value}: {self.fault.advice}"


def portrait(photo: PhotoObservation) -> Portrait:
    """Return the largest face of a reference photo, and the one next to it in size."""
    faces = sorted(photo.faces, key=lambda face: -face.box.area)
    face, rival = (*faces, None, None)[:2]
    return Portrait(face, rival)


def assess(
    portraits: Sequence[Portrait], rules: EnrolRules, *, child: float, lenient: bool = False
) -> list[Assessment]:
    """Return the assessment of each of a figure's references.

    Args:
        portraits: All references of one figure.
        rules: The thresholds.
        child: Faces at or above this probability are children's, 0–1.
        lenient: Faults of a face that can be matched with lower its weight no further than its
            quality does; only one that disagrees with a majority is left out.
    """
    alone = [_assessed(portrait, rules, child) for portrait in portraits]
    comparable = [
        i
        for i, assessment in enumerate(alone)
        if _embedding(portraits[i]) is not None
        and (assessment.fault is None or (lenient and assessment.fault not in _UNUSABLE))
    ]
    together = _compared(
        [alone[i] for i in comparable], [portraits[i] for i in comparable], rules.apart
    )
    for i, assessment in zip(comparable, together, strict=True):
        alone[i] = assessment
    return alone


def _assessed(portrait: Portrait, rules: EnrolRules, child: float) -> Assessment:
    """Return the assessment of a reference by itself."""
    face = portrait.face
    if face is None:
        return Assessment(fault=Fault.NO_FACE)
    if face.child >= child and not portrait.vouched:
        return Assessment(side=_side(face), fault=Fault.CHILD_OR_UNCLEAR)
    return Assessment(
        side=_side(face),
        sharpness=face.sharpness,
        facing=facing(face),
        quality=0.0 if face.embedding is None else quality(face, rules),
        fault=_fault(face, portrait.rival, rules),
    )


def _fault(face: Face, rival: Face | None, rules: EnrolRules) -> Fault | None:
    checks = (
        (Fault.SEVERAL_FACES, rival is not None and _side(face) < rules.dominance * _side(rival)),
        (Fault.TOO_SMALL, _side(face) < rules.side),
        (Fault.NOT_EMBEDDED, face.embedding is None),
        (Fault.BLURRED, face.sharpness is not None and face.sharpness < rules.sharpness),
        (Fault.TURNED_AWAY, abs(yaw(face.landmarks)) > rules.turn),
    )
    return next((fault for fault, applies in checks if applies), None)


def quality(face: Face, rules: EnrolRules) -> float:
    """Return how good a face is to match with, in (0, 1].

    It is the product of its side and its sharpness, as shares of those that are as good as any,
    of how much it faces the camera, and of the detector's score.
    """
    size = min(1.0, _side(face) / rules.full_side)
    # Faces observed before it was measured have none: those lose nothing by it.
    sharp = 1.0 if face.sharpness is None else min(1.0, face.sharpness / rules.full_sharpness)
    return float(np.clip(size * sharp * facing(face) * face.score, _LEAST, 1))


def facing(face: Face) -> float:
    """Return 1 for a face that looks straight out of the photo, 0 for one turned aside fully."""
    return 1 - abs(yaw(face.landmarks))


def _side(face: Face) -> float:
    return float(np.sqrt(face.box.area))


def _embedding(portrait: Portrait) -> Vector | None:
    return None if portrait.face is None else portrait.face.embedding


def _compared(
    assessments: Sequence[Assessment], portraits: Sequence[Portrait], apart: float
) -> list[Assessment]:
    """Return assessments with the references' agreement and the weights."""
    vectors = [v for p in portraits if (v := _embedding(p)) is not None]
    if not vectors:
        return []
    shares, strangers, split = agreement(np.stack(vectors), apart=apart)
    return [
        replace(
            assessment,
            agreement=float(share) if len(vectors) > 1 else None,
            fault=Fault.DISAGREES if stranger else assessment.fault,
            doubt=SPLIT if split else None,
            weight=0.0 if stranger else assessment.quality,
        )
        for assessment, share, stranger in zip(assessments, shares, strangers, strict=True)
    ]


def agreement(
    embeddings: NDArray[np.float32], *, apart: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_], bool]:
    """Return how far a figure's references agree.

    The reference with the smallest median distance to all, and those near it, are the core. If
    it is a majority of three references or more, one outside of it that is near less than half
    of it is a stranger. Without a majority nobody is: two references that differ may be one
    person in two lights, and which of them were wrong could not be decided.

    Args:
        embeddings: One row a reference, shape (k, 640).
        apart: Distance by dlib's network from which two faces are taken for two persons'.

    Returns:
        The share, 0–1, of the others that are near each; which of them are strangers; whether
        they differ without a majority.
    """
    count = len(embeddings)
    between = distances(embeddings, embeddings)
    near = between < apart
    core = near[np.argmin(np.median(between, axis=1))]
    majority = count >= MAJORITY_OF and 2 * core.sum() > count
    strangers = majority & ~core & (near[:, core].mean(axis=1) < 0.5)
    shares = (near.sum(axis=1) - 1) / max(1, count - 1)
    return shares, strangers, bool(count > 1 and not majority and not near.all())
