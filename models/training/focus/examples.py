"""Labelled photos for the focus, and composites, as the preceding stations observe them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.faces.gallery import LEADER
from models.focus.features import describe, persons
from models.focus.scorer import scenery
from models.geometry import Box
from models.observer import Observer
from models.training.datasets import LabelledPhoto, open_photo, read_dataset
from models.training.focus.composites import Composite, Cutout, compose, cut_out
from models.training.focus.leader import HeldOutLeader, nearest, sighting
from models.training.showing import PRINTED, as_shown
from models.vocabulary import (
    Face,
    Focus,
    Image,
    PhotoObservation,
    Sighting,
    SubjectReading,
)

LABELS = Path(__file__).parent / "labels.csv"
"""The focus of photos: two readings, and the final one."""

COLUMNS = ("rodong_sinmun_photos", "dprk_web_photos", "facility_web")
"""Sets with a focus column of their own; the table's labels of these only measure agreement."""

SETS = (
    *COLUMNS,
    "coco256",
    "coco_mini",
    "intel_scenes",
    "people_events_web",
    "children_school",
    "fireworks",
    "fireworks2",
)

COMPOSITES = "composites"
"""The name of the set of composites."""

_COLUMN = {
    "leader": Focus.LEADER,
    "facility": Focus.FACILITY,
    "group": Focus.NEITHER,
    "event": Focus.NEITHER,
    "people": Focus.NEITHER,
    "other": Focus.NEITHER,
    "neither": Focus.NEITHER,
}
"""A column's words; "mixed" and "?" are no verdict."""

_PLACES = ("facility_web", "dprk_web_photos")
"""Sets of whose facilities composites are made."""

_ROUNDS = 4
"""Composites that are tried with each facility."""

_LARGE_FACE, _CLEAR_FACE = 25.0, 12.0
"""Faces that are high enough to cut a person out by, and to be recognised in a composite, px."""

_SAME_FACE = 0.3
"""IoU from which a face detected in a composite is the one that was set in."""


class Readers(Protocol):
    """Says which subjects a photo shows."""

    def read(self, photo: PhotoObservation, *, person_score: float) -> Sequence[SubjectReading]:
        """Return what a photo shows."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class FocusExample:
    """One photo with its label.

    Attributes:
        dataset: The set it comes from, ``COMPOSITES`` for one that was composed.
        groups: Its groups in cross-validation; of a composite the groups of both photos.
        verdict: Its focus as labelled.
        printed: Whether it is a copy degraded as by printing and scanning.
        scenery: The features of the scene classifier, shape (1390,).
        features: Shape (len(NAMES),), with 0 for the scene.
    """

    dataset: str
    groups: tuple[str, ...]
    verdict: Focus
    printed: bool
    scenery: NDArray[np.float64]
    features: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ExampleReader:
    """Reads labelled photos by the stations that precede the focus."""

    observer: Observer
    readers: Readers
    leader: HeldOutLeader

    def read(self, data: Path, *, seed: int = 0) -> list[FocusExample]:
        """Return examples of all labelled photos, each as it is and as printed, and of composites.

        Args:
            data: The folder of labelled photos.
            seed: Of the composites.
        """
        examples: list[FocusExample] = []
        cutouts: list[Cutout] = []
        places: list[LabelledPhoto] = []
        for photo, verdict in labelled(data):
            pixels = open_photo(photo.path)
            seen = self._see(pixels)
            sightings = self.leader.sightings(photo, seen)
            copy = self._see(as_shown(pixels, PRINTED, photo.key))
            for shown, shown_sightings in ((seen, sightings), (copy, _seen_again(copy, sightings))):
                example = self._example(
                    shown, shown_sightings, photo.dataset, (photo.group,), verdict
                )
                examples.append(replace(example, printed=shown is copy))
            if verdict is Focus.LEADER:
                cutouts += _cutouts(photo, pixels, sightings)
            if verdict is Focus.FACILITY and photo.dataset in _PLACES and not persons(seen):
                places.append(photo)
        return [*examples, *self._composites(places, cutouts, seed)]

    def _see(self, pixels: Image) -> PhotoObservation:
        return self.observer.observe_photo(pixels).photos[0]

    def _composites(
        self, places: Sequence[LabelledPhoto], cutouts: Sequence[Cutout], seed: int
    ) -> Iterator[FocusExample]:
        if not cutouts:
            return
        rng = np.random.default_rng(seed)
        pixels = [open_photo(place.path) for place in places]
        for _ in range(_ROUNDS):
            made = compose(pixels, cutouts, rng)
            for place, composite in zip(places, made, strict=True):
                if composite is not None:
                    yield self._composed(place, composite)

    def _composed(self, place: LabelledPhoto, made: Composite) -> FocusExample:
        seen = self._see(made.pixels)
        groups = (place.group, made.cutout.group)
        return self._example(
            seen, _composed_sightings(seen, made), COMPOSITES, groups, made.verdict
        )

    def _example(
        self,
        seen: PhotoObservation,
        sightings: Sequence[Sighting],
        dataset: str,
        groups: tuple[str, ...],
        verdict: Focus,
    ) -> FocusExample:
        score = self.observer.recipe.interpret.person_score
        subjects = self.readers.read(seen, person_score=score)
        row = describe(seen, subjects, sightings, leaders={LEADER}, scene=0.0)
        return FocusExample(dataset, groups, verdict, False, scenery(seen), row)


def labelled(data: Path) -> Iterator[tuple[LabelledPhoto, Focus]]:
    """Yield the photos that have a verdict, and the verdict."""
    read = read_labels()
    for name in SETS:
        for photo in read_dataset(data, name):
            verdict = verdict_of(photo, read)
            if verdict is not None:
                yield photo, verdict


def verdict_of(photo: LabelledPhoto, read: Mapping[str, str]) -> Focus | None:
    """Return the focus of a photo; None where it is unknown or mixed.

    Args:
        photo: The photo.
        read: From ``read_labels``.
    """
    if photo.dataset in COLUMNS:
        return _COLUMN.get(photo.labels["focus"])
    return _COLUMN.get(read.get(_name(photo), "?"))


def read_labels(path: Path = LABELS) -> dict[str, str]:
    """Return the table's final reading by ``set/file``, the file as below ``images/``."""
    with path.open(newline="") as file:
        return {row["file"]: row["focus"] for row in csv.DictReader(file)}


def readings(data: Path, path: Path = LABELS) -> dict[str, list[tuple[str, str]]]:
    """Return pairs of labels for the same photos, by what the two readings are.

    Args:
        data: The folder of labelled photos.
        path: The table.
    """
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    final = {row["file"]: row["focus"] for row in rows}
    columns = []
    for photo in (photo for name in COLUMNS for photo in read_dataset(data, name)):
        label = _COLUMN.get(photo.labels["focus"])
        if label is not None and final.get(_name(photo)) in _COLUMN:
            columns.append((final[_name(photo)], label.value))
    return {
        "two readings": [(row["first"], row["second"]) for row in rows],
        "another reader's column, without mixed": columns,
    }


def _name(photo: LabelledPhoto) -> str:
    parts = photo.path.parts
    return "/".join((photo.dataset, *parts[parts.index("images") + 1 :]))


def _cutouts(
    photo: LabelledPhoto, pixels: Image, sightings: Sequence[Sighting]
) -> Iterator[Cutout]:
    for seen in sightings:
        shown = seen.appearance
        if shown is not None and shown.body_found and seen.box.height >= _LARGE_FACE:
            yield cut_out(pixels, shown.body, seen.box, key=photo.key, group=photo.group)


def _composed_sightings(seen: PhotoObservation, made: Composite) -> tuple[Sighting, ...]:
    """Return the leader's sighting in a composite if a clear face was detected at his place.

    Matching him would only repeat the answer for the photo that he was cut from.
    """
    face = _face_at(seen, made.face)
    if face is None or face.box.height < _CLEAR_FACE:
        return ()
    return (sighting(seen, face, 1.0),)


def _seen_again(copy: PhotoObservation, sightings: Sequence[Sighting]) -> tuple[Sighting, ...]:
    """Return the leader's sightings in a copy of a photo, of the faces that were detected again."""
    faces = ((_face_at(copy, seen.box), seen.probability) for seen in sightings)
    return tuple(sighting(copy, face, p) for face, p in faces if face is not None)


def _face_at(seen: PhotoObservation, place: Box) -> Face | None:
    if not seen.faces:
        return None
    face = nearest(seen.faces, *place.centre)
    return face if face.box.iou(place) >= _SAME_FACE else None
