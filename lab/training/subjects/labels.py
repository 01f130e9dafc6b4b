"""The truth of each subject, by the labels of each set and the project's own.

The project's own labels are tables beside this module; ``lab/training/README.md`` names the
readers and the rules.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from presslens.lab.training.datasets import PORTRAITS, LabelledPhoto, Row, margin
from presslens.models.geometry import Box
from presslens.models.subjects.counting import CROWD
from presslens.models.vocabulary import Subject

HERE = Path(__file__).parent
PEOPLE = HERE / "people.csv"
"""Numbers of people and children in a photo, with the range that the labeller was sure of."""

BOXES = HERE / "boxes.csv"
"""Boxes around fireworks, buildings, crowds and children, in pixels of the file."""

BUILDINGS = HERE / "buildings.csv"
"""Whether exterior architecture is clearly in view, labelled a second time."""

LABELS = {
    Subject.FIREWORKS: "fireworks",
    Subject.BUILDINGS: "building",
    Subject.CROWD: "crowd",
    Subject.CHILDREN: "child",
}
"""The label of each subject's boxes."""


class Count(NamedTuple):
    """A count by eye, and the range that it lies in for sure."""

    low: float
    best: float
    high: float


_FEW = 10
"""Persons up to which a photo with all its persons boxed is no crowd."""

_BUILT = 0.2
"""Share of building pixels from which exterior architecture is clearly in view."""

_PORTRAYED = {Subject.PEOPLE: True, Subject.CHILDREN: False, Subject.FIREWORKS: False}
"""What portraits of public figures show; what stands behind them nobody has labelled."""

_NO_FIREWORKS = ("coco256", "children_school", "people_events_web", "facility_web")
"""Sets without a column for fireworks, and without fireworks."""


def truth(photo: LabelledPhoto, subject: Subject) -> bool | None:
    """Return whether a photo shows a subject, by its set's labels; None where nobody knows."""
    if photo.dataset == PORTRAITS:
        return _PORTRAYED.get(subject)
    return _RULES[subject](photo)


def counted_people(photo: LabelledPhoto) -> Count | None:
    """Return how many people a photo shows; None where nobody counted."""
    labels = photo.labels
    if row := _counts().get(photo.key):
        return _range(row)
    if "people" in labels:
        return _range(labels)
    exact = labels.get("n_points")
    if exact is None and photo.dataset == "coco256" and labels["person_crowd_region"] == "0":
        exact = labels["n_person_boxes"]
    if exact is None and photo.dataset == "coco_mini" and labels["person_iscrowd"] == "0":
        exact = labels["n_person"] or None
    return Count(*[float(exact)] * 3) if exact is not None else None


def _range(row: Row) -> Count:
    return Count(float(row["low"]), float(row["people"]), float(row["high"]))


def counted_children(photo: LabelledPhoto) -> Count | None:
    """Return how many children a photo shows; None where nobody counted."""
    if row := _counts().get(photo.key):
        low, best, high = (row[f"children{end}"] for end in ("_low", "", "_high"))
        return Count(float(low), float(best), float(high)) if "?" not in low + best + high else None
    if photo.label("children") is False:
        return Count(0.0, 0.0, 0.0)
    written = photo.labels.get("child_count", "?")
    return Count(*[float(written)] * 3) if written != "?" else None


def drawn_boxes(photo: LabelledPhoto, subject: Subject) -> tuple[Box, ...]:
    """Return the boxes drawn around a subject, in pixels of the photo without white margins."""
    boxes = _boxes().get((photo.key, LABELS[subject]), [])
    if not boxes:
        return ()
    top = margin(photo.path)
    return tuple(box.moved(0, -top) for box in boxes)


@cache
def _counts() -> dict[str, Row]:
    return {row["photo"]: row for row in _rows(PEOPLE)}


@cache
def _boxes() -> dict[tuple[str, str], list[Box]]:
    boxes: dict[tuple[str, str], list[Box]] = defaultdict(list)
    for row in _rows(BOXES):
        corners = (float(row[name]) for name in ("x0", "y0", "x1", "y1"))
        boxes[row["photo"], row["label"]].append(Box(*corners))
    return dict(boxes)


@cache
def _built() -> dict[str, str]:
    return {row["photo"]: row["building"] for row in _rows(BUILDINGS)}


def _rows(path: Path) -> Iterator[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _people(photo: LabelledPhoto) -> bool | None:
    labels = photo.labels
    if counted := counted_people(photo):
        return counted.best > 0
    if bucket := labels.get("people_bucket"):
        return bucket != "0"
    if persons := labels.get("n_person_boxes") or labels.get("n_person"):
        return int(persons) > 0
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
    if "crowd" not in labels and (counted := counted_people(photo)):
        return False if counted.high < CROWD else None
    return photo.label("crowd")


def _children(photo: LabelledPhoto) -> bool | None:
    if photo.dataset == "facility_web":
        return False if photo.label("person") is False else None
    return photo.label("children")


def _fireworks(photo: LabelledPhoto) -> bool | None:
    return False if photo.dataset in _NO_FIREWORKS else photo.label("fireworks")


def _buildings(photo: LabelledPhoto) -> bool | None:
    if again := _built().get(photo.key):
        return {"1": True, "0": False}.get(again)
    share = photo.labels.get("frac_building")
    if share is not None:
        built = float(share or 0)
        return None if share == "" or 0 < built < _BUILT else built > 0
    if photo.labels.get("kind") == "building":
        return True
    return photo.label("buildings" if "buildings" in photo.labels else "building")


_RULES: Mapping[Subject, Callable[[LabelledPhoto], bool | None]] = {
    Subject.PEOPLE: _people,
    Subject.CROWD: _crowd,
    Subject.CHILDREN: _children,
    Subject.FIREWORKS: _fireworks,
    Subject.BUILDINGS: _buildings,
}
