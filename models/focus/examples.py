"""Labelled photos for the focus, as the stations before it see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from models.datasets import LabelledPhoto, open_photo, read_dataset
from models.faces.enrol import reference_embedding
from models.faces.gallery import LEADER, EnrolledFigure, Gallery
from models.faces.matcher import Matcher
from models.observer import Observer
from models.recipe import Interpret
from models.vocabulary import (
    PhotoObservation,
    Sighting,
    SubjectReading,
    Verdict,
)

REFERENCES = 5
"""Photos that the leader is enrolled from."""

_MOST = {"coco256": 100, "intel_scenes": 120, "people_events_web": 60}
"""Sets from elsewhere must not outweigh the domain."""

_SETS = (
    "rodong_sinmun_photos",
    "dprk_web_photos",
    "facility_web",
    "coco256",
    "intel_scenes",
    "people_events_web",
)

_BUILT = 0.25
"""A photo of which this share is buildings is composed around them unless people are in it."""


class Readers(Protocol):
    """Says which subjects a photo shows."""

    def read(self, photo: PhotoObservation, *, person_score: float) -> Sequence[SubjectReading]:
        """Return what a photo shows."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class FocusExample:
    """One photo with its labels.

    Attributes:
        dataset: The set it comes from.
        group: What must stay together in cross-validation.
        verdict: What it is composed around, by label; None where the label is unsure or mixed.
        scene: Whether it shows a facility; None where that is not known.
        photo: What was seen in it.
        subjects: What it shows, as read.
        sightings: The leader, where recognised from photos of other days.
    """

    dataset: str
    group: str
    verdict: Verdict | None
    scene: bool | None
    photo: PhotoObservation
    subjects: tuple[SubjectReading, ...]
    sightings: tuple[Sighting, ...]


def read_examples(
    data: Path,
    observer: Observer,
    readers: Readers,
    matcher: Matcher,
    rules: Interpret,
) -> list[FocusExample]:
    """Look at the labelled photos of all sets.

    Args:
        data: The folder of labelled photos.
        observer: Sees persons, faces and image features.
        readers: Read the subjects.
        matcher: Recognises the leader.
        rules: What is counted, and what is a sighting.
    """
    chosen = [photo for name in _SETS for photo in _chosen(data, name)]
    seen = [observer.observe_photo(open_photo(photo.path)).photos[0] for photo in chosen]
    references = [
        (photo.group, reference_embedding(observation))
        for photo, observation in zip(chosen, seen, strict=True)
        if photo.labels.get("leader_face") == "L"
    ]
    examples = []
    for photo, observation in zip(chosen, seen, strict=True):
        rows = [vector for group, vector in references if group != photo.group][:REFERENCES]
        gallery = Gallery([EnrolledFigure(LEADER, LEADER, np.array(rows))])
        examples.append(
            FocusExample(
                photo.dataset,
                photo.group,
                verdict_of(photo),
                scene_of(photo),
                observation,
                tuple(readers.read(observation, person_score=rules.person_score)),
                tuple(matcher.sightings(observation, gallery, rules)),
            )
        )
    return examples


def _chosen(data: Path, name: str) -> Iterator[LabelledPhoto]:
    photos = read_dataset(data, name)
    step = max(1, len(photos) // _MOST.get(name, len(photos)))
    for photo in photos[::step]:
        if verdict_of(photo) is not None or scene_of(photo) is not None:
            yield photo


def verdict_of(photo: LabelledPhoto) -> Verdict | None:
    """Return what a photo is composed around, by its set's labels; None where they don't say."""
    focus = photo.labels.get("focus")
    if focus is not None:
        return {
            "leader": Verdict.LEADER,
            "facility": Verdict.FACILITY,
            "group": Verdict.NEITHER,
            "event": Verdict.NEITHER,
            "people": Verdict.NEITHER,
            "other": Verdict.NEITHER,
        }.get(focus)
    if photo.dataset == "people_events_web":
        return Verdict.NEITHER
    scene = scene_of(photo)
    if scene and photo.labels.get("n_person_boxes", "0") != "0":
        return None
    return None if scene is None else Verdict.FACILITY if scene else Verdict.NEITHER


def scene_of(photo: LabelledPhoto) -> bool | None:
    """Return whether a photo shows a facility, by its set's labels; None where they don't say."""
    labels = photo.labels
    match photo.dataset:
        case "facility_web":
            return photo.label("facility")
        case "coco256":
            share = labels["frac_building"]
            return None if not share or 0 < float(share) < _BUILT else float(share) > 0
        case "intel_scenes":
            # The streets are full of buildings, but are not composed around them.
            return {"buildings": True, "street": None}.get(labels["label"], False)
        case "people_events_web":
            return None if photo.label("building") in (True, None) else False
        case _:
            facility = labels["focus"] == "facility"
            return facility if facility or labels["building"] == "0" else None
