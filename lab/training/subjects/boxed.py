"""Photos with a box around each person, and the average precision of detected persons."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

from presslens.lab.training.average_precision import DetectedImage, average_precision
from presslens.lab.training.datasets import open_photo
from presslens.lab.training.newsprint import printed
from presslens.lab.training.printing import DEGRADATIONS
from presslens.lab.training.split import held_out
from presslens.models.accuracy import Measure
from presslens.models.geometry import Box
from presslens.models.vocabulary import Detection, Image

Detect: TypeAlias = Callable[[Image], Sequence[Detection]]
"""Returns the persons of a photo."""

DATASETS = ("coco256", "coco_mini", "coco_person_stretched")
"""The sets with a box a person (COCO annotations)."""

HELD_OUT = 0.3
"""Share of the boxed photos that no detector of the project is trained on."""


@dataclass(frozen=True, slots=True)
class BoxedPhoto:
    """A photo and its persons.

    Attributes:
        key: Set and file name.
        path: The image file.
        persons: A box each, photo pixels.
        groups: Boxes around groups of unseparated persons: a detection inside is not counted.
    """

    key: str
    path: Path
    persons: tuple[Box, ...]
    groups: tuple[Box, ...] = ()

    @property
    def held_out(self) -> bool:
        """Whether the photo is held out of training for good."""
        return held_out(self.key, HELD_OUT)


def read_boxed(data: Path) -> list[BoxedPhoto]:
    """Return all photos with person boxes, those without a person too."""
    return [photo for name in DATASETS for photo in _read(data / name)]


def _read(folder: Path) -> list[BoxedPhoto]:
    coco = json.loads((folder / "annotations.json").read_text())
    person = next(entry["id"] for entry in coco["categories"] if entry["name"] == "person")
    boxes: dict[tuple[int, bool], list[Box]] = {}
    for entry in coco["annotations"]:
        if entry["category_id"] == person:
            x, y, width, height = entry["bbox"]
            key = entry["image_id"], bool(entry.get("iscrowd"))
            boxes.setdefault(key, []).append(Box(x, y, x + width, y + height))
    return [
        BoxedPhoto(
            f"{folder.name}/{image['file_name']}",
            folder / "images" / image["file_name"],
            tuple(boxes.get((image["id"], False), ())),
            tuple(boxes.get((image["id"], True), ())),
        )
        for image in coco["images"]
    ]


HALFTONE = "halftone 85 lpi"

METHOD = "on photos that are never trained on, by hash; the start network saw some of them"


def evaluate_persons(data: Path, detect: Detect) -> list[Measure]:
    """Return the average precision of persons on held-out photos, as they are and in print.

    Args:
        data: The folder of labelled photos.
        detect: The detector to measure.
    """
    photos = [photo for photo in read_boxed(data) if photo.held_out]
    boxes = sum(len(photo.persons) for photo in photos)
    measures = []
    for name in ("as it is", "as printed", HALFTONE):
        images = detected(detect, photos, shown=_shown(name))
        data_name = f"COCO photos {name}, held out: {len(photos)} photos"
        for iou, what in ((0.5, "AP50"), (0.75, "AP75")):
            precision = average_precision(images, [iou], every_recall=True) or 0.0
            measures.append(Measure("persons", what, data_name, boxes, precision, None, METHOD))
    return measures


def _shown(name: str) -> Callable[[Image], Image] | None:
    if name == "as printed":
        return partial(printed, rng=np.random.default_rng(1))
    return DEGRADATIONS.get(name)


def detected(
    detect: Detect,
    photos: Sequence[BoxedPhoto],
    *,
    shown: Callable[[Image], Image] | None = None,
) -> list[DetectedImage]:
    """Return what a detector finds on photos, beside their true boxes.

    Args:
        detect: The detector to measure.
        photos: Photos with their true boxes.
        shown: Degrades a photo's pixels before the detector sees them; its boxes stay.
    """
    images = []
    for photo in photos:
        pixels = open_photo(photo.path, trim=False)
        persons = detect(shown(pixels) if shown else pixels)
        images.append(DetectedImage(persons, photo.persons, photo.groups))
    return images
