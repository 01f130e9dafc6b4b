"""Decides from observations which subjects a photo shows. Sees no pixels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from models.subjects.evidence import counted, evidence
from models.vocabulary import PhotoObservation, Subject, SubjectReading

BY_FEATURES = (Subject.FIREWORKS, Subject.BUILDINGS)
"""Read from the image features alone; people from the evidence alone; the rest from both."""


class SubjectReaders:
    """One calibrated logistic regression a subject (see ``models/cards/subjects.md``).

    Args:
        models: The classifier of each subject.
    """

    def __init__(self, models: Mapping[Subject, Pipeline]) -> None:
        self._models = models

    @classmethod
    def load(cls, path: Path) -> SubjectReaders:
        """Open a skops file."""
        models = skops.io.load(path, trusted=[])
        return cls({subject: models[subject.value] for subject in Subject})

    def save(self, path: Path) -> None:
        """Write a skops file."""
        skops.io.dump({subject.value: model for subject, model in self._models.items()}, path)

    def read(self, photo: PhotoObservation, *, person_score: float) -> tuple[SubjectReading, ...]:
        """Return whether a photo shows each subject, in the order of ``Subject``.

        Args:
            photo: What was seen.
            person_score: Lowest score of a person that is counted, 0–1.
        """
        seen = evidence(photo, person_score)
        persons, faces = counted(photo, person_score)
        probability = {
            subject: float(model.predict_proba(row(subject, photo.features, seen)[None])[0, 1])
            for subject, model in self._models.items()
        }
        people = len(persons) + len(faces)
        expected = sum(d.child or 0.0 for d in persons) + sum(face.child for face in faces)
        shows_children = probability[Subject.CHILDREN] >= 0.5
        counts = {
            Subject.PEOPLE: people,
            Subject.CROWD: people,
            Subject.CHILDREN: min(people, max(1, round(expected))) if shows_children else 0,
        }
        return tuple(
            SubjectReading(subject, probability[subject], counts.get(subject))
            for subject in Subject
        )


def row(
    subject: Subject, features: NDArray[np.float32], seen: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what the classifier of a subject takes, from features (1280,) and evidence."""
    if subject is Subject.PEOPLE:
        return seen
    if subject in BY_FEATURES:
        return features.astype(np.float64)
    return np.concatenate([features.astype(np.float64), seen])
