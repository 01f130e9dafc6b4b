"""Labelled newspaper pages for training and evaluation, read from the data folder."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from presslens.models.geometry import Box
from presslens.models.vocabulary import Image

COCO_SETS = {"newspaper_pages": "photo", "newspaper_clippings_lokmat": "ImageArea"}
"""Sets in COCO form, and their category for photos."""

IGNORED = {"cutout"}
"""COCO categories that count neither as photos nor as mistakes."""

REAL = "real"
"""The condition of pages that were really printed."""

DOUBTFUL = Path(__file__).with_name("doubtful.csv")
"""Regions of real pages that the codebook calls no photo and their sets do, or the other way round:
a photo found there is neither right nor wrong."""

ONE = 0.9
"""A labelled box is the region of ``DOUBTFUL`` that it overlaps by this much."""

PHOTOGRAPHED = "photographed"
"""The condition of pages that were photographed where they lay."""


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """A page with its photos.

    Attributes:
        group: The edition or set that it belongs to.
        path: The picture.
        photos: Boxes of photos, in page pixels.
        ignored: Boxes in which a detected photo is neither right nor wrong.
        held_out: Whether it is only measured on and never trained on: every third page of a set.
        distractors: Boxes of pictures that are not photos but resemble them.
        condition: How a composed page was printed and scanned; "real" for a page of a newspaper.
    """

    group: str
    path: Path
    photos: tuple[Box, ...]
    ignored: tuple[Box, ...]
    held_out: bool = False
    distractors: tuple[Box, ...] = ()
    condition: str = REAL

    def image(self) -> Image:
        """Return the pixels, RGB."""
        return np.asarray(Pillow.open(self.path).convert("RGB"))


def labelled_pages(data: Path) -> Iterator[LabelledPage]:
    """Yield all labelled pages of a data folder; every third page of a set is held out."""
    sets = [_from_truth(t) for t in sorted((data / "newspaper_pages_full").glob("*/truth.json"))]
    sets += [_from_coco(data / name, category) for name, category in COCO_SETS.items()]
    doubtful = _doubtful()
    for pages in sets:
        for i, page in enumerate(pages):
            regions = doubtful.get((page.group, page.path.name), ())
            photos = [b for b in page.photos if all(b.iou(r) < ONE for r in regions)]
            ignored = (*page.ignored, *regions)
            yield replace(page, photos=tuple(photos), ignored=ignored, held_out=i % 3 == 1)


def _doubtful() -> dict[tuple[str, str], list[Box]]:
    """Return the doubtful regions of each page, by its set and its file."""
    regions: dict[tuple[str, str], list[Box]] = {}
    with DOUBTFUL.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            box = Box(*(float(row[side]) for side in ("x0", "y0", "x1", "y1")))
            regions.setdefault((row["set"], row["page"]), []).append(box)
    return regions


def composed_pages(folder: Path) -> Iterator[LabelledPage]:
    """Yield the pages of composed editions: every folder below that has a truth.json.

    Their group is "CONDITION, KIND"; none of them is ever trained on.
    """
    for truth in sorted(folder.rglob("truth.json")):
        edition = json.loads(truth.read_text(encoding="utf-8"))["edition"]
        condition, kind = edition["condition"], edition["kind"]
        for page in _from_truth(truth):
            yield replace(page, group=f"{condition}, {kind}", condition=condition, held_out=True)


def _from_truth(truth: Path) -> Iterator[LabelledPage]:
    edition = json.loads(truth.read_text(encoding="utf-8"))
    for page in edition["pages"]:
        path = truth.parent / page["file"]
        if not path.is_file():
            path = truth.parent / "pages" / page["file"]
        ignored = [d["box"] for d in page["distractors"] if d.get("ignore")]
        distractors = [d["box"] for d in page["distractors"] if not d.get("ignore")]
        photos = [p["box"] for p in page["photos"]]
        yield LabelledPage(
            truth.parent.name,
            path,
            tuple(Box(*box) for box in photos),
            tuple(Box(*box) for box in ignored),
            distractors=tuple(Box(*box) for box in distractors),
        )


def _from_coco(folder: Path, category: str) -> Iterator[LabelledPage]:
    labels = json.loads((folder / "annotations.json").read_text())
    names = {c["id"]: c["name"] for c in labels["categories"]}
    for image in labels["images"]:
        boxes: dict[str, list[Box]] = {}
        for mark in labels["annotations"]:
            if mark["image_id"] == image["id"]:
                x, y, w, h = mark["bbox"]
                boxes.setdefault(names[mark["category_id"]], []).append(Box(x, y, x + w, y + h))
        yield LabelledPage(
            folder.name,
            folder / "images" / Path(image["file_name"]).name,
            tuple(boxes.get(category, ())),
            tuple(box for name in IGNORED for box in boxes.get(name, ())),
        )
