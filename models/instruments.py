"""The instruments that look at pixels, as protocols: each has a learned and a scripted kind.

``models.learned`` and ``models.scripted`` build a complete set from a recipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.vocabulary import Detection, Face, Image, PageFrames, Vector


class PhotoFinder(Protocol):
    """Finds the photos of a page."""

    def find(self, page: Image) -> PageFrames:
        """Return the photos of a page in reading order, boxes in page pixels, and its skew."""
        ...


class FeatureExtractor(Protocol):
    """Turns photos into feature vectors."""

    def extract(self, photos: Sequence[Image]) -> NDArray[np.float32]:
        """Return one row per photo, shape (len(photos), 1280)."""
        ...


class PersonDetector(Protocol):
    """Finds the persons in photos."""

    def detect(self, photos: Sequence[Image]) -> list[list[Detection]]:
        """Return the persons of each photo, best first, boxes in that photo's pixels."""
        ...


class ChildEstimator(Protocol):
    """Tells who looks under about 13."""

    def estimate(self, photo: Image, boxes: Sequence[Box]) -> list[float | None]:
        """Return the probability, 0–1, that each person's box (photo pixels) holds a child.

        None where the age can't be told: the person is too small, or one of too many.
        """
        ...


class FaceDetector(Protocol):
    """Finds the faces in photos."""

    def detect(self, photos: Sequence[Image]) -> list[list[Face]]:
        """Return the faces of each photo, largest first, in that photo's pixels, not embedded."""
        ...


class FaceEmbedder(Protocol):
    """Turns faces into vectors that are close together for one person."""

    def embed(self, photo: Image, faces: Sequence[Face]) -> list[Vector]:
        """Return an embedding, shape (128,), for each face (photo pixels)."""
        ...


class CaptionReader(Protocol):
    """Reads the type in a box of a page: captions and headlines."""

    @property
    def why_not(self) -> str | None:
        """Why nothing is read on this machine; None if it is."""
        ...

    def read(self, page: Image, box: Box) -> str | None:
        """Return the text in a box (page pixels): "" if there is none, None if it wasn't read."""
        ...


@dataclass(frozen=True, slots=True)
class Instruments:
    """One complete set."""

    photos: PhotoFinder
    features: FeatureExtractor
    persons: PersonDetector
    children: ChildEstimator
    faces: FaceDetector
    identity: FaceEmbedder
    captions: CaptionReader
