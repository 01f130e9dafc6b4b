"""The documents of the benchmark: COCO JSON of all boxes, and what COCO has no place for.

``instances.json`` has the boxes of photos on pages (category 1) and of people in single photos
(category 2), in pixels of the picture. ``truth.json`` has the rest: editions, the subjects of
photos, distractors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from presslens.samples.area import Area
from presslens.samples.benchmark.condition import CONDITIONS
from presslens.samples.benchmark.projection import Projection
from presslens.samples.benchmark.sheet import ComposedSheet
from presslens.samples.benchmark.version import BENCHMARK_VERSION

CATEGORIES = {"photo": 1, "person": 2}
IMAGES_A_CONDITION = 1000
"""Ids of images are this many times the number of their condition, plus that of their sheet."""


@dataclass(frozen=True, slots=True)
class ImageTruth:
    """A picture of a sheet in one condition, with all that is known of it."""

    image: dict[str, Any]  # its entry among the COCO images
    annotations: Sequence[dict[str, Any]]  # its COCO annotations, without ids
    distractors: Sequence[dict[str, Any]]  # boxes and kinds of what resembles photos
    pixels: str  # the sha256 of its pixels as they are decoded


def image_truth(
    sheet: ComposedSheet,
    number: int,
    condition: str,
    projection: Projection,
    file: str,
    pixels: str,
) -> ImageTruth:
    """Return the truth of a picture.

    Args:
        number: The number of the sheet, from 1.
        projection: Where the sheet is in the picture.
        file: The picture, relative to the folder of the benchmark.
        pixels: The sha256 of its pixels.
    """
    width, height = projection.size
    id_ = IMAGES_A_CONDITION * (1 + list(CONDITIONS).index(condition)) + number
    kind = "page" if sheet.photo is None else "photo"
    image = {"id": id_, "file_name": file, "width": width, "height": height, "kind": kind}
    image |= {"condition": condition, "sheet": sheet.name}
    if kind == "page":
        marks = [_annotation(id_, "photo", projection, photo["box"]) for photo in sheet.photos]
    else:
        image["people"] = sheet.people is not None
        marks = [
            _annotation(id_, "person", projection, person.area.box, crowd=not person.counts)
            for person in sheet.people or ()
        ]
    distractors = [{**d, "box": list(projection.box(d["box"]))} for d in sheet.distractors]
    return ImageTruth(image, marks, distractors, pixels)


def _annotation(
    image: int, category: str, projection: Projection, area: Sequence[float], *, crowd: bool = False
) -> dict[str, Any]:
    x0, y0, x1, y1 = projection.box(area)
    width, height = round(x1 - x0, 2), round(y1 - y0, 2)
    return {
        "image_id": image,
        "category_id": CATEGORIES[category],
        "bbox": [x0, y0, width, height],
        "area": round(width * height, 2),
        "segmentation": [[edge for point in projection.outline(area) for edge in point]],
        "iscrowd": int(crowd),
    }


def instances(truths: Sequence[ImageTruth], licences: Mapping[str, str]) -> dict[str, Any]:
    """Return the COCO JSON of all pictures.

    Args:
        truths: The pictures.
        licences: The licence of each source file.
    """
    names = sorted(set(licences.values()))
    marks = [mark for truth in truths for mark in truth.annotations]
    return {
        "info": {
            "description": "Presslens benchmark: detection on printed newspapers; composed",
            "version": BENCHMARK_VERSION,
        },
        "licenses": [{"id": i, "name": name} for i, name in enumerate(names, start=1)],
        "categories": [{"id": id_, "name": name} for name, id_ in CATEGORIES.items()],
        "images": [truth.image for truth in truths],
        "annotations": [{"id": i, **mark} for i, mark in enumerate(marks, start=1)],
    }


def further_truth(
    sheets: Sequence[ComposedSheet], truths: Sequence[ImageTruth], conditions: Sequence[str]
) -> dict[str, Any]:
    """Return what COCO has no place for.

    Args:
        sheets: All sheets; their pixels aren't used.
        truths: All pictures.
        conditions: The conditions, in the order of CONDITIONS.
    """
    distractors: dict[str, dict[str, Any]] = {}
    for truth in truths:
        of_sheet = distractors.setdefault(truth.image["sheet"], {})
        of_sheet[truth.image["condition"]] = truth.distractors
    pages = [
        {
            "sheet": sheet.name,
            **sheet.origin,
            "photos": [{"subjects": photo["subjects"]} for photo in sheet.photos],
            "distractors": distractors[sheet.name],
        }
        for sheet in sheets
        if sheet.photo is None
    ]
    photos = [
        {"sheet": sheet.name, **sheet.origin, "subjects": sheet.photos[0]["subjects"]}
        for sheet in sheets
        if sheet.photo is not None
    ]
    return {
        "benchmark": BENCHMARK_VERSION,
        "composed": True,
        "conditions": list(conditions),
        "pages": pages,
        "photos": photos,
    }


def cropped(projection: Projection, photo: Area) -> tuple[Projection, tuple[slice, slice]]:
    """Return the part of a picture around a single photo, as a finder of photos would cut it out.

    Returns:
        The projection into that part, and the rows and columns of the picture that it takes.
    """
    x0, y0, x1, y1 = projection.box(photo.box)
    left, top = int(x0), int(y0)
    right, bottom = -int(-x1 // 1), -int(-y1 // 1)
    part = projection.cut((left, top), (right - left, bottom - top))
    return part, (slice(top, bottom), slice(left, right))
