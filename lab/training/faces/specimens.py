"""Labelled photos for matching: the leader's face among those that preceding stations detect."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.lab.training.array_cache import CACHE, ArrayCache
from presslens.lab.training.datasets import STATE_MEDIA, LabelledPhoto, open_photo, read_dataset
from presslens.lab.training.showing import AS_IS, as_shown
from presslens.models.faces.embedder import RawEmbedder, embeddable
from presslens.models.faces.whitening import Whitening
from presslens.models.geometry import Box
from presslens.models.instruments import (
    ChildEstimator,
    FaceDetector,
    ObjectDetector,
    RestoredPhoto,
    Restorer,
)
from presslens.models.loading import load_faces, load_identity, load_objects, load_restorer
from presslens.models.recipe import FaceRules, Recipe
from presslens.models.registry import Registry
from presslens.models.subjects.children import ObjectChildEstimator
from presslens.models.vocabulary import Face, Image

LOCATIONS = Path(__file__).parent / "leader_faces.csv"
"""Positions of the leader's face, in pixels of the file, each checked by drawing it on the photo.

``told_by`` is ``context`` where a reader recognised him by his place and not by his face.
"""

STRANGERS = (
    "people_events_web",
    "crowd_points",
    "coco256",
    "coco_mini",
    "facility_web",
    "children_school",
)
"""Sets without the leader."""

OTHER, CONTEXT = "-", "C"
"""Sizes of another person's face, and of a face of his that only its place identifies."""


@dataclass(frozen=True, slots=True, eq=False)
class Specimen:
    """One photo with its faces.

    Attributes:
        photo: The photo's key.
        group: The photo's day or event, which stays together in cross-validation.
        domain: It is a photo of state media.
        frame: The whole photo.
        faces: Its faces, largest first, none of them embedded.
        sizes: Of each face: the leader's as labelled by eye, L, M, S or T, else ``OTHER`` or
            ``CONTEXT``.
        missed: Sizes of the leader's faces that were not detected.
        embedded: Indices of the faces that are embedded: largest first, children's left out.
        dlib: dlib's rows for these, shape (n, 128).
        faceres: The raw rows of faceres, shape (n, 1024).
    """

    photo: str
    shown: str
    group: str
    domain: bool
    frame: Box
    faces: tuple[Face, ...]
    sizes: tuple[str, ...]
    missed: tuple[str, ...]
    embedded: tuple[int, ...]
    dlib: NDArray[np.float32]
    faceres: NDArray[np.float32]

    @property
    def leader(self) -> bool:
        """Whether the leader is in the photo."""
        return bool(self.missed) or any(size != OTHER for size in self.sizes)

    def seen(self, whitening: Whitening) -> tuple[Face, ...]:
        """Return the faces with the embeddings that a whitening gives."""
        vectors = np.hstack([self.dlib, whitening.apply(self.faceres)])
        by_index = dict(zip(self.embedded, vectors, strict=True))
        return tuple(replace(face, embedding=by_index.get(i)) for i, face in enumerate(self.faces))


NETWORKS = ("restoration", "faces", "objects", "children", "identity", "faceres")
"""The weights that a specimen hangs on."""


@dataclass(frozen=True, slots=True)
class FaceReader:
    """Reads the faces of labelled photos as ``Observer`` does, each photo once.

    ``version`` changes whenever one of the instruments does.
    """

    restorer: Restorer
    detector: FaceDetector
    objects: ObjectDetector
    children: ChildEstimator
    networks: RawEmbedder
    rules: FaceRules
    version: str
    cache: ArrayCache = CACHE

    def read(self, data: Path, *, shown: Sequence[str] = (AS_IS,)) -> list[Specimen]:
        """Return the photos of all sets whose labels say whether the leader is visible.

        Args:
            data: The folder of labelled photos.
            shown: Ways of ``models.training.showing``, in each of which each photo is read.
        """
        places = read_places()
        return [
            self._specimen(photo, places[photo.key], how)
            for name in (*STATE_MEDIA, *STRANGERS)
            for photo in read_dataset(data, name)
            if _is_identified(photo, places)
            for how in shown
        ]

    def _specimen(
        self, photo: LabelledPhoto, places: Sequence[LeaderPosition], shown: str
    ) -> Specimen:
        key = f"{self.version}|{photo.key}|{shown}"
        seen = self.cache.arrays(key, lambda: self._seen(self.restored(photo, shown)))
        height, width = (float(side) for side in seen["shape"])
        faces = [_face(row) for row in seen["faces"].tolist()]
        detected = {i: p for p in places if (i := face_at(faces, p)) is not None}
        missed = [p for p in places if p not in detected.values()]
        return Specimen(
            photo.key,
            shown,
            photo.group,
            photo.dataset in STATE_MEDIA,
            Box(0, 0, width, height),
            tuple(faces),
            tuple(_size(photo, detected.get(i)) for i in range(len(faces))),
            tuple(_size(photo, place) for place in missed),
            tuple(int(i) for i in seen["embedded"]),
            seen["dlib"],
            seen["faceres"],
        )

    def _seen(self, photo: RestoredPhoto) -> dict[str, NDArray[np.generic]]:
        pixels = photo.for_faces
        faces = self.detector.detect([pixels])[0]
        embedded = self.embeddable(photo.picture, faces)
        dlib, faceres = self.networks.raw(pixels, [faces[i] for i in embedded])
        return {
            "shape": np.array(pixels.shape[:2]),
            "faces": np.array([_row(face) for face in faces], np.float64).reshape(-1, 15),
            "embedded": np.array(embedded, np.int64),
            "dlib": dlib,
            "faceres": faceres,
        }

    def restored(self, photo: LabelledPhoto, shown: str = AS_IS) -> RestoredPhoto:
        """Return a photo as shown in one way and restored."""
        whole = open_photo(photo.path, trim=False)
        # Reduced, faces would lie elsewhere than the leader's marked places.
        height, width = whole.shape[:2]
        seen = as_shown(whole, shown, photo.key)
        if seen.shape != whole.shape:
            seen = np.asarray(cv2.resize(seen, (width, height)), np.uint8)
        return self.restorer.restore(seen)

    def embeddable(self, pixels: Image, faces: Sequence[Face]) -> list[int]:
        """Return the indices of the faces to embed: the largest, without children's."""
        if not faces:
            return []
        child = self.children.faces(self.objects.detect(pixels), [face.box for face in faces])
        with_ages = [replace(face, child=c) for face, c in zip(faces, child, strict=True)]
        return embeddable(with_ages, self.rules)


def load_face_reader(recipe: Recipe, registry: Registry, *, threads: int = 1) -> FaceReader:
    """Return the reader of the leader's face in labelled photos.

    Args:
        recipe: Gives the rules of the instruments.
        registry: Where the weights are.
        threads: CPU threads for one call of a network.

    Raises:
        ModelUnavailable: A weight file is missing.
        ModelMismatch: A weight file is not the one that the manifest names.
    """
    return FaceReader(
        load_restorer(recipe, registry, threads=threads),
        load_faces(recipe, registry, threads=threads),
        load_objects(recipe, registry, threads=threads),
        ObjectChildEstimator.load(registry.path("children")),
        load_identity(registry, threads=threads),
        recipe.observe.faces,
        "|".join(
            [
                *(registry.manifest[name].sha256 for name in NETWORKS),
                str(recipe.observe.epoch),
                recipe.observe.faces.model_dump_json(),
                recipe.observe.objects.model_dump_json(),
            ]
        ),
    )


def _row(face: Face) -> list[float]:
    """Return a face's box, score and landmarks as 15 numbers."""
    box = face.box
    marks = [number for mark in face.landmarks for number in mark]
    return [box.x0, box.y0, box.x1, box.y1, face.score, *marks]


def _face(row: Sequence[float]) -> Face:
    marks = tuple(zip(row[5::2], row[6::2], strict=True))
    return Face(Box(*row[:4]), row[4], marks, 0.0, None)


@dataclass(frozen=True, slots=True)
class LeaderPosition:
    """The position of the leader's face in a photo, in pixels of the file, and its evidence."""

    x: float
    y: float
    told_by: str


def face_at(faces: Sequence[Face], place: LeaderPosition) -> int | None:
    """Return the index of the face centred near a position; None if there is none."""
    for i, face in enumerate(faces):
        cx, cy = face.box.centre
        near_x = abs(cx - place.x) < face.box.width / 2 + 1
        if near_x and abs(cy - place.y) < face.box.height / 2 + 1:
            return i
    return None


def read_places(path: Path = LOCATIONS) -> dict[str, list[LeaderPosition]]:
    """Return the positions of the leader's face by photo key; no entry for all other photos."""
    places: dict[str, list[LeaderPosition]] = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            place = LeaderPosition(float(row["x"]), float(row["y"]), row["told_by"])
            places[row["file"]].append(place)
    return places


def strangers(specimens: Sequence[Specimen], *, least: float) -> Iterator[NDArray[np.float32]]:
    """Yield the raw faceres rows of embedded faces of ``least`` px or more, not the leader's."""
    for specimen in specimens:
        for row, i in zip(specimen.faceres, specimen.embedded, strict=True):
            if specimen.sizes[i] == OTHER and specimen.faces[i].box.height >= least:
                yield row


def _is_identified(photo: LabelledPhoto, places: dict[str, list[LeaderPosition]]) -> bool:
    """Return whether a photo's faces are all identified, as the leader's or as strangers'."""
    located = photo.dataset in STRANGERS or photo.key in places
    return located or photo.label("leader_visible") is False


def _size(photo: LabelledPhoto, place: LeaderPosition | None) -> str:
    if place is None:
        return OTHER
    return CONTEXT if place.told_by == "context" else photo.labels.get("leader_face", "M")
