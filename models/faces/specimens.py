"""Labelled faces: whose face is the leader's in the photos that matching is learned from."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.datasets import STATE_MEDIA, LabelledPhoto, open_photo, read_dataset
from models.faces.matcher import side
from models.instruments import FaceDetector, FaceEmbedder
from models.vocabulary import Face, Vector

LOCATIONS = Path(__file__).parent / "leader_faces.csv"
"""Where the leader's face is, in pixels of the file: found by matching, each checked by eye."""


@dataclass(frozen=True, slots=True, eq=False)
class Specimen:
    """One face with its label.

    Attributes:
        photo: The photo's key.
        group: What must stay together in cross-validation: the photo's day.
        size: The leader's face as labelled by eye: L, M, S, T; "-" for other faces.
        side: Of the detected face in pixels; 0 where the leader's face was not found.
        embedding: None where it was not found.
    """

    photo: str
    group: str
    size: str
    side: float
    embedding: Vector | None

    @property
    def leader(self) -> bool:
        """Whether it is the leader's face."""
        return self.size != "-"


def read_specimens(
    data: Path, detector: FaceDetector, embedder: FaceEmbedder, *, smallest: float, most: int
) -> list[Specimen]:
    """Return the faces of all photos in which it is known whether the leader is visible.

    Args:
        data: The folder of labelled photos.
        detector: Finds the faces.
        embedder: Embeds them.
        smallest: Faces lower than this, in pixels, are left out.
        most: At most so many faces of a photo are embedded.
    """
    places = _places()
    specimens: list[Specimen] = []
    for photo in (photo for name in STATE_MEDIA for photo in read_dataset(data, name)):
        if photo.label("leader_visible") is None:
            continue
        pixels = open_photo(photo.path, trim=False)
        faces = [f for f in detector.detect([pixels])[0] if f.box.height >= smallest][:most]
        vectors = embedder.embed(pixels, faces)
        specimens.extend(_labelled(photo, faces, vectors, places[photo.key]))
    return specimens


def _labelled(
    photo: LabelledPhoto,
    faces: Sequence[Face],
    vectors: Sequence[Vector],
    expected: Sequence[tuple[float, float]],
) -> Iterator[Specimen]:
    size = photo.labels.get("leader_face", "M")
    found = {i for point in expected if (i := _face_at(faces, point)) is not None}
    for i, (face, vector) in enumerate(zip(faces, vectors, strict=True)):
        yield Specimen(photo.key, photo.group, size if i in found else "-", side(face), vector)
    for _ in range(len(expected) - len(found)):
        yield Specimen(photo.key, photo.group, size, 0.0, None)


def _face_at(faces: Sequence[Face], point: tuple[float, float]) -> int | None:
    """Return which face has its middle near a point; None if there is none."""
    x, y = point
    for i, face in enumerate(faces):
        cx, cy = face.box.centre
        if abs(cx - x) < face.box.width / 2 and abs(cy - y) < face.box.height / 2:
            return i
    return None


def _places() -> dict[str, list[tuple[float, float]]]:
    places: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with LOCATIONS.open(newline="") as file:
        for row in csv.DictReader(file):
            places[row["file"]].append((float(row["x"]), float(row["y"])))
    return places
