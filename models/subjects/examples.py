"""The labelled photos of all sets, as the instruments see them: for training and measuring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.datasets import DATASETS, STATE_MEDIA, LabelledPhoto, open_photo, read_dataset
from models.newsprint import printed
from models.observer import Observer
from models.subjects.evidence import evidence
from models.subjects.labels import label_of
from models.vocabulary import PhotoObservation, Subject

SCENES_STEP = 3
"""Every third small scene is enough: there are many, and they are all alike."""


@dataclass(frozen=True, slots=True, eq=False)
class SubjectExample:
    """One photo with its labels.

    Attributes:
        photo: Its file, set and group.
        seen: What was seen in it.
        evidence: The numbers behind ``models.subjects.evidence.NAMES``.
        degraded: Features of the photo as a bad print shows it, for training alone.
        labels: The subjects that the labels speak of.
    """

    photo: LabelledPhoto
    seen: PhotoObservation
    evidence: NDArray[np.float64]
    degraded: NDArray[np.float32]
    labels: Mapping[Subject, bool]

    @property
    def state_media(self) -> bool:
        """Whether the photo is of the domain that the project is for."""
        return self.photo.dataset in STATE_MEDIA


def subject_examples(
    data: Path, observer: Observer, *, person_score: float
) -> Iterator[SubjectExample]:
    """Look at every photo that a label speaks of.

    Args:
        data: The folder of labelled photos.
        observer: Sees them.
        person_score: Lowest score of a person that is counted, 0–1.
    """
    rng = np.random.default_rng(0)
    for name in DATASETS:
        photos = read_dataset(data, name)
        for photo in photos[:: SCENES_STEP if name == "intel_scenes" else 1]:
            told = {subject: label_of(photo, subject) for subject in Subject}
            labels = {subject: label for subject, label in told.items() if label is not None}
            if labels:
                pixels = open_photo(photo.path)
                (seen,) = observer.observe_photo(pixels).photos
                degraded = observer.instruments.features.extract([printed(pixels, rng)])[0]
                yield SubjectExample(photo, seen, evidence(seen, person_score), degraded, labels)
