"""What the subject readers go by, beside a photo's features: how many, how large, how young."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.vocabulary import Detection, Face, PhotoObservation

FACE_SCORE = 0.5
"""A face from here on stands for a person, if no person's box holds it."""

NAMES = (
    "persons",
    "faint_persons",
    "faces",
    "best_person",
    "best_face",
    "largest_person",
    "median_height",
    "children",
    "most_childlike",
)
"""The evidence, in the order of the columns."""


def counted(photo: PhotoObservation, person_score: float) -> tuple[list[Detection], list[Face]]:
    """Return the persons that are counted: boxes, and faces that lie in no counted box."""
    persons = [d for d in photo.detections if d.score >= person_score]
    faces = [
        face
        for face in photo.faces
        if face.score >= FACE_SCORE
        and not any(face.box.share_inside(person.box) > 0.6 for person in persons)
    ]
    return persons, faces


def evidence(photo: PhotoObservation, person_score: float) -> NDArray[np.float64]:
    """Return the values of ``NAMES`` for a photo, shape (9,)."""
    persons, faces = counted(photo, person_score)
    box = photo.frame.box
    heights = [d.box.height for d in persons] or [0.0]
    childlike = [d.child or 0.0 for d in persons] + [face.child for face in faces]
    faint = [d for d in photo.detections if d.score >= person_score / 3]
    return np.array(
        [
            np.log1p(len(persons) + len(faces)),
            np.log1p(len(faint)),
            np.log1p(len(photo.faces)),
            max((d.score for d in photo.detections), default=0.0),
            max((face.score for face in photo.faces), default=0.0),
            max((d.box.area for d in persons), default=0.0) / max(box.area, 1.0),
            float(np.median(heights)) / max(box.height, 1.0),
            np.log1p(sum(childlike)),
            max(childlike, default=0.0),
        ]
    )
