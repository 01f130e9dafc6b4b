"""Labelled faces: whose face is the leader's in the photos that matching is learned from."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from models.faces.matcher import side
from models.instruments import FaceDetector, FaceEmbedder
from models.vocabulary import Face, Image, Vector

LOCATIONS = Path(__file__).parent / "leader_faces.csv"
"""Where the leader's face is, in pixels of the file: found by matching, each checked by eye."""

SETS = ("rodong_sinmun_photos", "dprk_web_photos")

_WHITE = 250
_MOST_MARGIN = 0.06
"""Photos come with about 15 of 400 rows of white above and below."""


@dataclass(frozen=True, slots=True, eq=False)
class Specimen:
    """One face with its label.

    Attributes:
        photo: The file, below the data folder.
        group: What must stay together in cross-validation: the photo's day, or its file.
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


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """A photo with what its table says."""

    path: Path
    name: str
    group: str
    labels: dict[str, str]


def labelled_photos(data: Path, name: str) -> list[LabelledPhoto]:
    """Return the photos of one set in the data folder, in the order of its table."""
    with (data / name / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    photos = []
    for row in rows:
        file_name = row["file"] if "/" in row["file"] else f"images/{row['file']}"
        key = f"{name}/{file_name}"
        photos.append(LabelledPhoto(data / key, key, row.get("date") or key, row))
    return photos


def read_photo(path: Path) -> tuple[Image, int]:
    """Return a photo without the white rows above and below it, and how many were above."""
    pixels = np.asarray(Pillow.open(path).convert("RGB"))
    white = pixels.min(axis=(1, 2)) >= _WHITE
    most = round(len(white) * _MOST_MARGIN)
    top = _leading(white[:most])
    bottom = _leading(white[::-1][:most])
    return pixels[top : len(white) - bottom], top


def _leading(white: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    return int(np.argmin(white)) if not white.all() else len(white)


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
    for name in SETS:
        for photo in labelled_photos(data, name):
            if photo.labels["leader_visible"] == "?":
                continue
            pixels, top = read_photo(photo.path)
            faces = [f for f in detector.detect([pixels])[0] if f.box.height >= smallest][:most]
            vectors = embedder.embed(pixels, faces)
            expected = [(x, y - top) for x, y in places[photo.name]]
            specimens.extend(_labelled(photo, faces, vectors, expected))
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
        yield Specimen(photo.name, photo.group, size if i in found else "-", side(face), vector)
    for _ in range(len(expected) - len(found)):
        yield Specimen(photo.name, photo.group, size, 0.0, None)


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
