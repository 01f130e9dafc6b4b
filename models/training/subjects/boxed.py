"""Photos with a box around each person, and how well a detector finds those boxes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.instruments import PersonDetector
from models.training.datasets import open_photo
from models.training.split import held_out
from models.vocabulary import Detection, Image

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
        groups: Boxes around groups that were not told apart: neither right nor wrong to find.
    """

    key: str
    path: Path
    persons: tuple[Box, ...]
    groups: tuple[Box, ...] = ()

    @property
    def kept(self) -> bool:
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


def average_precision(
    detector: PersonDetector,
    photos: Sequence[BoxedPhoto],
    *,
    iou: float = 0.5,
    shown: Callable[[Image], Image] | None = None,
) -> tuple[float, int]:
    """Return the average precision, 0–1, of a detector's boxes, and how many boxes there are.

    Args:
        detector: What is measured.
        photos: Photos with their true boxes.
        iou: A detection is right when it overlaps a box that no better one took by this, 0–1.
        shown: What is done to a photo's pixels before the detector sees it; boxes stay.
    """
    scores: list[float] = []
    right: list[bool] = []
    for photo in photos:
        pixels = open_photo(photo.path, trim=False)
        found = detector.detect([shown(pixels) if shown else pixels])[0]
        for detection, verdict in zip(found, _verdicts(found, photo, iou), strict=True):
            if verdict is not None:
                scores.append(detection.score)
                right.append(verdict)
    total = sum(len(photo.persons) for photo in photos)
    return _area(np.asarray(scores), np.asarray(right, bool), total), total


def _verdicts(found: Sequence[Detection], photo: BoxedPhoto, iou: float) -> list[bool | None]:
    """Return right, wrong, or None where a detection lies in a group."""
    free = list(photo.persons)
    verdicts: list[bool | None] = []
    for detection in found:
        best = max(free, key=detection.box.iou, default=None)
        if best is not None and detection.box.iou(best) >= iou:
            free.remove(best)
            verdicts.append(True)
        elif any(detection.box.share_inside(group) > 0.5 for group in photo.groups):
            verdicts.append(None)
        else:
            verdicts.append(False)
    return verdicts


def _area(scores: NDArray[np.float64], right: NDArray[np.bool_], total: int) -> float:
    """Return the area under the precision envelope over recall."""
    if not total or not len(scores):
        return 0.0
    hits = np.cumsum(right[np.argsort(-scores, kind="stable")])
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    recall = np.concatenate(([0.0], hits / total))
    return float(np.sum(np.diff(recall) * envelope))
