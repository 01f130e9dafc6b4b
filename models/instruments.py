"""The instruments that look at pixels, as protocols: each has a learned and a scripted kind.

``models.loading`` and ``models.scripted`` build a complete set from a recipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.vocabulary import Detection, Face, Image, Maps, Objects, PageFrames, Vector


class PhotoFinder(Protocol):
    """Finds the photos of a page."""

    def find(self, page: Image) -> PageFrames:
        """Return the photos of a page in reading order, boxes in page pixels, and its skew."""
        ...


class FeatureExtractor(Protocol):
    """Turns photos into features, place by place."""

    def look(self, photo: Image) -> NDArray[np.float32]:
        """Return the features of each place of a photo in a grid, shape (1280, rows, columns)."""
        ...


class SubjectMapper(Protocol):
    """Tells where in a photo fireworks, buildings and crowds seem to be."""

    def map(self, features: NDArray[np.float32]) -> Maps:
        """Return log odds, shape (3, rows, columns), from (1280, rows, columns) features."""
        ...


class ObjectDetector(Protocol):
    """Looks for the objects that tell what a photo is of."""

    def look(self, photo: Image) -> Objects:
        """Return what is in a photo, boxes in its pixels."""
        ...


class PersonDetector(Protocol):
    """Finds the persons in photos."""

    def detect(self, photos: Sequence[Image]) -> list[list[Detection]]:
        """Return the persons of each photo, best first, boxes in that photo's pixels."""
        ...


class ChildEstimator(Protocol):
    """Tells who looks under about 13."""

    def persons(self, objects: Objects, boxes: Sequence[Box]) -> list[float]:
        """Return the probability, 0–1, that each person's box (photo pixels) holds a child."""
        ...

    def faces(self, objects: Objects, boxes: Sequence[Box]) -> list[float]:
        """Return the probability, 0–1, that each face's box (photo pixels) is a child's."""
        ...


class FaceDetector(Protocol):
    """Finds the faces in photos."""

    def detect(self, photos: Sequence[Image]) -> list[list[Face]]:
        """Return the faces of each photo, largest first, in that photo's pixels, not embedded."""
        ...


class FaceEmbedder(Protocol):
    """Turns faces into vectors that are close together for one person."""

    def embed(self, photo: Image, faces: Sequence[Face]) -> list[Vector]:
        """Return an embedding, shape (640,), for each face (photo pixels)."""
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
    maps: SubjectMapper
    objects: ObjectDetector
    persons: PersonDetector
    children: ChildEstimator
    faces: FaceDetector
    identity: FaceEmbedder
    captions: CaptionReader
