"""Labelled photos for the focus, and composites, as the preceding stations observe them."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from presslens.lab.training.array_cache import CACHE, ArrayCache
from presslens.lab.training.datasets import (
    STATE_MEDIA,
    LabelledPhoto,
    margin,
    open_photo,
    read_dataset,
)
from presslens.lab.training.faces.specimens import read_places
from presslens.lab.training.focus.composites import Composite, Cutout, compose, cut_out
from presslens.lab.training.focus.leader import HeldOutLeader, nearest, sighting
from presslens.lab.training.labels.scenes import SCENES as SCENE_LABELS
from presslens.lab.training.labels.scenes import Scene, read_scenes
from presslens.lab.training.showing import AS_IS, PRINTED, as_shown
from presslens.lab.training.subjects.examples import SubjectObserver
from presslens.lab.training.subjects.left_out import sources
from presslens.models.faces.gallery import LEADER
from presslens.models.focus.attention import attention
from presslens.models.focus.features import SCENES, describe, persons
from presslens.models.geometry import Box
from presslens.models.subjects.objects import object_scores
from presslens.models.vocabulary import Face, Focus, Image, PhotoObservation, Sighting

LABELS = Path(__file__).parent / "labels.csv"
"""The focus of photos: two readings, the final one, and whether the codebook was drafted by it."""

LEAD_FACES = Path(__file__).parent / "lead_faces.csv"
"""Positions of the face of an official who leads the photo, in pixels of the file.

He stands for the leader where nobody could enrol him: as though he were recognised.
"""

COLUMNS = (
    *STATE_MEDIA,
    "facility_web",
    "ceremonies_web",
    "dprk_travel_photos",
    "dprk_newspaper_pages",
    "press_photos",
)
"""Sets with a focus column of their own, another reader's: it only measures agreement."""

READ_BLIND = (*COLUMNS, "fireworks3")
"""Sets that two readers have read by the codebook's questions, neither seeing the other's."""

SETS = (
    *READ_BLIND,
    "coco256",
    "coco_mini",
    "intel_scenes",
    "people_events_web",
    "children_school",
    "fireworks",
    "fireworks2",
)

_STEP = {"intel_scenes": 3}
"""Of a large set of simple photos, only every n-th is used."""

_PAGES = "dprk_newspaper_pages"
"""Printed photos of state media, whose source they share."""

STAND_INS = "stand-ins"
"""The name of the set of photos in which somebody among many is taken for the leader."""

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

_AMONG = 3
"""Clear faces from which somebody is one of many."""


@dataclass(frozen=True, slots=True, eq=False)
class FocusExample:
    """One photo with its label.

    Attributes:
        dataset: The set it comes from, ``COMPOSITES`` or ``STAND_INS`` for one that was made up.
        groups: Its groups in cross-validation; of a composite the groups of both photos.
        sources: Its newspaper, collection or web site; of a composite those of both photos.
        verdict: Its focus as labelled.
        printed: Whether it is a copy degraded as by printing and scanning.
        objects: The scores of objects, shape (110,).
        features: Shape (len(NAMES),), with 0 for the scenes.
        scenes: What a reader said of each of ``SCENES``; None where that is unknown.
    """

    dataset: str
    groups: tuple[str, ...]
    sources: tuple[str, ...]
    verdict: Focus
    printed: bool
    objects: NDArray[np.float64]
    features: NDArray[np.float64]
    scenes: tuple[bool | None, ...]

    @property
    def made_up(self) -> bool:
        """Whether it is no photo that somebody labelled."""
        return self.dataset in (COMPOSITES, STAND_INS)


@dataclass(frozen=True, slots=True)
class ExampleReader:
    """Reads labelled photos by the stations that precede the focus."""

    observer: SubjectObserver
    leader: HeldOutLeader
    version: str
    cache: ArrayCache = CACHE

    def read(self, data: Path, *, seed: int = 0) -> list[FocusExample]:
        """Return examples of all labelled photos, each as it is and as printed, and made-up ones.

        Args:
            data: The folder of labelled photos.
            seed: Of the composites and the stand-ins.
        """
        rng = np.random.default_rng(seed)
        photos = list(labelled(data))
        named = dict(zip([p.key for p, _ in photos], _sources(photos), strict=True))
        examples: list[FocusExample] = []
        cutouts: list[tuple[Cutout, str]] = []
        places: list[LabelledPhoto] = []
        for photo, verdict in photos:
            seen = self._see(photo, AS_IS)
            sightings = self._sightings(photo, seen)
            for shown in (AS_IS, PRINTED):
                copy = seen if shown == AS_IS else self._see(photo, shown)
                again = sightings if shown == AS_IS else _seen_again(copy, sightings)
                example = self._example(copy, again, photo, verdict, named[photo.key])
                examples.append(replace(example, printed=shown != AS_IS))
                examples += self._stand_ins(copy, photo, examples[-1], rng)
            if verdict is Focus.LEADER and photo.dataset in STATE_MEDIA:
                pixels = open_photo(photo.path)
                cutouts += [(c, named[photo.key]) for c in _cutouts(photo, pixels, sightings)]
            if verdict is Focus.FACILITY and photo.dataset in _PLACES and not persons(seen):
                places.append(photo)
        return [*examples, *self._composites(places, cutouts, named, rng)]

    def _see(self, photo: LabelledPhoto, shown: str) -> PhotoObservation:
        seen = self.observer.example(photo, shown).observation
        return self._attended(
            seen,
            f"{photo.key}|{shown}",
            lambda: as_shown(open_photo(photo.path), shown, photo.key),
        )

    def _attended(
        self, seen: PhotoObservation, key: str, pixels: Callable[[], Image]
    ) -> PhotoObservation:
        """Return an observation with where the photo draws the eye."""
        arrays = self.cache.arrays(
            f"attention|{self.version}|{key}",
            lambda: {"attention": attention(self.observer.restored(pixels()))},
        )
        return replace(seen, attention=arrays["attention"])

    def _sightings(self, photo: LabelledPhoto, seen: PhotoObservation) -> tuple[Sighting, ...]:
        """Return the sightings of the leader, or of the official who stands for him."""
        lead = read_places(LEAD_FACES).get(photo.key)
        if lead is None:
            return self.leader.sightings(photo, seen)
        if not seen.faces:
            return ()
        face = nearest(seen.faces, lead[0].x, lead[0].y - margin(photo.path))
        clear = face.box.height >= _CLEAR_FACE
        return (sighting(seen, face, 1.0),) if clear else ()

    def _stand_ins(
        self,
        seen: PhotoObservation,
        photo: LabelledPhoto,
        example: FocusExample,
        rng: np.random.Generator,
    ) -> Iterator[FocusExample]:
        """Yield a copy in which one of many people is the leader, and still not the focus."""
        clear = [face for face in seen.faces if face.box.height >= _CLEAR_FACE]
        if photo.labels.get("lead_person") != "0" or len(clear) < _AMONG:
            return
        face = clear[int(rng.integers(len(clear)))]
        one = (sighting(seen, face, float(rng.uniform(0.6, 1.0))),)
        row = describe(seen, one, leaders={LEADER}, doubt=0.0, scenes=_UNREAD)
        yield replace(example, dataset=STAND_INS, features=row)

    def _composites(
        self,
        places: Sequence[LabelledPhoto],
        cutouts: Sequence[tuple[Cutout, str]],
        named: Mapping[str, str],
        rng: np.random.Generator,
    ) -> Iterator[FocusExample]:
        if not cutouts:
            return
        sources_of = {cutout.key: source for cutout, source in cutouts}
        pixels = [open_photo(place.path) for place in places]
        for _ in range(_ROUNDS):
            made = compose(pixels, [cutout for cutout, _ in cutouts], rng)
            for place, composite in zip(places, made, strict=True):
                if composite is not None:
                    source = sources_of[composite.cutout.key]
                    yield self._composed(place, composite, (named[place.key], source))

    def _composed(
        self, place: LabelledPhoto, made: Composite, both: tuple[str, str]
    ) -> FocusExample:
        name = hashlib.sha256(made.pixels.tobytes()).hexdigest()
        seen = self._attended(self.observer.pixels(made.pixels), name, lambda: made.pixels)
        example = self._example(seen, _composed_sightings(seen, made), place, made.verdict, both[0])
        groups = (place.group, made.cutout.group)
        return replace(example, dataset=COMPOSITES, groups=groups, sources=both)

    def _example(
        self,
        seen: PhotoObservation,
        sightings: Sequence[Sighting],
        photo: LabelledPhoto,
        verdict: Focus,
        source: str,
    ) -> FocusExample:
        doubt = 0.0 if sightings else self.leader.doubt(photo)
        row = describe(seen, sightings, leaders={LEADER}, doubt=doubt, scenes=_UNREAD)
        return FocusExample(
            photo.dataset,
            (photo.group,),
            (source,),
            verdict,
            False,
            object_scores(seen).astype(np.float64),
            row,
            _scenes(photo, verdict),
        )


_UNREAD = (0.0,) * len(SCENES)


def labelled(data: Path) -> Iterator[tuple[LabelledPhoto, Focus]]:
    """Yield the photos that have a verdict, and the verdict."""
    read = read_labels()
    for name in SETS:
        for photo in read_dataset(data, name)[:: _STEP.get(name, 1)]:
            verdict = _COLUMN.get(read.get(_name(photo), "?"))
            if verdict is not None:
                yield photo, verdict


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
        rows = {row["file"]: row for row in csv.DictReader(file)}
    columns = []
    for photo in (photo for name in COLUMNS for photo in read_dataset(data, name)):
        label = _COLUMN.get(photo.labels["focus"])
        if label is not None and (row := rows.get(_name(photo))) is not None:
            columns.append((row["focus"], label.value))
    blind = [row for row in rows.values() if row["file"].split("/")[0] in READ_BLIND]
    return {
        "two readers of photos that the questions were not drafted by": [
            (row["first"], row["second"]) for row in blind if not row["drafting"]
        ],
        "another reader without the questions": columns,
    }


def _sources(photos: Sequence[tuple[LabelledPhoto, Focus]]) -> list[str]:
    others = [photo for photo, _ in photos if photo.dataset != _PAGES]
    named = dict(zip([p.key for p in others], sources(others), strict=True))
    return [named.get(photo.key, "state media") for photo, _ in photos]


def _scenes(photo: LabelledPhoto, verdict: Focus) -> tuple[bool | None, ...]:
    """Return what readers said of each of ``SCENES``."""
    read = _scene_labels().get(photo.key, {})
    return (verdict is Focus.FACILITY, *(read.get(name) for name in SCENES[1:]))


@cache
def _scene_labels() -> Mapping[str, Scene]:
    return read_scenes(SCENE_LABELS)


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
