"""Protocols of the instruments that measure pixels; each has a learned and a scripted kind.

``models.loading`` and ``models.scripted`` build a complete set from a recipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box
from presslens.models.vocabulary import (
    Detection,
    Encoding,
    Face,
    Folio,
    Heads,
    Image,
    Maps,
    Objects,
    PageFrames,
    Transcript,
    Vector,
)


class PhotoFinder(Protocol):
    """Finds the photos of a page."""

    def find(self, page: Image) -> PageFrames:
        """Return the photos of a page in reading order, boxes in page pixels, and its skew."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class RestoredPhoto:
    """A photo without the dots of its print, as the instruments look at it."""

    picture: Image  # what all but those of faces look at, shape (height, width, 3), RGB
    for_faces: Image  # what those of faces look at, the same shape

    @classmethod
    def for_all(cls, photo: Image) -> Self:
        """Return one picture for all instruments."""
        return cls(photo, photo)


class Restorer(Protocol):
    """Restores printed photos."""

    def restore(self, photo: Image) -> RestoredPhoto:
        """Return a photo without the dots of its print, the same shape; itself if none show."""
        ...


class ImageEncoder(Protocol):
    """Turns photos into vectors, as a user's network does."""

    def encode(self, photo: Image) -> Encoding:
        """Return the encoding of a photo, shape (height, width, 3), RGB."""
        ...


class FeatureExtractor(Protocol):
    """Turns photos into features, place by place."""

    def extract(self, photo: Image) -> NDArray[np.float32]:
        """Return the features of each place of a photo in a grid, shape (1280, rows, columns)."""
        ...


class SubjectMapper(Protocol):
    """Maps where in a photo fireworks, buildings and crowds are likely."""

    def map(self, features: NDArray[np.float32]) -> Maps:
        """Return log odds, shape (3, rows, columns), from (1280, rows, columns) features."""
        ...


class ObjectDetector(Protocol):
    """Detects the objects that a photo shows."""

    def detect(self, photo: Image) -> Objects:
        """Return the objects of a photo, boxes in its pixels."""
        ...


class PersonDetector(Protocol):
    """Finds the persons in a photo."""

    def detect(self, photo: Image, objects: Objects) -> list[Detection]:
        """Return the persons, best first, boxes in the photo's pixels, given its objects."""
        ...


class ChildEstimator(Protocol):
    """Estimates which persons look under about 13."""

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

    def look(self, photo: Image, faces: Sequence[Face]) -> Heads:
        """Return what the heads of some faces (photo pixels) show."""
        ...

    def embed(self, photo: Image, faces: Sequence[Face], heads: Heads) -> list[Vector]:
        """Return an embedding, shape (640,), for each face (photo pixels), given its head."""
        ...


class FaceGate(Protocol):
    """Tells the faces of children, which are never embedded."""

    def judge(self, faces: Sequence[Face], heads: Heads) -> list[float]:
        """Return the probability, 0–1, that each face is a child's.

        Args:
            faces: Faces with the probability that ``ChildEstimator`` gives.
            heads: What their heads show.
        """
        ...


class CaptionReader(Protocol):
    """Reads the type in a box of a page: captions and headlines."""

    def why_not(self, languages: Sequence[str]) -> str | None:
        """Return why this machine can't read text in languages (BCP 47); None if it can."""
        ...

    def read(self, page: Image, box: Box, languages: Sequence[str]) -> Transcript:
        """Return the text in a box of a page, or why it is not read.

        Args:
            page: RGB pixels, shape (height, width, 3).
            box: Where it stands, in page pixels.
            languages: Those that it may be printed in (BCP 47); empty: they are not known.
        """
        ...


class FolioReader(Protocol):
    """Reads what a page says of itself: its day, its number and its newspaper."""

    def why_not(self, languages: Sequence[str]) -> str | None:
        """Return why this machine can't read heads in languages (BCP 47); None if it can."""
        ...

    def read(
        self, page: Image, photos: Sequence[Box], languages: Sequence[str], *, skew: float
    ) -> Folio:
        """Return the folio of a page, without text if it was not read.

        Args:
            page: RGB pixels, shape (height, width, 3).
            photos: The photos on it, in page pixels.
            languages: Those that it may be printed in (BCP 47); empty: they are not known.
            skew: How far it is turned clockwise, in degrees.
        """
        ...


@dataclass(frozen=True, slots=True)
class Instruments:
    """One instrument for each measurement."""

    photos: PhotoFinder
    restorer: Restorer
    features: FeatureExtractor
    maps: SubjectMapper
    objects: ObjectDetector
    persons: PersonDetector
    children: ChildEstimator
    faces: FaceDetector
    gate: FaceGate
    identity: FaceEmbedder
    captions: CaptionReader
    folios: FolioReader
    encoder: ImageEncoder | None = None  # a user's; None without one
