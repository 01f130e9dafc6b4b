"""Counts the people in a photo, with an interval.

Where no crowd is seen, each detection counts as much as detections of its score were worth in
counted photos, and beyond a handful each stands for others that it hides. In a crowd most people
are hidden or too small to be detected: there a regression over the number and size of detections
and the photo's features gives the count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from presslens.models.regression import ScaledRegression
from presslens.models.subjects.maps import MAPPED, covered
from presslens.models.vocabulary import Detection, Face, PhotoObservation, Subject

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

PERSON_EDGES = (0.6, 0.4, 0.25, 0.15, 0.08)
"""Bounds of the bins of persons' scores, 0–1."""

FACE_EDGES = (0.6, 0.4)
"""The same for faces without a body."""

OWNER_SCORE = 0.15
"""A face in the box of a person from this score on, 0–1, is that person's."""

CROWD = 30
"""Persons that a crowd has at least, by the codebook."""

HANDFUL = 6
"""Beyond so many people some are hidden by others."""

SEEN = len(PERSON_EDGES) + len(FACE_EDGES) + 1
"""Numbers that ``seen`` gives."""

NUMBERS = (
    *(f"persons_{score:.2f}" for score in PERSON_EDGES),
    *(f"bodiless_{score:.2f}" for score in FACE_EDGES),
    "beyond_handful",
    *(f"faces_{score:.2f}" for score in FACE_EDGES),
    "face_height",
    "crowded_share",
)
"""The features that crowds are counted by, beside the image features."""

EDGES = (0.5, 1.5, 5.5, 15.5, 29.5, 100.5)
"""Counts at which the width of the interval changes."""

CONFIDENCE = 0.9
"""Share of photos whose true count the interval holds."""

_OWNED = 0.5
"""A face with this share inside a person's box is that person's."""

_CROWD = MAPPED.index(Subject.CROWD)

_NOWHERE = 0.01
"""Added to the share of a photo's places that are crowded, so that it has a logarithm."""

_SMALLEST_FACE = 0.005
"""Stands for the median height of faces where there are none, share of the photo's height."""


class PeopleCounter:
    """Counts people.

    Args:
        worth: What each of ``seen`` is worth outside of a crowd, shape (SEEN,).
        crowd: A regression of the logarithm of one more than the count over ``described``.
        errors: For each range of counts between ``EDGES``, the absolute error of that logarithm
            that ``CONFIDENCE`` of held-out photos stayed within, shape (len(EDGES) + 1,).
    """

    def __init__(
        self, worth: NDArray[np.float64], crowd: Pipeline, errors: NDArray[np.float64]
    ) -> None:
        self._worth = worth
        self._crowd = crowd
        self._crowded = ScaledRegression.of(crowd)
        self._errors = errors

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> PeopleCounter:
        """Return a counter from what ``state`` gave."""
        return cls(np.asarray(state["worth"]), state["crowd"], np.asarray(state["errors"]))

    def state(self) -> dict[str, Any]:
        """Return what skops can store."""
        return {"worth": self._worth, "crowd": self._crowd, "errors": self._errors}

    def count(self, photo: PhotoObservation, *, crowd: bool) -> tuple[int, tuple[int, int]]:
        """Return the number of people in a photo, and between what numbers it is.

        Args:
            photo: What was seen.
            crowd: Whether the photo is taken to show one.
        """
        expected = self.expected(photo, crowd=crowd)
        error = float(self._errors[stratum(expected)])
        low, high = (whole(np.expm1(np.log1p(expected) + side * error)) for side in (-1, 1))
        least = CROWD if crowd else 0
        return max(least, whole(expected)), (max(least, low), max(least, high))

    def expected(self, photo: PhotoObservation, *, crowd: bool) -> float:
        """Return the number of people before it is rounded."""
        if not crowd:
            return float(seen(photo) @ self._worth)
        return float(np.expm1(np.clip(self._crowded.values(described(photo)[None])[0], 0, 10)))


def whole(people: float) -> int:
    """Return a number of people as an integer, at least 0."""
    return max(0, round(people))


def stratum(expected: float) -> int:
    """Return which range between ``EDGES`` a count lies in."""
    return int(np.searchsorted(EDGES, expected))


def seen(photo: PhotoObservation) -> NDArray[np.float64]:
    """Return what a count is made of, shape (SEEN,).

    Persons between scores, faces without a body between scores, and how many of the likely ones
    are beyond a handful.
    """
    persons = [d for d in photo.detections if d.label == "person"]
    alone = bodiless(photo.faces, persons, FACE_EDGES[-1], person_score=OWNER_SCORE)
    bins = [
        *_between(PERSON_EDGES, [d.score for d in persons]),
        *_between(FACE_EDGES, [face.score for face in alone]),
    ]
    likely = sum(bins[:3]) + bins[len(PERSON_EDGES)]
    return np.array([*bins, max(0.0, likely - HANDFUL)])


def _between(edges: Sequence[float], scores: Sequence[float]) -> list[float]:
    """Return how many scores lie from each edge up to the one before it."""
    above = [float(sum(score >= edge for score in scores)) for edge in edges]
    return [n - before for n, before in zip(above, [0.0, *above[:-1]], strict=True)]


def described(photo: PhotoObservation) -> NDArray[np.float64]:
    """Return the image features, then ``numbers``."""
    return np.concatenate([photo.features.astype(np.float64), numbers(photo)])


def numbers(photo: PhotoObservation) -> NDArray[np.float64]:
    """Return ``NUMBERS``, all logarithms."""
    heights = [face.box.height for face in photo.faces]
    height = float(np.median(heights)) / max(photo.frame.box.height, 1.0) if heights else 0.0
    faces = [sum(face.score >= edge for face in photo.faces) for edge in FACE_EDGES]
    return np.array(
        [
            *np.log1p([*seen(photo), *faces]),
            np.log(max(height, _SMALLEST_FACE)),
            np.log(covered(photo.maps[_CROWD]) + _NOWHERE),
        ]
    )


def bodiless(
    faces: Sequence[Face], persons: Sequence[Detection], score: float, *, person_score: float
) -> list[Face]:
    """Return the faces from a score on, 0–1, that lie in the box of no person from another on."""
    likely = [person for person in persons if person.score >= person_score]
    return [
        face
        for face in faces
        if face.score >= score
        and all(face.box.share_inside(person.box) < _OWNED for person in likely)
    ]
