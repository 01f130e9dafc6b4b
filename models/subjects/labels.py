"""What the labels of each set say about each subject: True, False, or None where they don't."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from models.datasets import LabelledPhoto
from models.subjects.readers import CROWD
from models.vocabulary import Subject

_FEW = 10
"""Persons up to which a photo with all its persons boxed is no crowd."""

_BUILT = 0.2
"""Share of building pixels from which exterior architecture is clearly in view."""

_NO_FIREWORKS = ("coco256", "children_school", "people_events_web", "facility_web")
"""Sets without a column for fireworks, and without fireworks."""


def truth(photo: LabelledPhoto, subject: Subject) -> bool | None:
    """Return whether a photo shows a subject, by its set's labels."""
    return _RULES[subject](photo)


def _people(photo: LabelledPhoto) -> bool | None:
    labels = photo.labels
    if bucket := labels.get("people_bucket"):
        return bucket != "0"
    if persons := labels.get("n_person_boxes") or labels.get("n_person"):
        return int(persons) > 0
    if photo.dataset == "crowd_points":
        return True
    if photo.dataset == "facility_web":
        return photo.label("person")
    shown = (photo.label(c) for c in ("children", "crowd", "speech", "group_photo"))
    return True if any(shown) else None


def _crowd(photo: LabelledPhoto) -> bool | None:
    labels = photo.labels
    if points := labels.get("n_points"):
        return int(points) >= CROWD
    if photo.dataset == "coco256":
        few = int(labels["n_person_boxes"]) <= _FEW
        return False if few and labels["person_crowd_region"] == "0" else None
    if photo.dataset == "coco_mini":
        few = bool(labels["n_person"]) and int(labels["n_person"]) <= _FEW
        return False if few and labels["person_iscrowd"] == "0" else None
    if photo.dataset == "facility_web":
        return False if photo.label("person") is False else None
    return photo.label("crowd")


def _children(photo: LabelledPhoto) -> bool | None:
    if photo.dataset == "facility_web":
        return False if photo.label("person") is False else None
    return photo.label("children")


def _fireworks(photo: LabelledPhoto) -> bool | None:
    return False if photo.dataset in _NO_FIREWORKS else photo.label("fireworks")


def _buildings(photo: LabelledPhoto) -> bool | None:
    share = photo.labels.get("frac_building")
    if share is not None:
        built = float(share or 0)
        return None if share == "" or 0 < built < _BUILT else built > 0
    if photo.labels.get("kind") == "building":
        return True
    return photo.label("building")


_RULES: Mapping[Subject, Callable[[LabelledPhoto], bool | None]] = {
    Subject.PEOPLE: _people,
    Subject.CROWD: _crowd,
    Subject.CHILDREN: _children,
    Subject.FIREWORKS: _fireworks,
    Subject.BUILDINGS: _buildings,
}
