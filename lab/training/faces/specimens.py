"""Labelled photos for matching: the leader's face among those that preceding stations detect."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.lab.training.array_cache import CACHE, ArrayCache
from presslens.lab.training.datasets import (
    PORTRAITS,
    STATE_MEDIA,
    LabelledPhoto,
    open_photo,
    read_dataset,
)
from presslens.lab.training.showing import AS_IS, as_shown
from presslens.lab.training.subjects.children import all_children
from presslens.models.faces.embedder import DlibEmbedder, FaceresEmbedder, comparable
from presslens.models.faces.gallery import LEADER
from presslens.models.faces.gate import HeadGate, gated
from presslens.models.faces.whitening import Whitening
from presslens.models.geometry import Box
from presslens.models.instruments import (
    FaceDetector,
    FaceGate,
    ObjectDetector,
    RestoredPhoto,
    Restorer,
)
from presslens.models.loading import load_faces, load_objects, load_restorer
from presslens.models.recipe import FaceRules, Recipe
from presslens.models.registry import Registry
from presslens.models.subjects.children import ObjectChildEstimator, described, of_face
from presslens.models.vocabulary import Face, Heads

LOCATIONS = Path(__file__).parent / "leader_faces.csv"
"""Positions of the leader's face, in pixels of the file, each checked by drawing it on the photo.

``told_by`` is ``context`` where a reader recognised him by his place and not by his face.
"""

STRANGERS = {
    "people_events_web": 2,
    "facility_web": 4,
    "children_school": 3,
    "ceremonies_web": 4,
    "press_photos": 2,
}
"""Sets without the leader: of each, every so many photos are read, and all photos of children."""

PORTRAYED = "Kim Jong Un"
"""The leader's name in the set of portraits."""

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
        person: Whose portrait it is; "" for a photo of any other kind.
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
    person: str = ""

    @property
    def leader(self) -> bool:
        """Whether the leader is in the photo."""
        return bool(self.missed) or any(size != OTHER for size in self.sizes)

    def shows(self, figure: str) -> NDArray[np.bool_]:
        """Return whether each embedded face is a figure's: the leader's, or a portrait's."""
        if figure == LEADER:
            return np.array([self.sizes[i] != OTHER for i in self.embedded], bool)
        return np.array([i == 0 and self.person == figure for i in self.embedded], bool)

    def seen(self, whitening: Whitening) -> tuple[Face, ...]:
        """Return the faces with the embeddings that a whitening gives."""
        vectors = np.hstack([self.dlib, whitening.apply(self.faceres)])
        by_index = dict(zip(self.embedded, vectors, strict=True))
        return tuple(replace(face, embedding=by_index.get(i)) for i, face in enumerate(self.faces))


NETWORKS = ("restoration", "faces", "objects", "faceres")
"""The weights that a look hangs on."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceLook:
    """The faces of one photo before any is judged a child's.

    Attributes:
        frame: The whole photo.
        faces: Its faces, largest first, none of them embedded.
        around: What the object network says of each, as ``children.described`` has it.
        comparable: Indices of the faces that may be embedded if they are no children's.
        heads: What the heads of these show.
    """

    frame: Box
    faces: tuple[Face, ...]
    around: NDArray[np.float64]
    comparable: tuple[int, ...]
    heads: Heads


@dataclass(frozen=True, slots=True)
class FaceReader:
    """Reads the faces of labelled photos as ``Observer`` does, each photo once.

    ``version`` changes whenever one of the instruments does.
    """

    restorer: Restorer
    detector: FaceDetector
    objects: ObjectDetector
    children: ObjectChildEstimator
    gate: FaceGate
    heads: FaceresEmbedder
    dlib: DlibEmbedder
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
            self.specimen(photo, places[photo.key], how)
            for photo in read_photos(data)
            if _is_identified(photo, places)
            for how in shown
        ]

    def specimen(
        self, photo: LabelledPhoto, places: Sequence[LeaderPosition] = (), shown: str = AS_IS
    ) -> Specimen:
        """Return a photo shown in one way, its faces embedded but those judged children's.

        Args:
            places: Where the leader's face is in it.
            shown: One of the ways of ``models.training.showing``.
        """
        pixels = cache(lambda: self.restored(photo, shown))
        look = self.look(photo, shown, pixels)
        faces = look.faces
        likely = self.judged(look)
        embedded = [i for i in look.comparable if likely[i] < self.rules.child]
        key = f"{self.version}|{photo.key}|{shown}|dlib {embedded}"
        seen = self.cache.arrays(key, lambda: {"dlib": self._embedded(pixels(), faces, embedded)})
        detected = {i: p for p in places if (i := face_at(faces, p)) is not None}
        sizes = [_size(photo, detected.get(i)) for i in range(len(faces))]
        missed = [_size(photo, place) for place in places if place not in detected.values()]
        person = photo.labels["person"] if photo.dataset == PORTRAITS else ""
        if person == PORTRAYED:
            sizes[:1], missed = ["L"] * bool(faces), ["L"] * (not faces)
        return Specimen(
            photo.key,
            shown,
            photo.key if person == PORTRAYED else photo.group,
            photo.dataset in STATE_MEDIA,
            look.frame,
            faces,
            tuple(sizes),
            tuple(missed),
            tuple(embedded),
            seen["dlib"],
            look.heads.chosen([look.comparable.index(i) for i in embedded]).likeness,
            person,
        )

    def look(
        self,
        photo: LabelledPhoto,
        shown: str = AS_IS,
        pixels: Callable[[], RestoredPhoto] | None = None,
    ) -> FaceLook:
        """Return the faces of a photo shown in one way.

        Args:
            shown: One of the ways of ``models.training.showing``.
            pixels: Restores it, if that may be needed again.
        """
        restored = pixels or (lambda: self.restored(photo, shown))
        key = f"{self.version}|{photo.key}|{shown}"
        seen = self.cache.arrays(key, lambda: self._seen(restored()))
        height, width = (float(side) for side in seen["shape"])
        faces = tuple(_face(row) for row in seen["faces"].tolist())
        heads = Heads(seen["likeness"], seen["ages"])
        looked = tuple(comparable(faces, self.rules))
        return FaceLook(Box(0, 0, width, height), faces, seen["around"], looked, heads)

    def judged(self, look: FaceLook) -> list[float]:
        """Return the probability of each face to be a child's, as ``Observer`` judges it."""
        around = self.children.probabilities(look.around)
        faces = [replace(f, child=p) for f, p in zip(look.faces, around, strict=True)]
        return [face.child for face in gated(faces, look.comparable, look.heads, self.gate)]

    def _seen(self, photo: RestoredPhoto) -> dict[str, NDArray[np.generic]]:
        pixels = photo.for_faces
        faces = self.detector.detect([pixels])[0]
        objects = self.objects.detect(photo.picture)
        heads = self.heads.look(pixels, [faces[i] for i in comparable(faces, self.rules)])
        return {
            "shape": np.array(pixels.shape[:2]),
            "faces": np.array([_row(face) for face in faces], np.float64).reshape(-1, 15),
            "around": described(objects, [face.box for face in faces], of_face),
            "likeness": heads.likeness,
            "ages": heads.ages,
        }

    def _embedded(
        self, photo: RestoredPhoto, faces: Sequence[Face], embedded: Sequence[int]
    ) -> NDArray[np.float32]:
        return self.dlib.raw(photo.for_faces, [faces[i] for i in embedded])

    def restored(self, photo: LabelledPhoto, shown: str = AS_IS) -> RestoredPhoto:
        """Return a photo as shown in one way and restored."""
        whole = open_photo(photo.path, trim=False)
        # Reduced, faces would lie elsewhere than the leader's marked places.
        height, width = whole.shape[:2]
        seen = as_shown(whole, shown, photo.key)
        if seen.shape != whole.shape:
            seen = np.asarray(cv2.resize(seen, (width, height)), np.uint8)
        return self.restorer.restore(seen)


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
        HeadGate.load(registry.path("gate")),
        FaceresEmbedder(registry.path("faceres"), threads=threads),
        DlibEmbedder(registry.path("identity"), threads=threads),
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


def read_photos(data: Path) -> list[LabelledPhoto]:
    """Return the photos of state media, of strangers, and the portraits."""
    steps = {**dict.fromkeys((*STATE_MEDIA, PORTRAITS), 1), **STRANGERS}
    return [
        photo
        for name, step in steps.items()
        for i, photo in enumerate(read_dataset(data, name))
        if i % step == 0 or all_children(photo)
    ]


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
    located = photo.dataset in (*STRANGERS, PORTRAITS) or photo.key in places
    return located or photo.label("leader_visible") is False


def _size(photo: LabelledPhoto, place: LeaderPosition | None) -> str:
    if place is None:
        return OTHER
    return CONTEXT if place.told_by == "context" else photo.labels.get("leader_face", "M")
