"""Which subjects a photo shows, read from what was seen in it.

Each subject has a small logistic regression over the photo's image features and ten numbers about
the persons in it. Counts come from the boxes alone.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from models.vocabulary import Detection, Face, PhotoObservation, Subject, SubjectReading

NUMBERS = (
    "best_person",
    "best_face",
    "people",
    "possible_people",
    "faces",
    "person_height",
    "best_child",
    "any_child",
    "children",
    "child_share",
)
"""What ``describe`` puts behind the image features: scores as log odds, counts as logarithms."""

POSSIBLE = 0.15
"""Score from which a detection is a possible person."""

FACE_SCORE = 0.5
"""Score from which a face that lies in no person's box is one more person."""

WEAK_FACE_SCORE = 0.35
"""The same in a crowd, where faces are small; elsewhere such weak faces are mostly invented."""

CROWD = 30
"""Persons that a crowd has at least, by the codebook."""

SHOWN = 0.5
"""Probability from which counts take it that a photo shows a crowd, or children."""

CHILD = 0.5
"""Probability from which a person is counted as a child, in a photo that shows children."""

_OWNED = 0.5
"""A face with this share inside a person's box is that person's."""


class SubjectReaders:
    """One classifier a subject.

    Args:
        heads: A fitted classifier over ``describe`` for each subject.
    """

    def __init__(self, heads: Mapping[Subject, Pipeline]) -> None:
        self._heads = heads

    @classmethod
    def load(cls, path: Path) -> SubjectReaders:
        """Read the classifiers from a ``.skops`` file."""
        heads = skops.io.load(path, trusted=[])
        return cls({subject: heads[subject.value] for subject in Subject})

    def save(self, path: Path) -> None:
        """Write the classifiers to a ``.skops`` file."""
        heads = {subject.value: self._heads[subject] for subject in Subject}
        skops.io.dump(heads, path, compression=zipfile.ZIP_DEFLATED, compresslevel=9)

    def read(self, photo: PhotoObservation, *, person_score: float) -> tuple[SubjectReading, ...]:
        """Return what a photo shows, in the order of ``Subject``.

        Args:
            photo: What was seen.
            person_score: Detections below aren't counted, 0–1.
        """
        row = describe(photo, person_score=person_score)[None]
        probability = {
            subject: float(head.predict_proba(row)[0, 1]) for subject, head in self._heads.items()
        }
        people = people_in(photo, person_score, crowd=probability[Subject.CROWD] >= SHOWN)
        children = int((child_probabilities(photo, person_score) >= CHILD).sum())
        counts = {
            Subject.PEOPLE: people,
            Subject.CROWD: people,
            # A photo that is taken to show children shows one at least, and otherwise none.
            Subject.CHILDREN: max(1, children) if probability[Subject.CHILDREN] >= SHOWN else 0,
        }
        return tuple(
            SubjectReading(subject, probability[subject], counts.get(subject))
            for subject in Subject
        )


def counted(
    photo: PhotoObservation, person_score: float, *, face_score: float = FACE_SCORE
) -> tuple[list[Detection], list[Face]]:
    """Return the persons of a photo, and the faces that are in nobody's box: one person each.

    Args:
        photo: What was seen.
        person_score: Lowest score of a person, 0–1.
        face_score: Lowest score of such a face, 0–1.
    """
    persons = [d for d in photo.detections if d.label == "person" and d.score >= person_score]
    faces = [
        face
        for face in photo.faces
        if face.score >= face_score
        and all(face.box.share_inside(person.box) < _OWNED for person in persons)
    ]
    return persons, faces


def people_in(photo: PhotoObservation, person_score: float, *, crowd: bool) -> int:
    """Return how many persons a photo shows, faces without a body among them.

    Args:
        photo: What was seen.
        person_score: Lowest score of a person, 0–1.
        crowd: Whether it is taken to show a crowd: weaker faces count then, and 30 is the least.
    """
    face_score = WEAK_FACE_SCORE if crowd else FACE_SCORE
    persons, faces = counted(photo, person_score, face_score=face_score)
    return max(CROWD if crowd else 0, len(persons) + len(faces))


def describe(photo: PhotoObservation, *, person_score: float) -> NDArray[np.float64]:
    """Return the image features followed by ``NUMBERS``.

    Args:
        photo: What was seen.
        person_score: Detections below aren't counted, 0–1.
    """
    persons, faces = counted(photo, person_score)
    children = child_probabilities(photo, person_score)
    scores = [d.score for d in photo.detections if d.label == "person"]
    heights = [person.box.height for person in persons] or [0.0]
    expected = float(children.sum())
    numbers = (
        _log_odds(max(scores, default=0.0)),
        _log_odds(max((face.score for face in photo.faces), default=0.0)),
        np.log1p(len(persons) + len(faces)),
        np.log1p(sum(score >= POSSIBLE for score in scores)),
        np.log1p(sum(face.score >= FACE_SCORE for face in photo.faces)),
        np.log(max(float(np.median(heights)) / max(photo.frame.box.height, 1.0), 0.01)),
        _log_odds(float(children.max(initial=0.0))),
        _log_odds(1.0 - float(np.prod(1.0 - children))),
        np.log1p(expected),
        expected / max(len(children), 1),
    )
    return np.concatenate([photo.features.astype(np.float64), numbers])


def child_probabilities(photo: PhotoObservation, person_score: float) -> NDArray[np.float64]:
    """Return the child probability of each counted person, 0 where the age can't be told.

    Faces without a body are left out: theirs says whether they may be embedded.
    """
    persons, _ = counted(photo, person_score)
    return np.array([person.child or 0.0 for person in persons])


def _log_odds(probability: float) -> float:
    clipped = min(max(probability, 0.01), 0.99)
    return float(np.log(clipped / (1 - clipped)))
