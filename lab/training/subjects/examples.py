"""Labelled photos as the instruments observe them, as they are and as printed, cached."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.lab.training.array_cache import CACHE, ArrayCache
from presslens.lab.training.datasets import PORTRAITS, LabelledPhoto, open_photo, read_dataset
from presslens.lab.training.showing import AS_IS, TAUGHT, as_shown
from presslens.models.faces.embedder import FaceresEmbedder, comparable
from presslens.models.geometry import Box
from presslens.models.instruments import (
    FaceDetector,
    FeatureExtractor,
    ObjectDetector,
    PersonDetector,
    Restorer,
)
from presslens.models.loading import load_faces, load_objects, load_persons, load_restorer
from presslens.models.recipe import FaceRules, Recipe
from presslens.models.registry import Registry
from presslens.models.subjects.features import EfficientNetFeatures
from presslens.models.subjects.objects import BUILDING
from presslens.models.subjects.persons import FAINT, PERSON
from presslens.models.vocabulary import (
    Detection,
    Face,
    Frame,
    Image,
    Maps,
    Objects,
    PhotoObservation,
)

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
    "fireworks3",
    "ceremonies_web",
    "dprk_travel_photos",
    "intel_scenes",
    "press_photos",
    PORTRAITS,
)
"""The sets that subjects are trained on, and measured but for portraits."""

UNSEEN = ("ceremonies_web", "dprk_travel_photos", "fireworks3")
"""Sets that no network was trained on."""

_STEP = {"intel_scenes": 3}
"""Of a large set of simple photos, only every n-th is used."""

NETWORKS = ("restoration", "persons", "faces", "features", "objects", "faceres")
"""The networks whose answers an example holds."""


@dataclass(frozen=True, slots=True, eq=False)
class SubjectExample:
    """A labelled photo and its observation.

    Attributes:
        photo: The photo and its labels.
        shown: ``AS_IS``, ``PRINTED``, or one of ``printing.DEGRADATIONS``.
        observation: Persons and faces without child probabilities, buildings, objects, features.
        objects: The object network's answer.
        looked: Indices of the faces whose heads are looked at, k of them.
        ages: What these show, shape (k, 256).
        places: Image features of each place, half precision, shape (1280, rows, columns).
    """

    photo: LabelledPhoto
    shown: str
    observation: PhotoObservation
    objects: Objects
    looked: tuple[int, ...]
    ages: NDArray[np.float32]
    places: NDArray[np.float16]

    @property
    def printed(self) -> bool:
        """Whether the photo was degraded in some way."""
        return self.shown != AS_IS

    @property
    def persons(self) -> tuple[Detection, ...]:
        """The persons that subjects are read from, best first."""
        detections = self.observation.detections
        return tuple(d for d in detections if d.label == PERSON and d.score >= FAINT)

    def observed(
        self, child: Sequence[float], faces: Sequence[float], maps: Maps
    ) -> PhotoObservation:
        """Return the observation with the estimators' answers.

        Args:
            child: Child probabilities of the persons who are not faint, 0–1, in their order.
            faces: Those of the faces.
            maps: The maps of fireworks, buildings and crowds.
        """
        detections = self.observation.detections
        persons = self.persons
        others = detections[len(persons) :]
        with_ages = [replace(d, child=c) for d, c in zip(persons, child, strict=True)]
        aged = [replace(f, child=c) for f, c in zip(self.observation.faces, faces, strict=True)]
        return replace(
            self.observation, detections=(*with_ages, *others), faces=tuple(aged), maps=maps
        )


class SubjectObserver:
    """Observes training photos with the project's own instruments, each once.

    Args:
        restorer: Restores printed photos.
        persons: Detects persons.
        faces: Detects faces.
        features: Computes image features.
        objects: Detects objects.
        heads: Looks at heads.
        rules: Which faces' heads are looked at.
        version: Changes whenever one of the instruments does.
        cache: Stores the observations.
    """

    def __init__(
        self,
        restorer: Restorer,
        persons: PersonDetector,
        faces: FaceDetector,
        features: FeatureExtractor,
        objects: ObjectDetector,
        heads: FaceresEmbedder,
        *,
        rules: FaceRules,
        version: str,
        cache: ArrayCache = CACHE,
    ) -> None:
        self._restorer = restorer
        self._persons = persons
        self._faces = faces
        self._features = features
        self._objects = objects
        self._heads = heads
        self._rules = rules
        self._version = version
        self._cache = cache

    def restoring(self, restorer: Restorer, name: str) -> SubjectObserver:
        """Return an observer that restores prints in another way, which has a name."""
        other = copy.copy(self)
        other._restorer, other._version = restorer, f"{self._version}|{name}"
        return other

    @classmethod
    def load(cls, recipe: Recipe, registry: Registry, *, threads: int) -> SubjectObserver:
        """Return an observer with the instruments of a recipe, but for the estimators to train.

        Args:
            recipe: Names the instruments and gives their rules.
            registry: Gives the weight files.
            threads: CPU threads for one call of a network.
        """
        rules = recipe.observe
        hashes = [recipe.hashes[name] for name in NETWORKS]
        seen = [str(rules.epoch), rules.persons.model_dump_json(), rules.objects.model_dump_json()]
        seen += [rules.faces.model_dump_json()]
        return cls(
            load_restorer(recipe, registry, threads=threads),
            load_persons(recipe, registry, threads=threads),
            load_faces(recipe, registry, threads=threads),
            EfficientNetFeatures(registry.path("features"), threads=threads),
            load_objects(recipe, registry, threads=threads),
            FaceresEmbedder(registry.path("faceres"), threads=threads),
            rules=rules.faces,
            version="|".join([*hashes, *seen]),
        )

    def observe(
        self,
        data: Path,
        *,
        shown: Sequence[str] = TAUGHT,
        sets: Sequence[str] = SETS,
    ) -> list[SubjectExample]:
        """Return an example of each photo of some sets for each way in which it is shown."""
        return [
            self.example(photo, how)
            for name in sets
            for photo in read_dataset(data, name)[:: _STEP.get(name, 1)]
            for how in shown
        ]

    def example(self, photo: LabelledPhoto, shown: str) -> SubjectExample:
        """Return a photo as it is observed when shown in one way."""
        key = f"{self._version}|{photo.key}|{shown}"
        observed = self._cache.arrays(
            key, lambda: self._seen(as_shown(open_photo(photo.path), shown, photo.key))
        )
        objects = Objects(observed["objects"], observed["aged"], _buildings(observed))
        seen = _observation(observed)
        looked = tuple(comparable(seen.faces, self._rules))
        ages, places = observed["ages"], observed["places"]
        return SubjectExample(photo, shown, seen, objects, looked, ages, places)

    def pixels(self, photo: Image) -> PhotoObservation:
        """Return what an example holds as its observation, of pixels that no set has."""
        key = f"{self._version}|{hashlib.sha256(photo.tobytes()).hexdigest()}|{photo.shape}"
        return _observation(self._cache.arrays(key, lambda: self._seen(photo)))

    def restored(self, photo: Image) -> Image:
        """Return the pixels that the instruments look at, but for those of faces."""
        return self._restorer.restore(photo).picture

    def _seen(self, photo: Image) -> dict[str, NDArray[np.generic]]:
        restored = self._restorer.restore(photo)
        pixels = restored.picture
        places = self._features.extract(pixels)
        objects = self._objects.detect(pixels)
        faces = self._faces.detect([restored.for_faces])[0]
        looked = [faces[i] for i in comparable(faces, self._rules)]
        return {
            "shape": np.array(pixels.shape[:2]),
            "features": places.mean((1, 2)),
            "places": places.astype(np.float16),
            "persons": _rows(self._persons.detect(pixels, objects)),
            "faces": _rows(faces),
            "ages": self._heads.look(restored.for_faces, looked).ages,
            "objects": objects.scores,
            "aged": objects.aged,
            "buildings": _rows(objects.buildings),
        }


def _rows(detections: Sequence[Detection] | Sequence[Face]) -> NDArray[np.float64]:
    """Return boxes and scores as rows (x0, y0, x1, y1, score)."""
    rows = [(f.box.x0, f.box.y0, f.box.x1, f.box.y1, f.score) for f in detections]
    return np.array(rows, np.float64).reshape(-1, 5)


def _observation(seen: dict[str, NDArray[Any]]) -> PhotoObservation:
    height, width = (float(side) for side in seen["shape"])
    persons = tuple(Detection(PERSON, Box(*row[:4]), row[4]) for row in seen["persons"].tolist())
    return PhotoObservation(
        frame=Frame(Box(0, 0, width, height), 1.0),
        detections=(*persons, *_buildings(seen)),
        faces=tuple(Face(Box(*row[:4]), row[4], (), 0.0, None) for row in seen["faces"].tolist()),
        features=seen["features"],
        objects=seen["objects"],
    )


def _buildings(seen: dict[str, NDArray[Any]]) -> tuple[Detection, ...]:
    return tuple(Detection(BUILDING, Box(*row[:4]), row[4]) for row in seen["buildings"].tolist())
