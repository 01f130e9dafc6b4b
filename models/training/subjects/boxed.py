"""Photos with a box around each person, and the average precision of person detectors."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.geometry import Box
from models.instruments import PersonDetector
from models.training.average_precision import DetectedImage, average_precision
from models.training.datasets import open_photo
from models.training.split import held_out
from models.vocabulary import Image

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


def person_precision(
    detector: PersonDetector,
    photos: Sequence[BoxedPhoto],
    *,
    iou: float = 0.5,
    shown: Callable[[Image], Image] | None = None,
) -> tuple[float, int]:
    """Return the average precision, 0–1, of a detector's boxes, and the number of true boxes.

    Args:
        detector: The detector to measure.
        photos: Photos with their true boxes.
        iou: Least intersection over union of a match, 0–1.
        shown: Degrades a photo's pixels before the detector sees them; its boxes stay.
    """
    images = []
    for photo in photos:
        pixels = open_photo(photo.path, trim=False)
        detections = detector.detect([shown(pixels) if shown else pixels])[0]
        images.append(DetectedImage(detections, photo.persons, photo.groups))
    precision = average_precision(images, [iou], every_recall=True)
    return precision or 0.0, sum(len(photo.persons) for photo in photos)
