"""Labelled photos as the instruments see them, each as it is and as printed, seen only once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.datasets import LabelledPhoto, open_photo, read_dataset
from models.geometry import Box
from models.instruments import FaceDetector, PersonDetector
from models.learned import load_faces, load_persons
from models.newsprint import printed
from models.recipe import Recipe
from models.registry import Registry
from models.subjects.child_teacher import ChildTeacher, OpenImagesTeacher
from models.subjects.children import DESCRIBED, PersonFeatures, described, judged
from models.subjects.features import EfficientNetFeatures
from models.subjects.persons import PERSON
from models.vocabulary import Detection, Face, Frame, Image, PhotoObservation

SETS = (
    "rodong_sinmun_photos",
    "dprk_web_photos",
    "coco256",
    "coco_mini",
    "crowd_points",
    "children_school",
    "people_events_web",
    "facility_web",
    "fireworks",
    "fireworks2",
    "intel_scenes",
)
"""The sets that subjects are trained and measured on."""

_STEP = {"intel_scenes": 3}
"""Of a large set of simple photos only each so many-th is used."""

CACHE = Path(tempfile.gettempdir()) / f"presslens-examples-{os.getuid()}"
"""Where what was seen is kept between training runs."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A labelled photo and what was seen in it.

    Attributes:
        photo: The photo and its labels.
        printed: Whether it was degraded as print and scanning do.
        observation: Persons without child probability, faces, features.
        judged: Which persons the child estimator looks at.
        described: What it sees of each of them, shape (len(judged), 1283).
        opinions: What the teacher takes each of them for: child (1), adult (0), not clear (-1).
    """

    photo: LabelledPhoto
    printed: bool
    observation: PhotoObservation
    judged: NDArray[np.int64]
    described: NDArray[np.float32]
    opinions: NDArray[np.int64]

    def observed(self, child: NDArray[np.float64]) -> PhotoObservation:
        """Return the observation with the judged persons' child probabilities, 0–1."""
        known = dict(zip(self.judged.tolist(), child.tolist(), strict=True))
        persons = tuple(
            replace(person, child=known.get(i, 0.0))
            for i, person in enumerate(self.observation.detections)
        )
        return replace(self.observation, detections=persons)


class Looker:
    """Looks at training photos with the project's own instruments, and keeps what it saw.

    Args:
        persons: Finds persons.
        faces: Finds faces.
        features: Turns photos and persons into vectors.
        version: Changes whenever one of the instruments does.
        teacher: Opens what tells children from adults, given the data folder.
        cache: Where what was seen is kept.
    """

    def __init__(
        self,
        persons: PersonDetector,
        faces: FaceDetector,
        features: PersonFeatures,
        *,
        version: str,
        teacher: Callable[[Path], ChildTeacher] = OpenImagesTeacher,
        cache: Path = CACHE,
    ) -> None:
        self._persons = persons
        self._faces = faces
        self._features = features
        self._version = version
        self._teacher = teacher
        self._cache = cache

    @classmethod
    def load(cls, recipe: Recipe, registry: Registry, *, threads: int) -> Looker:
        """Return one with the instruments of a recipe, save the child estimator.

        Args:
            recipe: Says which instruments, with what rules.
            registry: Where the weights are.
            threads: CPU threads for one call of a network.
        """
        rules = recipe.observe
        hashes = [recipe.hashes[name] for name in ("persons", "faces", "features")]
        return cls(
            load_persons(recipe, registry, threads=threads),
            load_faces(recipe, registry, threads=threads),
            EfficientNetFeatures(registry.path("features"), threads=threads),
            version="|".join([*hashes, rules.persons.model_dump_json(), str(rules.faces.size)]),
        )

    def look(self, data: Path) -> list[Example]:
        """Return two examples for each photo of all sets: as it is, and as printed."""
        teacher = self._teacher(data)
        self._cache.mkdir(mode=0o700, exist_ok=True)
        return [
            self._example(photo, as_printed, teacher)
            for name in SETS
            for photo in read_dataset(data, name)[:: _STEP.get(name, 1)]
            for as_printed in (False, True)
        ]

    def _example(self, photo: LabelledPhoto, as_printed: bool, teacher: ChildTeacher) -> Example:
        key = hashlib.sha256(f"{self._version}|{photo.key}|{as_printed}".encode()).hexdigest()
        kept = self._cache / f"{key}.npz"
        if not kept.exists():
            unfinished = self._cache / f"{key}.{os.getpid()}.npz"
            np.savez(unfinished, **self._seen(photo, as_printed, teacher, seed=int(key[:8], 16)))  # type: ignore[arg-type]
            unfinished.replace(kept)
        with np.load(kept) as seen:
            return _restored(photo, as_printed, dict(seen))

    def _seen(
        self, photo: LabelledPhoto, as_printed: bool, teacher: ChildTeacher, *, seed: int
    ) -> dict[str, NDArray[np.generic]]:
        original = open_photo(photo.path)
        pixels = printed(original, np.random.default_rng(seed)) if as_printed else original
        persons = self._persons.detect([pixels])[0]
        boxes = [person.box for person in persons]
        chosen = judged(boxes)
        rows = np.empty((0, DESCRIBED), np.float32)
        if chosen:
            rows = described(pixels, boxes, chosen, self._features)
        opinions = _opinions(photo, original, [boxes[i] for i in chosen], teacher)
        return {
            "shape": np.array(pixels.shape[:2]),
            "features": self._features.extract([pixels])[0],
            "persons": _rows(persons),
            "faces": _rows(self._faces.detect([pixels])[0]),
            "judged": np.array(chosen, np.int64),
            "described": rows,
            "opinions": np.array(opinions, np.int64),
        }


def _opinions(
    photo: LabelledPhoto, pixels: Image, persons: Sequence[Box], teacher: ChildTeacher
) -> list[int]:
    """Return 1, 0 or -1 for each person: the label where it says all, else the teacher."""
    shown = photo.label("children")
    if shown is None or not persons:
        return [-1] * len(persons)
    if not shown:
        return [0] * len(persons)
    found = teacher.opinions(pixels, persons)
    # Nearly all who are in a picture of this school are its pupils, whatever the teacher thinks.
    doubt = photo.dataset == "children_school"
    return [-1 if o is None or (doubt and not o) else int(o) for o in found]


def _rows(found: Sequence[Detection] | Sequence[Face]) -> NDArray[np.float64]:
    """Return boxes and scores as rows (x0, y0, x1, y1, score)."""
    rows = [(f.box.x0, f.box.y0, f.box.x1, f.box.y1, f.score) for f in found]
    return np.array(rows, np.float64).reshape(-1, 5)


def _restored(photo: LabelledPhoto, as_printed: bool, seen: dict[str, NDArray[Any]]) -> Example:
    height, width = (float(side) for side in seen["shape"])
    observation = PhotoObservation(
        frame=Frame(Box(0, 0, width, height), 1.0),
        detections=tuple(
            Detection(PERSON, Box(*row[:4]), row[4]) for row in seen["persons"].tolist()
        ),
        faces=tuple(Face(Box(*row[:4]), row[4], (), 0.0, None) for row in seen["faces"].tolist()),
        features=seen["features"],
    )
    return Example(
        photo, as_printed, observation, seen["judged"], seen["described"], seen["opinions"]
    )
